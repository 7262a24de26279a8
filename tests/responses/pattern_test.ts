import assert from "node:assert/strict";
import { inUnicodeMode, withUnicodePatterns } from "../../src/responses/pattern.ts";

Deno.test("inUnicodeMode() leaves a pattern as it is that is one there", () => {
  for (const pattern of ["^a-b$", "[\\w\\-.]", "\\p{L}+", "\\/\\.\\$", ""]) {
    assert.equal(inUnicodeMode(pattern), pattern);
  }
});

Deno.test("inUnicodeMode() finds the same for one of the other mode", () => {
  const rows: readonly (readonly [pattern: string, yes: string, no: string])[] = [
    ["^\\d{3}\\-\\d{4}$", "123-4567", "1234567"],
    ["^[\\w-.]+$", "a-b.c", "a b"],
    ["^[\\w-.]+\\-\\@$", "a.-@", "a."],
    ["^\\\\\\-$", "\\-", "-"],
    ['^\\"\\ \\#$', '" #', '"#'],
  ];
  for (const [pattern, yes, no] of rows) {
    const found = inUnicodeMode(pattern) ?? "";
    assert.ok(found !== "" && new RegExp(found, "u").test(yes), `${pattern} ${found}`);
    assert.ok(!new RegExp(found, "u").test(no), pattern);
    assert.ok(new RegExp(pattern).test(yes) && !new RegExp(pattern).test(no), pattern);
  }
});

Deno.test("inUnicodeMode() gives none for what is no regular expression", () => {
  for (const pattern of ["(", "[", "a**", "\\p{Nonsense}(?<"]) {
    assert.equal(inUnicodeMode(pattern), undefined);
  }
});

Deno.test("withUnicodePatterns() changes the patterns of a schema, and no values", () => {
  const schema = {
    properties: { pattern: { type: "string", pattern: "\\-" } },
    enum: [{ pattern: "\\-" }],
    anyOf: [{ pattern: "(" }, true],
  };
  assert.deepEqual(withUnicodePatterns(schema), {
    ...schema,
    properties: { pattern: { type: "string", pattern: "\\x2d" } },
  });
});
