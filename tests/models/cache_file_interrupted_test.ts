import assert from "node:assert/strict";
import { cacheFileBeside } from "../../src/models/cache_file.ts";
import { TempDir } from "../support/temp_dir.ts";

Deno.test("cacheFileBeside() writes at one go, so that an interruption leaves no temporary file", async () => {
  await using dir = await TempDir.make();
  const writing = cacheFileBeside(dir.join("auth.json")).write("{}");
  // What a command that ends now would leave.
  const left = [...Deno.readDirSync(dir.path)].map(({ name }) => name);
  assert.deepEqual(left, ["auth.models.json"]);
  await writing;
});

Deno.test("cacheFileBeside() leaves nothing behind where it cannot write", async () => {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("auth.models.json"));
  await assert.rejects(cacheFileBeside(dir.join("auth.json")).write("{}"));
  assert.deepEqual(await dir.list(), ["auth.models.json"]);
});
