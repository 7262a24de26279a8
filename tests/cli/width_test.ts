import assert from "node:assert/strict";
import fc from "fast-check";
import { oneLine } from "../../src/cli/run/rows.ts";
import { cut, fitting, width } from "../../src/cli/width.ts";
import { anyText } from "../support/any_text.ts";

Deno.test("width() counts the most that a terminal may take", () => {
  assert.equal(width("abc"), 3);
  assert.equal(width("漢字"), 4);
  assert.equal(width("\t"), 8);
});

Deno.test("fitting() keeps what fits, whole characters only", () => {
  assert.equal(fitting("abcdef", 4), "abcd");
  assert.equal(fitting("漢字漢", 5), "漢字");
  assert.equal(fitting("abc", 0), "");
});

Deno.test("cut() keeps what fits, and says that something is missing", () => {
  assert.equal(cut("abcdef", 6), "abcdef");
  assert.equal(cut("abcdefg", 6), "abcd…");
  assert.equal(cut("漢字漢字", 6), "漢字…");
  fc.assert(fc.property(anyText(), fc.integer({ min: 2, max: 30 }), (text, columns) => {
    assert.ok(width(cut(oneLine(text), columns)) <= columns);
  }));
});
