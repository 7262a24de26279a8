import assert from "node:assert/strict";
import {
  appearedSince,
  findProtected,
  PROTECTED_NAMES,
} from "../../../src/agent/sandbox/protected.ts";
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
  assert.deepEqual(await found(dir), [".git", "a/.vscode", "a/b/c/d/.envrc"]);
});

Deno.test("findProtected() finds what runs something of a repository without a folder of its own", async () => {
  await using dir = await TempDir.make();
  for (const file of ["HEAD", "objects/x", "refs/x", "config", "hooks/x"]) {
    await dir.write(`bare.git/${file}`, "");
    await dir.write(`not/one/${file}`, "");
  }
  await Deno.remove(dir.join("not/one/refs"), { recursive: true });
  assert.deepEqual(await found(dir), ["bare.git/config", "bare.git/hooks"]);
});

Deno.test("findProtected() reads a .git file as Git does, blanks and all", async () => {
  await using dir = await TempDir.make();
  await dir.write(".git", "gitdir: real \n");
  await dir.write("real /config", "");
  await dir.write("real/config", "");
  assert.deepEqual(await found(dir), [".git", "real "]);
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

Deno.test("findProtected() looks at the packages of node_modules, and not into them", async () => {
  await using dir = await TempDir.make();
  const names = ["x/.husky/y", "@s/x/.git/config", ".vscode/z", "x/lib/.git/config"];
  for (const name of [...names, "x/node_modules/y/.git/config", "@s/x/lib/.envrc"]) {
    await dir.write(`a/node_modules/${name}`, "");
  }
  assert.deepEqual(await found(dir), [
    "a/node_modules/.vscode",
    "a/node_modules/@s/x/.git",
    "a/node_modules/x/.husky",
  ]);
});

Deno.test("findProtected() withholds what it did not get to, in few folders", async () => {
  await using dir = await TempDir.make();
  for (let index = 0; index < 150; index++) await dir.write(`big/d${index}/.git/config`, "");
  await dir.write("small/.husky/x", "");
  await dir.write(".husky/x", "");
  const some = await findProtected([dir.path], { folders: 5 });
  assert.deepEqual(some.withheld, [{ path: dir.join("big") }]);
  assert.ok(some.paths.includes(dir.join(".husky")));
  assert.deepEqual((await findProtected([dir.path])).withheld, []);
  const late = await findProtected([dir.path], { ms: 1e-9 }).catch((error) => error);
  assert.ok(late instanceof SandboxError, "not even the root was searched");
});

Deno.test("findProtected() refuses what is too much to be protected at every depth", async () => {
  await using dir = await TempDir.make();
  for (let index = 0; index < 150; index++) await Deno.mkdir(dir.join(`d${index}`));
  await assert.rejects(findProtected([dir.path], { folders: 5 }), {
    name: "SandboxError",
    message: /more folders than can be searched.*--cd/,
  });
});

Deno.test("findProtected() refuses more names than can be mounted", async () => {
  await using dir = await TempDir.make();
  for (let index = 0; index < 170; index++) {
    Deno.mkdirSync(dir.join(`${index}`));
    for (const name of PROTECTED_NAMES) Deno.writeTextFileSync(dir.join(`${index}/${name}`), "");
  }
  await assert.rejects(found(dir), {
    name: "SandboxError",
    message: /more of \.git and its like than can be protected.*--cd/,
  });
});

Deno.test("findProtected() withholds what lies too deep", async () => {
  await using dir = await TempDir.make();
  const deep = Array.from({ length: 60 }, () => "d").join("/");
  await dir.write(`a/${deep}/.git/config`, "");
  const long = Array.from({ length: 8 }, () => "l".repeat(200)).join("/");
  await dir.write(`b/${long}/.git/config`, "");
  const { paths, withheld } = await findProtected([dir.path]);
  assert.deepEqual(paths, []);
  assert.equal(withheld.length, 2);
  for (const { path } of withheld) assert.ok(path.length < 1300 && /\/[dl]+$/.test(path), path);
});

Deno.test("findProtected() withholds the folder of one whose name is no UTF-8", async () => {
  if (Deno.build.os !== "linux") return;
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("a/b"), { recursive: true });
  const make = (folder: string) =>
    new Deno.Command("sh", { args: ["-c", `mkdir "$(printf '\\377')"`], cwd: folder }).output();
  await make(dir.join("a/b"));
  assert.deepEqual((await findProtected([dir.path])).withheld, [{ path: dir.join("a/b") }]);
  await make(dir.path);
  await assert.rejects(findProtected([dir.path]), {
    name: "SandboxError",
    message: /cannot be searched/,
  });
});

Deno.test("findProtected() withholds the folder of a .git that is a link, and protects its target", async () => {
  await using dir = await TempDir.make();
  await dir.write("gits/one/config", "");
  await dir.write("sub/file", "");
  await Deno.symlink("../gits/one", dir.join("sub/.git"));
  const { paths, withheld } = await findProtected([dir.path]);
  assert.deepEqual(paths, [dir.join("gits/one")]);
  assert.deepEqual(withheld, [{ path: dir.join("sub"), link: dir.join("sub/.git") }]);
});

Deno.test("appearedSince() tells a link that leads elsewhere now", async () => {
  await using dir = await TempDir.make();
  await dir.write("sub/file", "");
  await Deno.symlink("file", dir.join("sub/.envrc"));
  const before = await findProtected([dir.path]);
  await Deno.remove(dir.join("sub/.envrc"));
  await Deno.symlink("other", dir.join("sub/.envrc"));
  assert.deepEqual(appearedSince(before, await findProtected([dir.path])), [
    dir.join("sub/.envrc"),
  ]);
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
