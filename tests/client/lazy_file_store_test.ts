import assert from "node:assert/strict";
import { isCodexError } from "../../src/base/errors.ts";
import { fileStore } from "../../src/client/lazy_file_store.ts";
import { storeContract } from "../../testing.ts";
import { TempDir } from "../support/temp_dir.ts";

storeContract(async () => {
  const dir = await TempDir.make();
  return {
    open: () => fileStore(dir.join("auth.json")),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}, { name: "fileStore() of the library", test: Deno.test });

Deno.test("fileStore() of the library says where it keeps what, before it is used", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("auth.json");
  const store = fileStore({ path: new URL(`file://${path}`), profile: "work" });
  assert.deepEqual([store.origin, store.renewable, store.path], ["file", true, path]);
  assert.equal(store.unsaved, undefined);
  await store.update(() =>
    Promise.resolve({ next: { type: "api", key: "sk-0123456789" }, value: 1 })
  );
  assert.deepEqual(await store.profiles(), ["work"]);
  assert.equal(store.unsaved, undefined);
});

Deno.test("fileStore() of the library refuses at once what it could not use later", () => {
  for (const place of [new URL("https://host/auth.json"), { profile: "a b" }]) {
    assert.throws(() => fileStore(place), (error) => isCodexError(error, "invalid_usage"));
  }
});
