import assert from "node:assert/strict";
import {
  asideIn,
  isLeftoverName,
  removeLeftovers,
  temporaryIn,
} from "../../../../src/agent/tools/patch/leftovers.ts";
import { TempDir } from "../../../support/temp_dir.ts";

const HOUR = 60 * 60 * 1000;
const later = (): number => Date.now() + HOUR + 60_000;

Deno.test("temporaryIn() and asideIn() give names that isLeftoverName() knows", () => {
  for (const path of [temporaryIn("/a"), asideIn("/a")]) {
    assert.match(path, /^\/a\/[^/]+\.tmp$/);
    assert.ok(isLeftoverName(path.slice(3)), path);
  }
  assert.notEqual(temporaryIn("/a"), temporaryIn("/a"));
  assert.match(temporaryIn("/"), /^\/\.apply_patch\./);
  for (
    const name of [
      "apply_patch.0123456789abcdef.tmp",
      ".apply_patch.0123.tmp",
      ".apply_patch.0123456789abcdef.txt",
      ".apply_patch.0123456789abcdef.tmp.b",
    ]
  ) assert.ok(!isLeftoverName(name), name);
});

Deno.test("removeLeftovers() removes contents of dead runs, and nothing else", async () => {
  await using dir = await TempDir.make();
  const dead = temporaryIn(dir.path);
  await Deno.writeTextFile(dead, "new");
  const folder = temporaryIn(dir.path);
  await Deno.mkdir(folder);
  const link = temporaryIn(dir.path);
  await Deno.symlink("a.txt", link);
  await dir.write("a.txt", "a");
  await dir.write(".apply_patch.mine.tmp", "mine");
  removeLeftovers([dir.path, dir.join("nothing"), dir.path], later());
  assert.deepEqual(
    await dir.list(),
    [folder, link].map((path) => path.slice(dir.path.length + 1))
      .concat("a.txt", ".apply_patch.mine.tmp").sort(),
  );
});

Deno.test("removeLeftovers() leaves what a run may still be at work on, however old its content", async () => {
  await using dir = await TempDir.make();
  const young = temporaryIn(dir.path);
  await Deno.writeTextFile(young, "new");
  await Deno.utime(young, new Date(0), new Date(0));
  removeLeftovers([dir.path]);
  removeLeftovers([dir.path], Date.now() + HOUR - 60_000);
  assert.equal((await dir.list()).length, 1);
});

Deno.test("removeLeftovers() leaves the only copy of what was set aside", async () => {
  await using dir = await TempDir.make();
  const only = asideIn(dir.path);
  await Deno.writeTextFile(only, "old");
  const second = asideIn(dir.path);
  await Deno.link(await dir.write("a.txt", "a"), second);
  removeLeftovers([dir.path], later());
  assert.deepEqual(await dir.list(), [only.slice(dir.path.length + 1), "a.txt"]);
});
