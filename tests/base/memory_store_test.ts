import assert from "node:assert/strict";
import type { Credentials } from "../../src/base/credentials.ts";
import { memoryStore } from "../../src/base/memory_store.ts";

const key = (name: string): Credentials => ({ type: "api", key: name });

Deno.test("memoryStore() begins with what it is given, or with nothing", async () => {
  assert.equal(await memoryStore().read(), undefined);
  assert.deepEqual(await memoryStore(key("a")).read(), key("a"));
  assert.deepEqual(memoryStore(key("a")).snapshot(), key("a"));
});

Deno.test("memoryStore() update() shows the present value, keeps the next and returns a value", async () => {
  const store = memoryStore(key("a"));
  const value = await store.update((current) => {
    assert.deepEqual(current, key("a"));
    return Promise.resolve({ next: key("b"), value: 7 });
  });
  assert.equal(value, 7);
  assert.deepEqual(store.snapshot(), key("b"));
  await store.update(() => Promise.resolve({ next: undefined, value: null }));
  assert.equal(await store.read(), undefined);
});

Deno.test("memoryStore() update() changes nothing when its callback rejects", async () => {
  const store = memoryStore(key("a"));
  await assert.rejects(store.update(() => Promise.reject(new Error("no"))), /no/);
  assert.deepEqual(store.snapshot(), key("a"));
  assert.equal(await store.update((now) => Promise.resolve({ next: now, value: "on" })), "on");
});

Deno.test("memoryStore() update() lets one callback at a time in, in order", async () => {
  const store = memoryStore(key("0"));
  let inside = 0;
  const seen: string[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, number) =>
      store.update(async (current) => {
        assert.equal(++inside, 1, "alone");
        for (let turn = 0; turn < 3; turn++) await Promise.resolve();
        inside--;
        seen.push(current?.type === "api" ? current.key : "none");
        return { next: key(String(number + 1)), value: undefined };
      })),
  );
  assert.deepEqual(seen, Array.from({ length: 20 }, (_, number) => String(number)));
});

Deno.test("memoryStore() read() does not wait for an update that is under way", async () => {
  const store = memoryStore(key("a"));
  const { promise, resolve } = Promise.withResolvers<void>();
  const updating = store.update(async () => {
    await promise;
    return { next: key("b"), value: undefined };
  });
  assert.deepEqual(await store.read(), key("a"));
  resolve();
  await updating;
  assert.deepEqual(await store.read(), key("b"));
});

Deno.test("memoryStore() update() gives up its place when it is aborted, and the next one still waits", async () => {
  const store = memoryStore(key("a"));
  const order: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = store.update(async () => {
    await promise;
    order.push("first");
    return { next: key("b"), value: undefined };
  });
  const controller = new AbortController();
  const second = store.update(() => {
    order.push("second");
    return Promise.resolve({ next: key("c"), value: undefined });
  }, { signal: controller.signal });
  const third = store.update((current) => {
    order.push("third");
    return Promise.resolve({ next: current, value: current });
  });
  controller.abort("enough");
  await assert.rejects(second, (error) => error === "enough");
  assert.deepEqual(order, [], "the third waits for the first although the second has left");
  resolve();
  await first;
  assert.deepEqual(await third, key("b"));
  assert.deepEqual(order, ["first", "third"]);
});

Deno.test("memoryStore() update() does not begin when it is already aborted", async () => {
  const store = memoryStore(key("a"));
  const signal = AbortSignal.abort("before");
  const never = () => Promise.reject(new Error("called"));
  await assert.rejects(store.update(never, { signal }), (error) => error === "before");
  assert.equal(await store.update((now) => Promise.resolve({ next: now, value: 1 })), 1);
});

Deno.test("memoryStore() refuses what is no sign-in, and holds what it held", async () => {
  const odd: readonly unknown[] = ["x", { type: "oauth" }, null];
  for (const initial of odd) {
    // @ts-expect-error: as a caller without types may
    assert.throws(() => memoryStore(initial), { code: "invalid_usage" });
  }
  const store = memoryStore(key("a"));
  for (const next of odd) {
    // @ts-expect-error: as a caller without types may
    await assert.rejects(store.update(() => Promise.resolve({ next, value: 1 })), {
      code: "invalid_usage",
    });
  }
  assert.deepEqual(await store.read(), key("a"));
});
