import assert from "node:assert/strict";
import { type Bundle, type Pack, packed } from "../../../tools/release/pack.ts";

const FILES: ReadonlyMap<string, string> = new Map([
  ["cli.js", 'import{a as n}from"./chunk-0000.js";n();await import("./start-1111.js")'],
  ["chunk-0000.js", "export{v as a}"],
  [
    "start-1111.js",
    'import{a as v}from"./chunk-0000.js";import{a,b as c}from"./chunk-2222.js";export{x as start};\n/* licence */\n',
  ],
  ["chunk-2222.js", 'let later=()=>import("./rare-4444.js");export{p as a,q as b};'],
  ["run-3333.js", 'import"./chunk-5555.js";import{b as r}from"./chunk-2222.js";export{y as run}'],
  ["rare-4444.js", 'import{a as s}from"./chunk-2222.js";import{start as t}from"./start-1111.js"'],
  ["chunk-5555.js", "globalThis.x=1"],
]);

const PACKS: readonly Pack[] = [
  { name: "core", entries: ["start"] },
  { name: "run", entries: ["run"] },
];

/** Tells what it is given in place of bundling it. */
function record(): { readonly bundle: Bundle; readonly calls: Parameters<Bundle>[] } {
  const calls: Parameters<Bundle>[] = [];
  const bundle: Bundle = (files, entry, external) => {
    calls.push([files, entry, external]);
    return Promise.resolve(`bundled(${entry});${files.get("chunk-2222.js")}`);
  };
  return { bundle, calls };
}

Deno.test("packed() leaves the packs, the entry with what it imports, and what nothing packs", async () => {
  const { bundle } = record();
  const files = await packed(FILES, "cli.js", PACKS, bundle);
  assert.deepEqual([...files.keys()].sort(), [
    "chunk-0000.js",
    "cli.js",
    "core.js",
    "rare-4444.js",
    "run.js",
  ]);
  assert.equal(files.get("chunk-0000.js"), FILES.get("chunk-0000.js"));
});

Deno.test("packed() makes a pack of its entries with all that they import, but for other packs", async () => {
  const { bundle, calls } = record();
  await packed(FILES, "cli.js", PACKS, bundle);
  const [core, run] = calls;
  assert.deepEqual(calls.map(([, entry]) => entry), ["core.js", "run.js"]);
  assert.deepEqual(
    core?.[0].get("core.js"),
    'export{a as chunk_2222_js_a,b as chunk_2222_js_b}from"./chunk-2222.js";\n' +
      'export{start as start}from"./start-1111.js";\n',
  );
  assert.equal(
    run?.[0].get("run.js"),
    'import"./chunk-5555.js";\nexport{run as run}from"./run-3333.js";\n',
  );
  assert.equal(
    run?.[0].get("run-3333.js"),
    'import"./chunk-5555.js";import{chunk_2222_js_b as r}from"./core.js";export{y as run}',
  );
  assert.ok(core?.[2].includes("chunk-0000.js") && core[2].includes("run.js"), "left outside");
  assert.ok(run?.[2].includes("core.js"));
});

Deno.test("packed() changes the imports of what is not packed, those for later too", async () => {
  const { bundle } = record();
  const files = await packed(FILES, "cli.js", PACKS, bundle);
  assert.equal(
    files.get("rare-4444.js"),
    'import{chunk_2222_js_a as s}from"./core.js";import{start as t}from"./core.js"',
  );
  assert.equal(
    files.get("cli.js"),
    'import{a as n}from"./chunk-0000.js";n();await import("./core.js")',
  );
});

Deno.test("packed() keeps from the bundler what is loaded later, and from the entry's graph", async () => {
  const { bundle, calls } = record();
  const files = await packed(FILES, "cli.js", PACKS, bundle);
  for (const [given] of calls) {
    for (const [name, text] of given) assert.ok(!text.includes("import("), name);
  }
  assert.match(files.get("core.js") ?? "", /later=\(\)=>import\(\(0,"\.\/rare-4444\.js"\)\)/);
});

Deno.test("packed() says which entry it cannot tell", async () => {
  const { bundle } = record();
  const packs = [{ name: "core", entries: ["nowhere"] }];
  await assert.rejects(packed(FILES, "cli.js", packs, bundle), /just one chunk "nowhere"/);
});
