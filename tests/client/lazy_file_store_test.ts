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

Deno.test("fileStore() of the library takes nothing else for the command's own file", () => {
  const told = [
    { file: "/a" },
    { pth: "/a" },
    5,
    "",
    null,
    [],
    { path: "" },
    { lockTimeoutMs: -5 },
    { lockTimeoutMs: NaN },
    { onWarning: "x" },
  ].map((place) => {
    try {
      // @ts-expect-error: as a caller without types may
      fileStore(place);
    } catch (error) {
      if (isCodexError(error, "invalid_usage")) return `${error.message} (${error.hint})`;
    }
    return "taken";
  });
  assert.ok(told.every((text) => text !== "taken"), told.join("\n"));
  assert.equal(
    told[1],
    "options.pth is not known here (Leave it out; the nearest that there is: options.path)",
  );
});

Deno.test("fileStore() of the library writes nothing that is no sign-in", async () => {
  await using dir = await TempDir.make();
  const store = fileStore(dir.join("auth.json"));
  // @ts-expect-error: as a caller without types may
  await assert.rejects(store.update(() => Promise.resolve({ next: 5, value: 1 })), (error) => {
    return isCodexError(error, "invalid_usage");
  });
  // @ts-expect-error: as a caller without types may
  await assert.rejects(store.update(() => Promise.resolve()), (error) => {
    return isCodexError(error, "invalid_usage");
  });
  await assert.rejects(Deno.stat(dir.join("auth.json")), Deno.errors.NotFound);
  assert.equal(await store.read(), undefined);
});
