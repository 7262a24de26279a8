import assert from "node:assert/strict";
import { fileStore } from "../../src/auth/store/file_store.ts";
import { envStore } from "../../src/auth/store/env_store.ts";
import type { Credentials, CredentialStore, StoreUpdate } from "../../src/base/credentials.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import { storeContract, type StorePlace } from "../../src/testing/store_contract.ts";
import { TempDir } from "../support/temp_dir.ts";

storeContract(() => {
  const store = memoryStore();
  return { open: () => store };
}, { name: "memoryStore()", test: Deno.test });

storeContract(async () => {
  const dir = await TempDir.make();
  return {
    open: () => fileStore(dir.join("codex", "auth.json")),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}, { name: "fileStore()", test: Deno.test });

storeContract(async () => {
  const dir = await TempDir.make();
  return {
    open: () => fileStore({ path: dir.join("auth.json"), profile: "work" }),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}, { name: "fileStore() with a profile", test: Deno.test });

/** Runs the suite and gives the names of the tests that failed, without what they begin with. */
async function failures(make: () => StorePlace): Promise<string[]> {
  const tests: [name: string, fn: () => Promise<void>][] = [];
  storeContract(make, { test: (name, fn) => tests.push([name, fn]) });
  const failed: string[] = [];
  for (const [name, fn] of tests) {
    assert.ok(name.startsWith("store "), name);
    await fn().catch(() => failed.push(name.slice("store ".length)));
  }
  return failed;
}

type Fn<T> = (current: Credentials | undefined) => Promise<StoreUpdate<T>>;

/** A place that does everything right but exclude. */
function withoutExclusion(): StorePlace {
  let held: Credentials | undefined;
  const store: CredentialStore = {
    read: () => Promise.resolve(held),
    async update<T>(fn: Fn<T>, options?: { readonly signal?: AbortSignal | undefined }) {
      options?.signal?.throwIfAborted();
      const { next, value } = await fn(held);
      held = next;
      return value;
    },
  };
  return { open: () => store };
}

Deno.test("storeContract() finds a store that lets two updates in at once", async () => {
  const failed = await failures(withoutExclusion);
  for (
    const sentence of [
      "runs one update at a time",
      "runs one update at a time across two stores of one place",
      "loses none of many updates",
      "gives up waiting with the signal's reason",
    ]
  ) assert.ok(failed.includes(sentence), sentence);
  assert.ok(!failed.includes("reads what an update has stored"));
});

Deno.test("storeContract() finds stores that exclude each only themselves", async () => {
  const failed = await failures(() => {
    let held: Credentials | undefined;
    return {
      open() {
        const own = memoryStore();
        return {
          read: () => Promise.resolve(held),
          update: (fn, options) =>
            own.update(async () => {
              const { next, value } = await fn(held);
              held = next;
              return { next, value };
            }, options),
        };
      },
    };
  });
  assert.ok(!failed.includes("runs one update at a time"));
  assert.ok(failed.includes("runs one update at a time across two stores of one place"));
});

Deno.test("storeContract() finds a store that forgets members", async () => {
  const failed = await failures(() => {
    const store = memoryStore();
    return {
      open: () => ({
        ...store,
        update: (fn, options) =>
          store.update(async (current) => {
            const { next, value } = await fn(current);
            const { type, refresh, access, expires } = next?.type === "oauth" ? next : {
              type: "oauth" as const,
              refresh: "",
              access: "",
              expires: 0,
            };
            return { next: next && { type, refresh, access, expires }, value };
          }, options),
      }),
    };
  });
  assert.ok(failed.includes("keeps every member of a sign-in"));
  assert.ok(failed.includes("keeps an API key"));
});

Deno.test("storeContract() finds a store that writes although the callback rejected", async () => {
  const failed = await failures(() => {
    const store = memoryStore();
    return {
      open: () => ({
        ...store,
        async update(fn, options) {
          let ran = false;
          try {
            return await store.update((current) => {
              ran = true;
              return fn(current);
            }, options);
          } catch (error) {
            if (ran) await store.update(() => Promise.resolve({ next: undefined, value: 0 }));
            throw error;
          }
        },
      }),
    };
  });
  assert.deepEqual(failed, ["changes nothing when the callback rejects"]);
});

Deno.test("storeContract() finds a store that is never changed", async () => {
  const failed = await failures(() => ({ open: () => envStore({ env: () => undefined }) }));
  assert.ok(failed.length >= 10);
});

Deno.test("storeContract() disposes of each place, of one whose test failed too", async () => {
  let open = 0;
  await failures(() => {
    open++;
    return {
      ...withoutExclusion(),
      [Symbol.asyncDispose]: () => {
        open--;
        return Promise.resolve();
      },
    };
  });
  assert.equal(open, 0);
});
