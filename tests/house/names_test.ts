import assert from "node:assert/strict";
import { VERSION } from "../../src/base/version.ts";
import { ROOT, sourceFiles } from "./modules.ts";

/** Folders that are not part of the repository. */
const OUTSIDE = [".git", ".coverage", "dist", "node_modules"];

/** Folders of tests that follow behaviour rather than one source file. */
const FREE_TESTS = ["conformance", "e2e", "fuzz", "house", "live", "soak", "support"];

interface TextFile {
  readonly path: string;
  readonly lines: readonly string[];
}

/** Every text file of the tree. */
async function textFiles(folder: string = ""): Promise<TextFile[]> {
  const found: TextFile[] = [];
  for await (const entry of Deno.readDir(new URL(`./${folder}`, ROOT))) {
    const path = folder + entry.name;
    if (entry.isDirectory) {
      if (!OUTSIDE.includes(path)) found.push(...await textFiles(`${path}/`));
      continue;
    }
    const bytes = await Deno.readFile(new URL(path, ROOT));
    if (bytes.includes(0)) continue;
    found.push({ path, lines: new TextDecoder().decode(bytes).split("\n") });
  }
  return found;
}

/** Asserts that no line of the tree matches, and names those that do. */
async function assertNowhere(
  pattern: RegExp,
  where: (file: TextFile, line: string) => boolean = () => true,
): Promise<void> {
  const wrong: string[] = [];
  for (const file of await textFiles()) {
    for (const [index, line] of file.lines.entries()) {
      if (pattern.test(line) && where(file, line)) wrong.push(`${file.path}:${index + 1}: ${line}`);
    }
  }
  assert.deepEqual(wrong, []);
}

/** A path as a pattern, at the start of a word. */
function pathPattern(...paths: readonly string[]): RegExp {
  const escaped = paths.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`(?<![\\w.-])(?:${escaped.join("|")})(?![\\w.-])`);
}

Deno.test("no file names a path of the machine that it was written on", async () => {
  const root = ROOT.pathname.slice(0, -1);
  // The folder above names the machine too, unless it is one that every machine has.
  const above = root.slice(0, root.lastIndexOf("/"));
  const common = ["", "/", "/tmp", "/home", "/root", "/opt", "/srv", "/usr/src", "/var/tmp"];
  await assertNowhere(pathPattern(root, ...(common.includes(above) ? [] : [above])));
});

Deno.test("no file names a registry's host", async () => {
  await assertNowhere(/\bregistry\.[\w-]+\.\w+|\bnpm[\w-]*\.(?:pkg|company|corp|internal|local)\b/);
});

Deno.test("no file names the number of an issue", async () => {
  await assertNowhere(/\bissues?[ ]#?\d+\b|\b(?:fixes|closes|see) #\d+\b/i);
});

Deno.test("no code imports from JSR, which has to work without it", async () => {
  await assertNowhere(
    /(?:\bfrom|\bimport)\s*\(?\s*["']jsr:/,
    // What a reader is to type, in the documentation and in examples, is another matter.
    ({ path }, line) =>
      !(/\.md$|^src\/|^mod\.ts$|^testing\.ts$/.test(path) && /^ \*|"jsr:@x\/codex/.test(line)),
  );
  const { imports }: { imports: Record<string, string> } = await denoJson();
  for (const [name, target] of Object.entries(imports)) {
    assert.doesNotMatch(target, /^jsr:/);
    // Our own name, so that the documentation's examples can be run.
    if (name.startsWith("jsr:")) {
      assert.match(`${name} ${target}`, /^jsr:@x\/codex[/\w]* \.\/\w+\.ts$/);
    }
  }
});

Deno.test("VERSION is the version in deno.json", async () => {
  assert.equal(VERSION, (await denoJson()).version);
});

Deno.test("the changelog has the version's notes", async () => {
  const changes = await Deno.readTextFile(new URL("CHANGELOG.md", ROOT));
  assert.ok(changes.split("\n").some((line) => line.startsWith("## ") && line.includes(VERSION)));
});

Deno.test("every test file mirrors a source file, or one side of it", async () => {
  const sources = [...await sourceFiles(), ...await sourceFiles("tools")]
    .map((path) => path.replace(/\.ts$/, ""));
  const orphans = (await sourceFiles("tests"))
    .filter((path) => path.endsWith("_test.ts"))
    .filter((path) => !FREE_TESTS.includes(path.split("/")[1] ?? ""))
    .filter((path) => {
      // A long one may be split: lock_test.ts, lock_across_processes_test.ts.
      const name = path.replace(/^tests\/(?=tools\/)/, "").replace(/^tests/, "src")
        .replace(/_test\.ts$/, "");
      return !sources.some((source) => name === source || name.startsWith(`${source}_`));
    });
  assert.deepEqual(orphans, []);
});

Deno.test("every file is named in snake case", async () => {
  const files = [
    ...await sourceFiles(),
    ...await sourceFiles("tests"),
    ...await sourceFiles("tools"),
  ];
  const odd = files.filter((path) => !/^[a-z\d_/]+\.ts$/.test(path));
  assert.deepEqual(odd, []);
});

async function denoJson(): Promise<{ version: string; imports: Record<string, string> }> {
  return JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
}
