import assert from "node:assert/strict";
import { appearedSince, findProtected } from "../../../src/agent/sandbox/protected.ts";
import { SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import { TempDir } from "../../support/temp_dir.ts";

async function found(dir: TempDir, root = "."): Promise<readonly string[]> {
  const at = root === "." ? dir.path : dir.join(root);
  const { paths } = await findProtected([at]);
  return paths.map((path) => path.slice(dir.path.length + 1)).sort();
}

Deno.test("findProtected() finds protected names at any depth, and what they hold is not searched", async () => {
  await using dir = await TempDir.make();
  await dir.write(".git/config", "");
  await dir.write(".git/modules/x/.git/config", "");
  await dir.write("a/b/c/d/.envrc", "");
  await dir.write("a/.vscode/tasks.json", "");
  await dir.write("a/.gitignore", "");
  await dir.write("node_modules/x/.husky/y", "");
  assert.deepEqual(await found(dir), [".git", "a/.vscode", "a/b/c/d/.envrc"]);
});

Deno.test("findProtected() never follows links", async () => {
  await using dir = await TempDir.make();
  await dir.write("outside/.git/config", "");
  await dir.write("work/file", "");
  await Deno.symlink("../outside", dir.join("work/link"));
  await Deno.symlink(".", dir.join("work/loop"));
  assert.deepEqual(await found(dir, "work"), []);
});

Deno.test("findProtected() refuses a link for a name at the top, which could be replaced", async () => {
  await using dir = await TempDir.make();
  await dir.write("outside/.git/config", "");
  await dir.write("work/file", "");
  await Deno.symlink("../outside/.git", dir.join("work/.git"));
  await assert.rejects(found(dir, "work"), SandboxError);
});

Deno.test("findProtected() protects what a link in a folder below leads to", async () => {
  await using dir = await TempDir.make();
  await dir.write("settings/tasks.json", "");
  await dir.write("sub/file", "");
  await Deno.symlink("../settings", dir.join("sub/.vscode"));
  assert.deepEqual(await found(dir), ["settings"]);
});

Deno.test("findProtected() protects the folders that a .git file leads to", async () => {
  await using dir = await TempDir.make();
  await dir.write(".git", "gitdir: ./.bare/worktrees/x\n");
  await dir.write(".bare/worktrees/x/commondir", "../..\n");
  await dir.write(".bare/hooks/sample", "");
  assert.deepEqual(await found(dir), [".bare", ".bare/worktrees/x", ".git"]);
});

Deno.test("findProtected() says where it ended", async () => {
  await using dir = await TempDir.make();
  for (let index = 0; index < 20; index++) await dir.write(`d${index}/e/.git/config`, "");
  await dir.write(".husky/x", "");
  const some = await findProtected([dir.path], { folders: 5 });
  assert.ok(some.cut);
  assert.deepEqual(some.paths, [dir.join(".husky")]);
  assert.equal((await findProtected([dir.path])).cut, false);
});

Deno.test("appearedSince() names what was not there before", async () => {
  await using dir = await TempDir.make();
  await dir.write("sub/file", "");
  await Deno.symlink("file", dir.join("sub/.vscode"));
  const before = await findProtected([dir.path]);
  await Deno.remove(dir.join("sub/.vscode"));
  await dir.write("sub/.vscode/tasks.json", "");
  await dir.write("other/.git/config", "");
  const after = await findProtected([dir.path]);
  assert.deepEqual(appearedSince(before, after), [dir.join("other/.git"), dir.join("sub/.vscode")]);
  assert.deepEqual(appearedSince(after, after), []);
});
