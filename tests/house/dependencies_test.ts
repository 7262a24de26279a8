/** docs/dependencies.md: what it says of the packages, held against what is imported. */
import assert from "node:assert/strict";
import { readModules, ROOT, sourceFiles } from "./modules.ts";

/** The rows of the page's tables, by the names of their columns. */
async function rows(): Promise<readonly Readonly<Record<string, string>>[]> {
  const page = await Deno.readTextFile(new URL("docs/dependencies.md", ROOT));
  const found: Record<string, string>[] = [];
  let columns: readonly string[] = [];
  for (const line of page.split("\n")) {
    if (!line.startsWith("|")) {
      columns = [];
      continue;
    }
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    if (columns.length === 0) columns = cells;
    else if (!/^-+$/.test(cells[0] ?? "")) {
      found.push(Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ""])));
    }
  }
  return found;
}

/** The packages of deno.json, each with its major version. */
async function packages(): Promise<ReadonlyMap<string, string>> {
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const found = Object.values(imports).flatMap((target): [string, string][] => {
    const [, name, major] = /^npm:(@?[^@]+)@\^?(\d+)/.exec(target) ?? [];
    return name === undefined || major === undefined ? [] : [[name, major]];
  });
  return new Map(found);
}

/** A cell such as "`@x/y` 4". */
function named(cell: string = ""): readonly [name: string, major: string] {
  const [, name = "", major = ""] = /^`([^`]+)` (\d+)$/.exec(cell) ?? [];
  return [name, major];
}

Deno.test("docs/dependencies.md has every package of deno.json, with its major version", async () => {
  const told = (await rows()).map((row) => named(row["package"]));
  assert.deepEqual(new Map(told), await packages());
  assert.equal(told.length, (await packages()).size);
});

Deno.test("docs/dependencies.md leaves no cell empty", async () => {
  for (const row of await rows()) {
    for (const [column, cell] of Object.entries(row)) {
      assert.ok(cell.length > 0, `${row["package"]}: ${column}`);
    }
    if (!("cost at start" in row)) continue;
    assert.ok((row["why not by hand"] ?? "").length > 40, row["package"]);
    assert.match(row["size"] ?? "", /^[\d.]+ KB$/);
  }
});

Deno.test("docs/dependencies.md names every file that a package is kept behind", async () => {
  const modules = await readModules();
  for (const row of await rows()) {
    if (!("cost at start" in row)) continue;
    const [name] = named(row["package"]);
    const patterns = [...(row["kept behind"] ?? "").matchAll(/`([^`]+)`/g)].map(([, path = ""]) =>
      new RegExp(`^${path.split("*").map((part) => RegExp.escape(part)).join("[a-z_]*")}$`)
    );
    const using = [...modules].filter(([, imports]) =>
      imports.some(({ specifier }) => specifier === name || specifier.startsWith(`${name}/`))
    ).map(([path]) => path);
    assert.ok(using.length > 0, name);
    for (const path of using) {
      assert.ok(patterns.some((pattern) => pattern.test(path)), `${path} imports ${name}`);
    }
    for (const pattern of patterns) {
      assert.ok(using.some((path) => pattern.test(path)), `${pattern} does not import ${name}`);
    }
  }
});

Deno.test("docs/dependencies.md keeps what is for development out of src/", async () => {
  const development = (await rows()).filter((row) => !("cost at start" in row));
  assert.ok(development.length > 0);
  for (const path of await sourceFiles()) {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    for (const row of development) {
      const [name] = named(row["package"]);
      assert.ok(!text.includes(`"${name}"`), `${path} imports ${name}`);
    }
  }
});
