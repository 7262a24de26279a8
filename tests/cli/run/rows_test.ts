import assert from "node:assert/strict";
import fc from "fast-check";
import { visible } from "../../../src/cli/output.ts";
import { exact, oneLine, rows } from "../../../src/cli/run/rows.ts";
import { width } from "../../../src/cli/width.ts";
import { anyText } from "../../support/any_text.ts";

Deno.test("exact() shows control and bidirectional characters, and leaves plain text alone", () => {
  assert.equal(exact("a\x1b[2Kb\u202ec\r\n\tü 漢"), "a\\x1b[2Kb\\u202ec\\x0d\n\tü 漢");
});

for (
  const [what, character, shown] of [
    ["a no-break space", "\u00a0", "\\u00a0"],
    ["a zero-width joiner, which other text may hold", "\u200d", "\\u200d"],
    ["a filler that is a letter", "\u3164", "\\u3164"],
    ["an empty braille cell", "\u2800", "\\u2800"],
    ["an ideographic space", "\u3000", "\\u3000"],
    ["a variation selector", "\ufe0f", "\\ufe0f"],
    ["a tag character", "\u{e0041}", "\\ue0041"],
  ] as const
) {
  Deno.test(`exact() shows ${what}`, () => assert.equal(exact(`a${character}b`), `a${shown}b`));
}

Deno.test("oneLine() makes one line of any text", () => {
  assert.equal(oneLine(" a\n\tb\x07 "), "a\\n b\\x07");
  fc.assert(fc.property(anyText(), (text) => {
    const line = oneLine(text);
    assert.doesNotMatch(line, /[\n\t]/);
    assert.equal(visible(line), line);
  }));
});

Deno.test("rows() lays every character out, and no row is wider than the terminal", () => {
  assert.deepEqual(rows("abc\n\ndefgh", 4), [
    { text: "abc", continues: false },
    { text: "", continues: false },
    { text: "defg", continues: false },
    { text: "h", continues: true },
  ]);
  fc.assert(fc.property(anyText(60), fc.integer({ min: 8, max: 30 }), (given, columns) => {
    const text = exact(given);
    const laid = rows(text, columns);
    for (const row of laid) assert.ok(width(row.text) <= columns, row.text);
    const joined = laid.map((row, index) => (index > 0 && !row.continues ? "\n" : "") + row.text);
    assert.equal(joined.join(""), text);
  }));
});
