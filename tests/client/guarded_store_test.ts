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
