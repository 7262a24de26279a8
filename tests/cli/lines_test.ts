import assert from "node:assert/strict";
import type { Input } from "../../src/cli/cli.ts";
import { lineReader, skipLines, tellingEnd } from "../../src/cli/lines.ts";

/** Stdin that gives these pieces, one a read, then the end or a failure. */
function inputOf(pieces: readonly (string | Uint8Array | Error)[]): Input & { reads: number } {
  const left = pieces.map((piece) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece
  );
  return {
    isTerminal: true,
    reads: 0,
    read(buffer) {
      this.reads += 1;
      const piece = left.shift();
      if (piece instanceof Error) return Promise.reject(piece);
      if (piece === undefined) return Promise.resolve(null);
      buffer.set(piece);
      return Promise.resolve(piece.length);
    },
  };
}

/** Every line until there are no more. */
async function linesOf(input: Input): Promise<string[]> {
  const next = lineReader(input);
  const lines: string[] = [];
  for (let line = await next(); line !== undefined; line = await next()) lines.push(line);
  assert.equal(await next(), undefined, "the end stays the end");
  return lines;
}

Deno.test("lineReader() gives one line a call, however they come", async () => {
  assert.deepEqual(await linesOf(inputOf(["one\ntwo\n", "th", "ree\n\nfive\n"])), [
    "one",
    "two",
    "three",
    "",
    "five",
  ]);
});

Deno.test("lineReader() gives the last line without an end", async () => {
  assert.deepEqual(await linesOf(inputOf(["one\ntwo"])), ["one", "two"]);
  assert.deepEqual(await linesOf(inputOf([])), []);
});

Deno.test("lineReader() puts a character together that came in two reads", async () => {
  const bytes = new TextEncoder().encode("ä\n");
  assert.deepEqual(await linesOf(inputOf([bytes.subarray(0, 1), bytes.subarray(1)])), ["ä"]);
  assert.deepEqual(await linesOf(inputOf([bytes.subarray(0, 1)])), ["\ufffd"]);
});

Deno.test("lineReader() reads no further than the line that is wanted", async () => {
  const input = inputOf(["one\n", "two\n"]);
  const next = lineReader(input);
  assert.equal(input.reads, 0);
  assert.equal(await next(), "one");
  assert.equal(input.reads, 1);
});

Deno.test("lineReader() keeps the end of a line that is too long, and no more", async () => {
  const piece = "x".repeat(4000);
  const [line = "", next] = await linesOf(
    inputOf([piece, piece, piece, piece, piece, "end\nnext\n"]),
  );
  assert.ok(line.length <= 16_384);
  assert.match(line, /^x+end$/);
  assert.equal(next, "next");
});

Deno.test("lineReader() takes an input that cannot be read for one that has ended", async () => {
  assert.deepEqual(await linesOf(inputOf(["one\ntw", new Error("gone")])), ["one", "tw"]);
});

Deno.test("tellingEnd() tells the end, and not that an input cannot be read", async () => {
  for (const [parts, ends] of [[["one\ntw"], 1], [["one\n", new Error("gone")], 0]] as const) {
    let told = 0;
    await skipLines(tellingEnd(inputOf([...parts]), () => told++));
    assert.equal(told, ends);
  }
});
