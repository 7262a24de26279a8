import assert from "node:assert/strict";
import { isCodexError } from "../../src/base/errors.ts";
import { parseCount } from "../../src/cli/count.ts";

Deno.test("parseCount() reads digits", () => {
  assert.equal(parseCount("1"), 1);
  assert.equal(parseCount(" 200000 "), 200_000);
  assert.equal(parseCount("0", 0), 0);
});

for (const text of ["0", "", "-1", "1.5", "1e3", "two", "1 2", "٣", "9".repeat(16)]) {
  Deno.test(`parseCount() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseCount(text), (error) => isCodexError(error, "invalid_usage"));
  });
}
