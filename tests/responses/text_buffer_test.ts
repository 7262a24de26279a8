import assert from "node:assert/strict";
import { TextBuffer } from "../../src/responses/text_buffer.ts";

Deno.test("TextBuffer gives what was added, in order, as often as it is asked", () => {
  const buffer = new TextBuffer<string>();
  assert.equal(buffer.toString(), "");
  const pieces = Array.from({ length: 3_000 }, (_, index) => `${index},`);
  for (const [index, piece] of pieces.entries()) {
    buffer.add("a", piece);
    if (index === 1_500) assert.equal(`${buffer}`, pieces.slice(0, 1_501).join(""));
  }
  assert.equal(buffer.toString(), pieces.join(""));
  assert.equal(buffer.toString(), pieces.join(""));
});

Deno.test("TextBuffer tells the text of one from that of another", () => {
  const buffer = new TextBuffer<unknown>();
  const [first, second] = [{}, {}];
  buffer.add(first, "Hel");
  buffer.add(first, "lo");
  buffer.add(second, "x");
  buffer.add(first, "!");
  assert.deepEqual(
    [buffer.of(first), buffer.of(second), buffer.of("nobody"), `${buffer}`],
    ["Hello!", "x", "", "Hellox!"],
  );
});
