import assert from "node:assert/strict";
import { withStableNames } from "../../../tools/release/chunk_names.ts";

/** A bundle whose chunks have these hashes. */
function bundle(one: string, two: string, three: string): Map<string, string> {
  return new Map([
    ["cli.js", `import{a}from"./chunk-${one}.js";await import("./run-${two}.js")`],
    [`run-${two}.js`, `import{a}from'./chunk-${one}.js';import{b}from"./chunk-${three}.js"`],
    [`chunk-${one}.js`, `export{a};let c=()=>import("./run-${two}.js")`],
    [`chunk-${three}.js`, "export{b}"],
  ]);
}

Deno.test("withStableNames() gives the same files whatever the hashes were", async () => {
  const one = await withStableNames(bundle("AAAAAAAA", "BBBBBBBB", "CCCCCCCC"));
  const other = await withStableNames(bundle("ZZZZZZZZ", "22222222", "AAAAAAAA"));
  assert.deepEqual([...one], [...other]);
  assert.equal(one.size, 4);
});

Deno.test("withStableNames() changes every import along, and leaves the entry its name", async () => {
  const files = await withStableNames(bundle("AAAAAAAA", "BBBBBBBB", "CCCCCCCC"));
  assert.ok(files.has("cli.js"));
  for (const [name, text] of files) {
    if (name !== "cli.js") assert.match(name, /^(chunk|run)-[\da-f]{8}\.js$/);
    for (const [, imported = ""] of text.matchAll(/["']\.\/([^"']+)["']/g)) {
      assert.ok(files.has(imported), `${name} imports ${imported}`);
    }
  }
});

Deno.test("withStableNames() tells chunks apart by what they import, and changes with it", async () => {
  const alike = (text: string) =>
    new Map([
      ["chunk-AAAAAAAA.js", 'export*from"./chunk-CCCCCCCC.js"'],
      ["chunk-BBBBBBBB.js", 'export*from"./chunk-DDDDDDDD.js"'],
      ["chunk-CCCCCCCC.js", "export{x}"],
      ["chunk-DDDDDDDD.js", text],
    ]);
  const files = await withStableNames(alike("export{y}"));
  assert.equal(files.size, 4);
  assert.notDeepEqual([...files.keys()], [...(await withStableNames(alike("export{z}"))).keys()]);
});

Deno.test("withStableNames() refuses two chunks that are the same", async () => {
  const same = new Map([["a-AAAAAAAA.js", "x"], ["a-BBBBBBBB.js", "x"]]);
  await assert.rejects(withStableNames(same), /two chunks of the bundle are the same/);
});

Deno.test("withStableNames() leaves texts alone that only look like imports", async () => {
  const text = 'let a="./other.js",b="chunk-AAAAAAAA.js"';
  const files = await withStableNames(new Map([["cli.js", text], ["chunk-AAAAAAAA.js", "y"]]));
  assert.equal(files.get("cli.js"), text);
});
