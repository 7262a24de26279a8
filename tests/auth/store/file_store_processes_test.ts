import assert from "node:assert/strict";
import { TempDir } from "../../support/temp_dir.ts";
import { fileText, runStoreProcess, signIn } from "./support.ts";

// tests/soak/kill_store.ts does this with 16 processes and 25 updates each.
Deno.test("fileStore() loses none of the updates of four processes", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(0)), 0o600);
  const results = await Promise.all(
    Array.from({ length: 4 }, () => runStoreProcess({ path, times: 10 })),
  );
  for (const { error, unsaved } of results) assert.deepEqual([error, unsaved], [undefined, false]);
  assert.equal(
    await dir.read("auth.json"),
    fileText({ ...signIn(40), refresh: "rt_40" }),
  );
  assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
});

Deno.test("fileStore() keeps the entries of several profiles that processes update at once", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("auth.json");
  const profiles = ["default", "work", "home"];
  await Promise.all(profiles.map((profile) => runStoreProcess({ path, profile, next: signIn(1) })));
  const file = JSON.parse(await dir.read("auth.json"));
  assert.deepEqual(Object.keys(file).sort(), ["openai", "openai@home", "openai@work"]);
  for (const entry of Object.values(file)) assert.deepEqual(entry, signIn(1));
});
