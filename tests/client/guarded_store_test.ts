import assert from "node:assert/strict";
import type { CredentialStore } from "../../src/base/credentials.ts";
import { CodexError } from "../../src/base/errors.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import { guardedStore } from "../../src/client/guarded_store.ts";

const KEY = { type: "api", key: "sk-example-key-1" } as const;
const SAME = <T>(current: T) => Promise.resolve({ next: current, value: "value" });

/** A store whose place is gone. */
const broken: CredentialStore = {
  read: () => Promise.reject(new Error("ECONNREFUSED sk-example-key-1")),
  update: () => Promise.reject(new Error("ECONNREFUSED")),
};

Deno.test("guardedStore() gives what the store gives", async () => {
  const store = guardedStore(memoryStore(KEY));
  assert.deepEqual(await store.read(), KEY);
  assert.equal(await store.update(SAME), "value");
});

Deno.test("guardedStore() keeps what the store says of itself", () => {
  const store = guardedStore({ ...broken, origin: "environment", renewable: false });
  assert.deepEqual([store.origin, store.renewable], ["environment", false]);
  assert.equal(guardedStore(broken).renewable, true, "absent means yes");
});

Deno.test("guardedStore() tells a store's own failure as store_unavailable, without a secret", async () => {
  const store = guardedStore(broken);
  await assert.rejects(store.read(), (error) => {
    assert.ok(error instanceof CodexError);
    assert.equal(error.code, "store_unavailable");
    assert.equal(error.message, "The credential store failed: ECONNREFUSED ***");
    return true;
  });
  await assert.rejects(store.update(SAME), { code: "store_unavailable" });
});

Deno.test("guardedStore() lets through what the callback throws, and an abort's reason", async () => {
  const own = new Error("of the callback");
  const store = guardedStore(memoryStore(KEY));
  await assert.rejects(store.update(() => Promise.reject(own)), own);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(store.update(SAME, { signal }), reason);
});

/** A store of somebody without types. */
function odd(parts: Record<string, unknown>): CredentialStore {
  return { ...broken, ...parts } as CredentialStore;
}

Deno.test("guardedStore() takes null for nobody, in an update too", async () => {
  const store = guardedStore(odd({
    read: () => Promise.resolve(null),
    update: async (fn: (given: unknown) => Promise<{ value: unknown }>) => (await fn(null)).value,
  }));
  assert.equal(await store.read(), undefined);
  const given = await store.update((current) => Promise.resolve({ next: current, value: current }));
  assert.equal(given, undefined);
});

Deno.test("guardedStore() names a store that gives what is no sign-in", async () => {
  for (const given of ["sk-example-key-1", {}, { openai: KEY }, { type: "oauth", access: "a" }]) {
    let ran = false;
    const store = guardedStore(odd({
      read: () => Promise.resolve(given),
      update: (fn: (given: unknown) => Promise<unknown>) => fn(given),
    }));
    const named = { code: "store_unavailable", message: /^The credential store does not work: / };
    await assert.rejects(store.read(), named);
    await assert.rejects(
      store.update((next) => {
        ran = true;
        return Promise.resolve({ next, value: 1 });
      }),
      named,
    );
    assert.ok(!ran, "nothing is decided over it");
  }
});

Deno.test("guardedStore() names a store that does not call, or does not give back the value", async () => {
  const silent = guardedStore(odd({ update: () => Promise.resolve() }));
  await assert.rejects(silent.update(SAME), {
    code: "store_unavailable",
    message: /does not call what it is given/,
  });
  const lossy = guardedStore(odd({
    update: async (fn: (given: unknown) => Promise<unknown>) => void await fn(undefined),
  }));
  await assert.rejects(lossy.update(SAME), {
    code: "store_unavailable",
    message: /does not give back the `value`/,
  });
  const nothing = await lossy.update(() => Promise.resolve({ next: undefined, value: undefined }));
  assert.equal(nothing, undefined, "there was none to give back");
});

Deno.test("guardedStore() ends the wait of a store that does not heed the signal", async () => {
  const controller = new AbortController();
  const { promise: lock, resolve: unlock } = Promise.withResolvers<void>();
  let calls = 0;
  let late: Promise<unknown> | undefined;
  const store = guardedStore(odd({
    update(fn: (given: unknown) => Promise<unknown>) {
      late = lock.then(() => fn(undefined));
      return late;
    },
  }));
  const update = store.update(() => {
    calls++;
    return Promise.resolve({ next: undefined, value: 1 });
  }, { signal: controller.signal });
  controller.abort("enough");
  await assert.rejects(update, (reason) => reason === "enough");
  unlock();
  await assert.rejects(late ?? lock, (reason) => reason === "enough");
  assert.equal(calls, 0, "nothing is decided for who has left");
});

Deno.test("guardedStore() waits for a callback that has begun", async () => {
  const controller = new AbortController();
  const { promise: answer, resolve } = Promise.withResolvers<void>();
  const store = guardedStore(odd({
    update: async (fn: (given: unknown) => Promise<{ value: unknown }>) => (await fn(KEY)).value,
  }));
  const update = store.update(async (next) => {
    await answer;
    return { next, value: "kept" };
  }, { signal: controller.signal });
  controller.abort("enough");
  resolve();
  assert.equal(await update, "kept");
});
