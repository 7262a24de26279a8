import assert from "node:assert/strict";
import { table } from "../../src/cli/table.ts";

Deno.test("table() sets cells below one another, without blanks at the ends of lines", () => {
  assert.equal(
    table([["gpt-5.5", "default", "low high"], ["m", "", "low"], ["gpt-6-astra", "", ""]]),
    [
      "gpt-5.5      default  low high",
      "m                     low",
      "gpt-6-astra",
      "",
    ].join("\n"),
  );
});

Deno.test("table() of no rows is nothing", () => {
  assert.equal(table([]), "");
});

Deno.test("table() takes rows of different lengths", () => {
  assert.equal(table([["a"], ["bb", "c"], []]), "a\nbb  c\n\n");
});
