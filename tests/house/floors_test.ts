import assert from "node:assert/strict";
import { ENTRIES, loadedWith, type Modules, readModules, ROOT, sourceFiles } from "./modules.ts";

/** The floors of ARCHITECTURE.md, the highest first; a file may use its own and those behind. */
const FLOORS = ["cli", "client", "agent", "responses", "models", "auth", "protocol", "base"];

/** What the simulator may use, so that it and the client cannot share a misunderstanding. */
const BESIDE_TESTING = ["testing", "protocol", "base"];

/** Files that may import a `node:` module, each for its reason. */
const NODE_ALLOWED: Readonly<Record<string, string>> = {
  "src/testing/incoming.ts": "no web API reads zstd, and the simulator meets it in a body at most",
  "src/cli/run/own_streams.ts":
    "Deno does not tell without every permission which files its own streams go to",
  "src/cli/prompts.ts":
    "the prompt library reads Node's stdin, and so must who watches it for Ctrl-D",
};

/** What is loaded when it is needed, and never at the start of a command. */
const LAZY = ["npm:/@clack/prompts@", "npm:/fast-check@", "src/testing/", "testing.ts"];

const MOST_LINES = 330;

let graph: Promise<Modules> | undefined;
const modules = (): Promise<Modules> => graph ??= readModules();

function floorOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? "";
}

function mayUse(floor: string): readonly string[] {
  // `codex simulator` is the simulator on a port.
  if (floor === "cli") return [...FLOORS, "testing"];
  return floor === "testing" ? BESIDE_TESTING : FLOORS.slice(FLOORS.indexOf(floor));
}

Deno.test("the house has the floors that ARCHITECTURE.md names, and no file lies outside", async () => {
  const page = await Deno.readTextFile(new URL("ARCHITECTURE.md", ROOT));
  const order = FLOORS.map((floor) => `\`${floor}\``).join(" → ");
  assert.ok(page.replaceAll("\n", " ").includes(order), `ARCHITECTURE.md does not say ${order}`);
  for (const path of await sourceFiles()) {
    assert.ok([...FLOORS, "testing"].includes(floorOf(path)), `${path} is on no floor`);
  }
});

Deno.test("every import leads to the same floor or one below", async () => {
  const wrong: string[] = [];
  for (const [path, imports] of await modules()) {
    if (ENTRIES.includes(path)) continue;
    for (const { target } of imports) {
      const inside = target.startsWith("src/") && mayUse(floorOf(path)).includes(floorOf(target));
      const outside = /^(npm|node):/.test(target);
      if (!inside && !outside) wrong.push(`${path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("no file imports itself, by whatever way round, for types neither", async () => {
  const graph = await modules();
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    assert.ok(!way.includes(path), `a circle: ${[...way, path].join(" → ")}`);
    if (done.has(path)) return;
    way.push(path);
    for (const { target } of graph.get(path) ?? []) visit(target);
    way.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  assert.ok(done.size >= graph.size);
});

Deno.test("no file imports a node: module, but for those with a reason", async () => {
  for (const [path, imports] of await modules()) {
    for (const { target, lazy } of imports) {
      if (!target.startsWith("node:")) continue;
      assert.ok(path in NODE_ALLOWED, `${path} imports ${target}, which costs start-up time`);
      assert.ok(lazy, `${path} loads ${target} before it is needed`);
    }
  }
});

Deno.test("every npm package is imported by its name in deno.json", async () => {
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  for (const [path, list] of await modules()) {
    for (const { specifier } of list) {
      assert.ok(specifier.startsWith(".") || specifier.startsWith("node:") || specifier in imports);
      assert.doesNotMatch(specifier, /^(npm|jsr|https?):/, path);
    }
  }
});

Deno.test("cli.ts loads nothing but the version before it knows what is asked", async () => {
  const loaded = loadedWith(await modules(), "cli.ts");
  assert.deepEqual([...loaded].sort(), ["cli.ts", "src/base/version.ts"]);
});

Deno.test("the command starts without what only some of its uses need", async () => {
  const graph = await modules();
  const start = (graph.get("cli.ts") ?? []).filter(({ lazy }) => lazy);
  assert.ok(start.length > 0);
  for (const { target } of start) {
    const eager = [...loadedWith(graph, target)];
    const wrong = eager.filter((path) => LAZY.some((name) => path.startsWith(name)));
    assert.deepEqual(wrong, [], `loaded with ${target}`);
    const commands = eager.filter((path) => path.startsWith("src/cli/commands/"));
    assert.deepEqual(commands, [], "each command is loaded when it runs");
  }
});

Deno.test("mod.ts does not load the terminal or the simulator", async () => {
  const loaded = [...loadedWith(await modules(), "mod.ts")];
  const wrong = loaded.filter((path) => /^src\/(cli|testing)\/|@clack|@stricli/.test(path));
  assert.deepEqual(wrong, []);
});

Deno.test("the command's own packages stay within src/cli", async () => {
  for (const [path, imports] of await modules()) {
    for (const { target } of imports) {
      if (/@clack|@stricli/.test(target)) assert.match(path, /^src\/cli\//);
    }
  }
});

Deno.test(`no source file has more than ${MOST_LINES} lines`, async () => {
  for (const path of [...ENTRIES, ...await sourceFiles()]) {
    const lines = (await Deno.readTextFile(new URL(path, ROOT))).trimEnd().split("\n").length;
    assert.ok(lines <= MOST_LINES, `${path} has ${lines} lines: it is two ideas`);
  }
});
