import assert from "node:assert/strict";
import { holdPlaces } from "../../../src/agent/sandbox/placeholders.ts";
import { PROTECTED_NAMES } from "../../../src/agent/sandbox/protected.ts";
import { TempDir } from "../../support/temp_dir.ts";

Deno.test("holdPlaces() makes what is missing, and takes it away again", async () => {
  await using dir = await TempDir.make();
  await dir.write(".git/config", "");
  {
    using places = await holdPlaces([dir.path]);
    assert.deepEqual(
      [...places.paths].sort(),
      [".agents", ".codex", ".envrc", ".husky", ".vscode"]
        .map((name) => dir.join(name)),
    );
    assert.deepEqual(await dir.list(), [...PROTECTED_NAMES].sort());
  }
  assert.deepEqual(await dir.list(), [".git"]);
  assert.deepEqual(await dir.list(".git"), ["config"]);
});

Deno.test("holdPlaces() leaves places to whoever still needs them", async () => {
  await using dir = await TempDir.make();
  const first = await holdPlaces([dir.path]);
  const second = await holdPlaces([dir.path]);
  // They exist already, and are protected as what exists.
  assert.deepEqual(second.paths, []);
  first[Symbol.dispose]();
  assert.equal((await dir.list()).length, PROTECTED_NAMES.length);
  second[Symbol.dispose]();
  assert.deepEqual(await dir.list(), []);
});

Deno.test("holdPlaces() removes what a killed process left, and nothing of the user's", async () => {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join(".codex"));
  await Deno.chmod(dir.join(".codex"), 0o1555);
  await Deno.mkdir(dir.join(".husky"));
  await dir.write(".vscode/tasks.json", "");
  await Deno.chmod(dir.join(".vscode"), 0o1555);
  (await holdPlaces([dir.path]))[Symbol.dispose]();
  assert.deepEqual(await dir.list(), [".husky", ".vscode"]);
  await Deno.chmod(dir.join(".vscode"), 0o755);
});

Deno.test("holdPlaces() does without a lock that a stranger keeps, and leaves its places", async () => {
  await using dir = await TempDir.make();
  {
    using stranger = await Deno.open(dir.path);
    await stranger.lock(true);
    (await holdPlaces([dir.path]))[Symbol.dispose]();
    assert.equal((await dir.list()).length, PROTECTED_NAMES.length);
  }
  (await holdPlaces([dir.path]))[Symbol.dispose]();
  assert.deepEqual(await dir.list(), []);
});

Deno.test("holdPlaces() keeps the folders of secrets that are in reach", async () => {
  await using dir = await TempDir.make();
  await dir.write("home/file", "");
  const places = [".ssh", ".config/gh"].map((name) => dir.join("home", name));
  {
    using held = await holdPlaces([dir.path], places);
    assert.ok(held.paths.includes(dir.join("home/.ssh")));
    // Nothing is made for what has no folder to be in.
    assert.deepEqual(await dir.list("home"), [".ssh", "file"]);
  }
  assert.deepEqual(await dir.list("home"), ["file"]);
});
