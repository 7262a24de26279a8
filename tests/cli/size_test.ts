import assert from "node:assert/strict";
import fc from "fast-check";
import { isCodexError } from "../../src/base/errors.ts";
import { parseSize } from "../../src/cli/size.ts";

const SIZES: readonly (readonly [text: string, bytes: number])[] = [
  ["0", 0],
  ["1000", 1000],
  ["64K", 65_536],
  ["64k", 65_536],
  ["32M", 33_554_432],
  ["32MB", 33_554_432],
  ["32MiB", 33_554_432],
  ["1G", 1_073_741_824],
  ["512B", 512],
  [" 5 ", 5],
];

for (const [text, bytes] of SIZES) {
  Deno.test(`parseSize() reads "${text}" as ${bytes} bytes`, () => {
    assert.equal(parseSize(text), bytes);
  });
}

const NO_SIZES = ["", " ", "M", "-1", "+1", "1.5M", "1e3", "0x10", "1T", "1 M", "1KK", "٣", "1M2"];

for (const text of [...NO_SIZES, "9007199254740993", "9".repeat(400), "9007199254740991K"]) {
  Deno.test(`parseSize() refuses "${text.slice(0, 20)}"`, () => {
    assert.throws(() => parseSize(text), (error) => {
      assert.ok(isCodexError(error, "invalid_usage"));
      assert.equal(error.message, `"${text}" is not a size`);
      assert.match(error.hint ?? "", /32M/);
      return true;
    });
  });
}

Deno.test("parseSize() gives a whole number of bytes or an error of ours, whatever was typed", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d*[KMGkmg]?i?B?$/)), (text) => {
    try {
      const bytes = parseSize(text);
      assert.ok(Number.isSafeInteger(bytes) && bytes >= 0);
    } catch (error) {
      assert.ok(isCodexError(error, "invalid_usage"));
    }
  }));
});
