import assert from "node:assert/strict";
import fc from "fast-check";
import { OutputWindow } from "../../../src/agent/tools/output_window.ts";

const GAP = /\n?…(\d+) tokens truncated…\n/;

function windowed(maxBytes: number | undefined, ...pieces: readonly string[]) {
  const window = new OutputWindow(maxBytes);
  for (const piece of pieces) window.add(piece);
  return window.end();
}

Deno.test("OutputWindow gives all of a text that fits", () => {
  assert.deepEqual(windowed(10, "ab\n", "cd\n", "efgh"), {
    text: "ab\ncd\nefgh",
    lines: 3,
    truncated: false,
  });
  assert.deepEqual(windowed(10), { text: "", lines: 0, truncated: false });
  assert.deepEqual(windowed(10, "a\n"), { text: "a\n", lines: 1, truncated: false });
});

Deno.test("OutputWindow keeps 40,000 bytes where nothing else is said", () => {
  assert.equal(windowed(undefined, "x".repeat(40_000)).truncated, false);
  const { text, truncated } = windowed(undefined, "x".repeat(40_001));
  assert.equal(truncated, true);
  assert.ok(text.length < 40_100);
});

Deno.test("OutputWindow keeps head and tail, whole lines of them, and counts all lines", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);
  const { text, lines: count, truncated } = windowed(200, ...lines);
  assert.equal(truncated, true);
  assert.equal(count, 1000);
  const [head = "", tokens = "", tail = ""] = text.split(GAP);
  assert.equal(`${head}\n`, lines.slice(0, 13).join(""));
  assert.equal(tail, lines.slice(-11).join(""));
  const missing = lines.slice(13, -11).join("").length;
  assert.equal(Number(tokens), Math.ceil(missing / 4));
});

Deno.test("OutputWindow cuts a line that is too long, between two characters", () => {
  for (const letter of ["é", "€", "𝄞"]) {
    for (let shift = 0; shift < 5; shift++) {
      const { text } = windowed(50, "x".repeat(shift), letter.repeat(100));
      assert.doesNotMatch(text, /\ufffd/);
      const [head = "", , tail = ""] = text.split(GAP);
      assert.match(head, new RegExp(`^x{${shift}}(?:${letter})+$`, "u"));
      assert.match(tail, new RegExp(`^(?:${letter})+$`, "u"));
    }
  }
});

Deno.test("OutputWindow shows the same of a text however it comes in pieces", () => {
  const piece = fc.string({ unit: fc.constantFrom("a", "\n", "é", "𝄞"), maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }),
      fc.integer({ min: 8, max: 80 }),
      (pieces, max) => {
        const whole = pieces.join("");
        const result = windowed(max, ...pieces);
        assert.deepEqual(result, windowed(max, whole));
        const bytes = new TextEncoder().encode(whole).length;
        assert.equal(result.truncated, bytes > 2 * Math.ceil(max / 2) - max % 2);
        assert.equal(result.lines, whole.split("\n").length - (/(?:^|\n)$/.test(whole) ? 1 : 0));
        if (!result.truncated) return assert.equal(result.text, whole);
        const [head = "", , tail = ""] = result.text.split(GAP);
        assert.ok(whole.startsWith(head) && whole.endsWith(tail), result.text);
        assert.ok(new TextEncoder().encode(head + tail).length <= max);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("OutputWindow holds no more after a flood than after a little", () => {
  const window = new OutputWindow(1000);
  const piece = `${"0123456789".repeat(10)}\n`.repeat(600);
  window.add("first\n");
  for (let round = 0; round < 500; round++) window.add(piece);
  window.add("last\n");
  const { text, lines } = window.end();
  assert.equal(lines, 300_002);
  assert.ok(text.startsWith("first\n") && text.endsWith("last\n") && text.length < 1100);
});
