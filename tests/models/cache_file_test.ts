import assert from "node:assert/strict";
import { modelCache } from "../../src/models/cache.ts";
import { cacheFileBeside } from "../../src/models/cache_file.ts";
import { TempDir } from "../support/temp_dir.ts";

for (
  const [authFile, name] of [
    ["auth.json", "auth.models.json"],
    ["work.json", "work.models.json"],
    ["auth", "auth.models.json"],
    ["auth.json.bak", "auth.json.bak.models.json"],
    ["authXjson", "authXjson.models.json"],
  ] as const
) {
  Deno.test(`cacheFileBeside() puts the cache of ${authFile} into ${name}`, async () => {
    await using dir = await TempDir.make();
    await cacheFileBeside(dir.join(authFile)).write("{}");
    assert.deepEqual(await dir.list(), [name]);
    assert.equal(await dir.read(name), "{}");
  });
}

Deno.test("cacheFileBeside() writes for its owner alone, and replaces the file as a whole", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.models.json", "old, and longer than the new one", 0o644);
  const file = cacheFileBeside(dir.join("auth.json"));
  await file.write("new");
  assert.equal(await file.read(), "new");
  const { mode } = await Deno.stat(dir.join("auth.models.json"));
  assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(await dir.list(), ["auth.models.json"], "nothing is left beside it");
});

Deno.test("cacheFileBeside() replaces a symbolic link and leaves alone what it points at", async () => {
  await using dir = await TempDir.make();
  const target = await dir.write("precious.txt", "precious");
  await Deno.symlink(target, dir.join("auth.models.json"));
  await cacheFileBeside(dir.join("auth.json")).write("{}");
  assert.equal(await dir.read("precious.txt"), "precious");
  assert.ok((await Deno.lstat(dir.join("auth.models.json"))).isFile);
});

Deno.test("cacheFileBeside() reads nothing where there is nothing to read", async () => {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("folder.models.json"));
  for (const name of ["auth.json", "missing/auth.json", "folder.json"]) {
    assert.equal(await cacheFileBeside(dir.join(name)).read(), undefined, name);
  }
});

Deno.test("cacheFileBeside() makes no folder, and a cache without a place does without", async () => {
  await using dir = await TempDir.make();
  const file = cacheFileBeside(dir.join("missing", "auth.json"));
  await assert.rejects(file.write("{}"), Deno.errors.NotFound);
  const cache = modelCache(file);
  await cache.write("one", { fetchedAt: 1, models: [], shapes: {} });
  assert.equal(await cache.read("one"), undefined);
  assert.deepEqual(await dir.list(), []);
});
