/** What is added to a package for npm. All of it packed and used in Node: `e2e/sdk_test.ts`. */
import assert from "node:assert/strict";
import { addCommand, referToLib } from "../../tools/npm.ts";
import { copyProject, type ProjectCopy } from "../support/project_copy.ts";
import { testWith } from "../support/need.ts";
import { TempDir } from "../support/temp_dir.ts";

let made: Promise<ProjectCopy> | undefined;

/** A package such as `deno pack` makes, with the command; made once. */
const withCommand = (): Promise<ProjectCopy> => made ??= makeWithCommand();

Deno.test.afterAll(async () => await (await made)?.[Symbol.asyncDispose]());

async function makeWithCommand(): Promise<ProjectCopy> {
  const copy = await copyProject("a");
  const { success, stderr } = await copy.tool(["build.ts"]);
  assert.ok(success, stderr);
  const dependencies = { jose: "^6" };
  const packed = { name: "@x/codex", type: "module", exports: "./mod.js", dependencies };
  await copy.dir.write("package/package.json", JSON.stringify(packed));
  for (const name of ["mod.js", "mod.d.ts", "src/a.js", "src/a.d.ts", "cli.ts", "src/cli/b.ts"]) {
    await copy.dir.write(`package/${name}`, "");
  }
  // Other things lie in that folder too.
  await copy.dir.write("a/dist/codex-aarch64-apple-darwin", "");
  await copy.dir.write("a/dist/x-codex-0.1.0.tgz", "");
  await addCommand(copy.dir.join("package"), new URL(`file://${copy.dir.join("a/dist")}/`));
  return copy;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the package's command in Node. */
async function run(args: readonly string[], PATH: string): Promise<Ended> {
  const { dir } = await withCommand();
  const { stdout: found } = await new Deno.Command("sh", { args: ["-c", "command -v node"] })
    .output();
  const node = await Deno.realPath(new TextDecoder().decode(found).trim());
  const { code, stdout, stderr } = await new Deno.Command(node, {
    args: [dir.join("package/bin/codex.js"), ...args],
    env: { PATH, HOME: dir.path, NO_COLOR: "1" },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("addCommand() describes the command, and keeps what the package said", async () => {
  const { dir } = await withCommand();
  const described = JSON.parse(await dir.read("package/package.json"));
  assert.deepEqual(described.bin, { codex: "./bin/codex.js" });
  assert.deepEqual(described.engines, { node: ">=22" });
  assert.deepEqual(
    [described.name, described.exports, described.dependencies],
    ["@x/codex", "./mod.js", { jose: "^6" }],
  );
});

Deno.test("addCommand() takes out the command's sources, and brings its bundle with the licences", async () => {
  const { dir } = await withCommand();
  assert.deepEqual(await dir.list("package"), ["bin", "mod.d.ts", "mod.js", "package.json", "src"]);
  assert.deepEqual(await dir.list("package/src"), ["a.d.ts", "a.js", "cli"]);
  assert.deepEqual(await dir.list("package/src/cli"), []);
  const bundle = (await dir.list("a/dist")).filter((name) => !/^codex-|\.tgz$/.test(name));
  assert.deepEqual(await dir.list("package/bin"), [...bundle, "codex.js"].sort());
  assert.ok(bundle.includes("THIRD_PARTY_NOTICES"));
});

testWith(["node"], "addCommand() makes a command that Deno runs, with its own status", async () => {
  const { dir } = await withCommand();
  await Deno.mkdir(dir.join("path"));
  await Deno.symlink(Deno.execPath(), dir.join("path/deno"));
  const version = await run(["--version"], dir.join("path"));
  assert.deepEqual([version.code, version.stderr], [0, ""]);
  assert.match(version.stdout, /^codex \d/);
  const status = await run(["status"], dir.join("path"));
  assert.equal(status.code, 3);
  assert.match(status.stderr, /^codex: /);
});

testWith(["node"], "addCommand() makes a command that says when Deno is missing", async () => {
  assert.deepEqual(await run(["--version"], "/nowhere"), {
    code: 1,
    stdout: "",
    stderr: "codex: The command needs Deno, which is not on the PATH\nhint: npm install -g deno\n",
  });
});

Deno.test("referToLib() names the library that declarations need, once and only there", async () => {
  await using dir = await TempDir.make();
  const needs = "export interface A extends AsyncDisposable {}\n";
  await dir.write("src/a.d.ts", needs);
  await dir.write("b.d.ts", "export interface B {}\n");
  await dir.write("src/c.js", "class AsyncDisposable {}\n");
  await referToLib(dir.path);
  await referToLib(dir.path);
  const read = (name: string) => Deno.readTextFile(dir.join(name));
  assert.equal(await read("src/a.d.ts"), `/// <reference lib="esnext.disposable" />\n${needs}`);
  assert.equal(await read("b.d.ts"), "export interface B {}\n");
  assert.equal(await read("src/c.js"), "class AsyncDisposable {}\n");
});
