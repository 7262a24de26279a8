import assert from "node:assert/strict";
import { MOST_BYTES, NOTICES } from "../../tools/build.ts";
import { copyProject, type ProjectCopy } from "../support/project_copy.ts";
import { runCli } from "../support/run_cli.ts";
import { openDesk } from "../support/desk.ts";

async function built(below: string): Promise<ProjectCopy> {
  const copy = await copyProject(below);
  const { success, stdout, stderr } = await copy.tool(["build.ts"]);
  assert.ok(success, stderr);
  assert.match(stdout, /^dist\/: \d+ files, \d+ KiB\n$/);
  return copy;
}

let copies: Promise<{ readonly one: ProjectCopy; readonly other: ProjectCopy }> | undefined;

/** Two builds in different folders, made once. */
function both(): NonNullable<typeof copies> {
  return copies ??= (async () => ({
    one: await built("a"),
    other: await built("another/folder/further-down"),
  }))();
}

Deno.test.afterAll(async () => {
  const { one, other } = await copies ?? {};
  await one?.[Symbol.asyncDispose]();
  await other?.[Symbol.asyncDispose]();
});

Deno.test("build() makes the same bytes in any folder, and what it makes runs", async () => {
  const { one, other } = await both();
  const dist = "another/folder/further-down/dist";
  const names = await one.dir.list("a/dist");
  assert.deepEqual(await other.dir.list(dist), names);
  let bytes = 0;
  for (const name of names) {
    const text = await one.dir.read(`a/dist/${name}`);
    assert.ok(text === await other.dir.read(`${dist}/${name}`), name);
    assert.ok(!text.includes(one.dir.path), `${name} names a folder of this machine`);
    bytes += new TextEncoder().encode(text).length;
  }
  assert.ok(bytes < MOST_BYTES && MOST_BYTES <= 700_000, `${bytes} bytes`);
  assert.ok(names.length > 20, "split into what is loaded on use");
  // Small, so that the version is there at once.
  assert.ok((await one.dir.read("a/dist/cli.js")).length < 2000);

  await using desk = await openDesk();
  const entry = `file://${one.dir.join("a/dist/cli.js")}`;
  const answered = await desk.run(["run", "hello"], { entry });
  assert.deepEqual([answered.code, answered.stderr], [0, ""]);
  assert.match(answered.stdout, /\w/);
  const elsewhere = await runCli(["run", "--help"], { entry, permissions: ["--no-config"] });
  assert.match(elsewhere.stdout, /--output-schema/);
});

Deno.test("build() packs what each start loads, and what each run does", async () => {
  const { one } = await both();
  const read = (name: string) => one.dir.read(`a/dist/${name}`);
  const imported = (text: string) =>
    [...text.matchAll(/\bfrom"\.\/([^"]+)"/g)].map(([, name = ""]) => name);
  const entry = await read("cli.js");
  const [version = "", ...others] = imported(entry);
  assert.deepEqual([others, imported(await read(version))], [[], []]);
  assert.match(entry, /import\("\.\/core\.js"\)/);
  assert.deepEqual([...new Set(imported(await read("core.js")))], [version]);
  assert.deepEqual(
    [...new Set(imported(await read("run.js")))].sort(),
    [version, "core.js"].sort(),
  );
  for (const name of await one.dir.list("a/dist")) {
    if (name === "cli.js") continue;
    assert.doesNotMatch(await read(name), /\bimport\("\.\//, `${name} is read at every start`);
  }
});

Deno.test("build() keeps the licence of every package that the command imports", async () => {
  const { one: copy } = await both();
  const text = await copy.dir.read(`a/dist/${NOTICES}`);
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    await copy.dir.read("a/deno.json"),
  );
  const sources = await sourcesBelow(copy, "a/src");
  const used = new Map<string, boolean>();
  for (const [name, target] of Object.entries(imports)) {
    const [, own] = /^npm:(@?[^@]+)@/.exec(target) ?? [];
    if (own === undefined) continue;
    const imported = sources.some((source) => source.includes(`"${name}"`));
    used.set(own, imported || (used.get(own) ?? false));
  }
  assert.deepEqual(new Set(used.values()), new Set([true, false]));
  for (const [name, is] of used) {
    assert.equal(text.split("\n").some((line) => line.startsWith(`${name} `)), is, name);
  }
  // What those import in turn.
  assert.match(text, /^sisteransi /m);
  for (const part of text.split(/\n-{80}\n/).slice(1)) {
    assert.match(part, /Permission is hereby granted|Apache License/, part.slice(0, 60));
    assert.match(part, /^(Copyright|By|.*Copyright) /mi);
  }
});

async function sourcesBelow({ dir }: ProjectCopy, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await dir.list(folder)) {
    const path = `${folder}/${name}`;
    if (name.endsWith(".ts")) found.push(await dir.read(path));
    else found.push(...await sourcesBelow({ dir } as ProjectCopy, path));
  }
  return found;
}

Deno.test("build() fails with the place of what does not resolve, and leaves no bundle", async () => {
  await using copy = await copyProject("a");
  await copy.dir.write("a/src/base/version.ts", 'export * from "./nowhere.ts";\n');
  const { success, stderr } = await copy.tool(["build.ts"]);
  assert.ok(!success);
  assert.match(stderr, /nowhere\.ts/);
  assert.ok(!(await copy.dir.list("a")).includes("dist"));
});
