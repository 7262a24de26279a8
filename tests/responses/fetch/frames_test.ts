import assert from "node:assert/strict";
import { type Frame, FrameReader, reworded } from "../../../src/responses/fetch/frames.ts";
import { EventReader } from "../../../src/responses/sse.ts";

const FIXTURES = new URL("../../fixtures/responses/", import.meta.url);

function readAll(chunks: readonly Uint8Array[]): readonly Frame[] {
  const reader = new FrameReader();
  return [...chunks.flatMap((chunk) => reader.feed(chunk)), ...reader.end()];
}

function cut(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("FrameReader hands every recorded stream on as it came, however it is cut", async () => {
  let seen = 0;
  for await (const { name } of Deno.readDir(FIXTURES)) {
    if (!name.endsWith(".sse")) continue;
    const bytes = await Deno.readFile(new URL(name, FIXTURES));
    const text = new TextDecoder().decode(bytes);
    const plain = new EventReader({ whole: true });
    const events = [...plain.feed(bytes), ...plain.end()];
    for (const size of [bytes.length, 4096, 7, 1]) {
      const frames = readAll(cut(bytes, size));
      const joined = frames.map((frame) => frame.text).join("");
      assert.ok(joined.startsWith(text) || text.startsWith(joined), `${name} by ${size}`);
      assert.deepEqual(frames.flatMap(({ event }) => event ?? []), events, `${name} by ${size}`);
    }
    seen++;
  }
  assert.ok(seen > 50);
});

for (const end of ["\n", "\r\n", "\r"]) {
  Deno.test(`FrameReader finds the blank lines of lines that end with ${JSON.stringify(end)}`, () => {
    const text = [
      ": hello",
      "",
      "event: a",
      'data: {"type":',
      'data:"a"}',
      "",
      "data: [DONE]",
      "",
      "",
    ].join(end);
    for (const size of [text.length, 3, 1]) {
      const frames = readAll(cut(bytesOf(text), size));
      assert.equal(frames.map((frame) => frame.text).join(""), text, `by ${size}`);
      assert.deepEqual(frames.flatMap(({ event }) => event ?? []), [{ type: "a" }], `by ${size}`);
    }
  });
}

Deno.test("FrameReader keeps characters whole that are cut in the middle", () => {
  const text = 'data: {"type":"a","delta":"😀é"}\n\n';
  const frames = readAll(cut(bytesOf(text), 1));
  assert.equal(frames.map((frame) => frame.text).join(""), text);
});

Deno.test("FrameReader gives a whole last event its blank line, and drops half of one", () => {
  assert.deepEqual(readAll([bytesOf('data: {"type":"a"}')]).map(({ text }) => text), [
    'data: {"type":"a"}\n\n',
  ]);
  assert.deepEqual(readAll([bytesOf('data: {"type":"a')]), []);
});

Deno.test("reworded() says something else in the same form", () => {
  const [frame] = readAll([bytesOf('event: a\r\nid: 1\r\ndata: {"type":\r\ndata: "a"}\r\n\r\n')]);
  assert.ok(frame !== undefined);
  assert.equal(
    reworded(frame, { type: "b" }).text,
    'event: a\r\nid: 1\r\ndata: {"type":"b"}\r\n\r\n',
  );
});
