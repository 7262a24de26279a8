import assert from "node:assert/strict";
import fc from "fast-check";
import { OutputText } from "../../../src/agent/tools/output_text.ts";

const encoder = new TextEncoder();

/** What comes of bytes in pieces. */
function cleaned(...pieces: readonly (string | Uint8Array)[]): string {
  return taken(...pieces).join("");
}

function taken(...pieces: readonly (string | Uint8Array)[]): string[] {
  const texts: string[] = [];
  const output = new OutputText((text) => texts.push(text));
  for (const piece of pieces) output.add(typeof piece === "string" ? encoder.encode(piece) : piece);
  output.end();
  return texts;
}

const TABLE: readonly (readonly [what: string, input: string | Uint8Array, text: string])[] = [
  ["plain text with tabs and empty lines", "a\tb\n\nc\n", "a\tb\n\nc\n"],
  ["letters of every length", "aé€𝄞\n", "aé€𝄞\n"],
  ["a byte order mark", "\ufeffa", "\ufeffa"],
  ["bytes that are no UTF-8", Uint8Array.of(0x61, 0xff, 0xc0, 0x62), "a\ufffd\ufffdb"],
  ["a character that is cut at the end", Uint8Array.of(0x61, 0xe2, 0x82), "a\ufffd"],
  ["NUL, BEL, DEL and C1", "a\0b\x07c\x7fd\x85e", "a\ufffdb\ufffdc\ufffdd\ufffde"],
  ["line ends of Windows", "a\r\nb\r\r\nc", "a\nb\nc"],
  ["a progress bar", "10%\r20%\rdone\n", "10%\n20%\ndone\n"],
  ["colours", "\x1b[1;31merror\x1b[0m: no\x1b[K\n", "error: no\n"],
  ["a title and a link", "\x1b]0;me\x07a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\", "ab"],
  ["a change of the character set", "\x1b(0a\x1b(Bb", "ab"],
  ["an escape that begins nothing", "a\x1bzb", "a\ufffdzb"],
  ["a sequence without an end", "a\x1b[31", "a\ufffd[31"],
  ["a title without an end", `a\x1b]0;b\nc`, "a\ufffd]0;b\nc"],
];

for (const [what, input, text] of TABLE) {
  Deno.test(`OutputText makes ${what} harmless, wherever the pieces end`, () => {
    const bytes = typeof input === "string" ? encoder.encode(input) : input;
    assert.equal(cleaned(bytes), text);
    for (let at = 0; at <= bytes.length; at++) {
      assert.equal(cleaned(bytes.subarray(0, at), bytes.subarray(at)), text, `cut at ${at}`);
    }
    assert.equal(cleaned(...[...bytes].map((byte) => Uint8Array.of(byte))), text, "byte by byte");
  });
}

Deno.test("OutputText gives what it has at once, but for what the next piece may complete", () => {
  assert.deepEqual(taken("50%\r", "\n60%", "\x1b[", "0m"), ["50%\n", "60%"]);
});

Deno.test("OutputText does not wait for the end of a title that is longer than any", () => {
  const texts: string[] = [];
  const output = new OutputText((text) => texts.push(text));
  output.add(encoder.encode("\x1b]0;"));
  for (let round = 0; round < 10; round++) output.add(encoder.encode("x".repeat(1000)));
  assert.ok(texts.join("").length > 5000);
  output.end();
  assert.equal(texts.join(""), `\ufffd]0;${"x".repeat(10_000)}`);
});

Deno.test("OutputText gives the same text however its bytes are cut, and no control character", () => {
  const bytes = fc.uint8Array({ maxLength: 60 });
  const escapes = fc.constantFrom("\x1b[", "\x1b]0;", "\x07", "\x1b\\", "\r", "\r\n", "31m", "é");
  const part = fc.oneof(bytes, escapes.map((text) => encoder.encode(text)));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.nat(), (parts, seed) => {
      const all = new Uint8Array(parts.flatMap((one) => [...one]));
      const at = all.length === 0 ? 0 : seed % all.length;
      const whole = cleaned(all);
      assert.equal(cleaned(all.subarray(0, at), all.subarray(at)), whole);
      assert.doesNotMatch(whole, /[^\P{Cc}\n\t]/u);
    }),
    { numRuns: 500 },
  );
});
