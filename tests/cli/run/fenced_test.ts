import assert from "node:assert/strict";
import fc from "fast-check";
import { fencedBlocks } from "../../../src/cli/run/fenced.ts";

const CASES: readonly (readonly [what: string, text: string, blocks: readonly string[]])[] = [
  ["a block", "Here:\n```ts\nlet a;\n```\nDone.", ["let a;\n"]],
  ["several blocks", "```\na\n```\n\n~~~sh\nb\nc\n~~~", ["a\n", "b\nc\n"]],
  ["no code in an empty block", "```\n```\n\n~~~\n", []],
  ["no code in blank lines", "```\n\n \t\n```\n```\na\n\n```", ["a\n\n"]],
  ["a block within a longer fence", "````md\n```ts\nx\n```\n````", ["```ts\nx\n```\n"]],
  ["a block that another mark does not close", "```\n~~~\n```", ["~~~\n"]],
  ["a block that is never closed", "```py\nprint(1)", ["print(1)\n"]],
  ["a block in a list, without its indent", "1. so:\n   ```\n     a\n   ```", ["  a\n"]],
  ["a block with the line ends of Windows", "```\r\na\r\nb\r\n```\r\n", ["a\nb\n"]],
  ["a fence with an info string, which closes nothing", "```\n```ts\n```", ["```ts\n"]],
  ["no block in code within a line", "``` a ``` b", []],
  ["no block in indented code", "    ```\n    a\n    ```", []],
  ["no block in plain text", "nothing here", []],
  ["no block in nothing", "", []],
];

for (const [what, text, blocks] of CASES) {
  Deno.test(`fencedBlocks() finds ${what}`, () => {
    assert.deepEqual(fencedBlocks(text), blocks);
  });
}

Deno.test("fencedBlocks() gives any code back that stands in a fence longer than its own", () => {
  const line = fc.string({ unit: fc.constantFrom("`", "~", " ", "a", "é", "{") });
  fc.assert(fc.property(fc.array(line), (lines) => {
    const code = lines.map((one) => `${one}\n`).join("");
    fc.pre(code.trim() !== "");
    const mark = "`".repeat(4 + Math.max(0, ...lines.map(({ length }) => length)));
    assert.deepEqual(fencedBlocks(`Look:\n${mark}js\n${code}${mark}\n`), [code]);
  }));
});
