import assert from "node:assert/strict";
import { EventReader } from "../../src/responses/sse.ts";

const encoder = new TextEncoder();

/** The types of the events in some chunks, the end of the body included. */
function types(...chunks: readonly (string | Uint8Array)[]): readonly string[] {
  const reader = new EventReader();
  const fed = chunks.flatMap((chunk) =>
    reader.feed(typeof chunk === "string" ? encoder.encode(chunk) : chunk)
  );
  return [...fed, ...reader.end()].map(({ type }) => type);
}

Deno.test("EventReader gives the events that a chunk completes", () => {
  const reader = new EventReader();
  assert.deepEqual(reader.feed(encoder.encode('data: {"type":"a"}\n\ndata: {"ty')), [
    { type: "a" },
  ]);
  assert.deepEqual(reader.feed(encoder.encode('pe":"b"}\n')), []);
  assert.deepEqual(reader.feed(encoder.encode("\n")), [{ type: "b" }]);
  assert.deepEqual(reader.end(), []);
});

Deno.test("EventReader follows the framing rules", () => {
  const a = '{"type":"a"}';
  assert.deepEqual(types(`event: b\ndata: ${a}\n\n`), ["a"]);
  assert.deepEqual(types(`data:${a}\r\n\r\ndata: ${a}\r`, `\n\r\n`), ["a", "a"]);
  assert.deepEqual(types(`data: ${a}\r\rdata: ${a}\r\r`), ["a", "a"]);
  assert.deepEqual(types(`data: {"type":\ndata: "a"}\n\n`), ["a"]);
  assert.deepEqual(types(`\ufeffdata: ${a}\n\n`), ["a"]);
  assert.deepEqual(types(`: comment\nid: 1\nretry: 5\nnew: field\ndata: ${a}\n\n`), ["a"]);
  assert.deepEqual(types("data: [DONE]\n\ndata: {bad\n\nevent: only\n\n", `data: ${a}\n\n`), ["a"]);
  assert.deepEqual(types("", "\n\n\n"), []);
});

Deno.test("EventReader joins characters that were split between chunks", () => {
  const bytes = encoder.encode('data: {"type":"é😀"}\n\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(types(bytes.subarray(0, cut), bytes.subarray(cut)), ["é😀"]);
  }
});

Deno.test("EventReader tries an unfinished last event as if its blank line had come", () => {
  assert.deepEqual(types('data: {"type":"a"}'), ["a"]);
  assert.deepEqual(types('data: {"type":"a"}\n'), ["a"]);
  assert.deepEqual(types('data: {"type":"a"}\r'), ["a"]);
  assert.deepEqual(types('data: {"type":"a"'), []);
  assert.deepEqual(types(encoder.encode('data: {"type":"é"}').subarray(0, -3)), []);
});

Deno.test("EventReader gives up on an event that is too large, and stays given up", () => {
  const reader = new EventReader({ maxEventBytes: 100 });
  reader.feed(encoder.encode('data: {"type":"a"}\n\n'));
  assert.ok(!reader.overflow);
  for (let chunk = 0; chunk < 11; chunk++) reader.feed(encoder.encode("data: 0123456789"));
  assert.ok(reader.overflow);
  assert.deepEqual(reader.feed(encoder.encode('\n\ndata: {"type":"b"}\n\n')), []);
  assert.deepEqual(reader.end(), []);
});

Deno.test("EventReader takes no comment for a sign of life, however it is cut", () => {
  const reader = new EventReader();
  const alive = (chunk: string) => {
    reader.feed(encoder.encode(chunk));
    return reader.alive;
  };
  assert.ok(!alive(": keepalive\n\n"));
  assert.ok(!alive(": keep"));
  assert.ok(!alive("alive"));
  assert.ok(!alive("\n\n"));
  assert.ok(!alive(":"));
  assert.ok(!alive(" x\n"));
  assert.ok(alive('data: {"type":'));
  assert.ok(alive('"a",'));
  assert.ok(alive(`"b":1}\n\n`));
  assert.ok(!alive("\n"));
  assert.ok(alive(`: comment\ndata: {"type":"a"}\n\n`));
});

Deno.test("EventReader keeps every member of a text delta where the whole is wanted", () => {
  const data = '{"type":"response.output_text.delta","item_id":"m","output_index":0,' +
    '"content_index":0,"delta":"x","logprobs":[]}';
  const bytes = encoder.encode(`data: ${data}\n\n`);
  assert.deepEqual(new EventReader({ whole: true }).feed(bytes), [JSON.parse(data)]);
  assert.deepEqual(Object.keys(new EventReader().feed(bytes)[0] ?? {}), [
    "type",
    "item_id",
    "output_index",
    "delta",
  ]);
});

Deno.test("EventReader gives up on an event that is too large and comes in one piece", () => {
  const large = `data: {"type":"a","b":"${"x".repeat(100)}"}\n\n`;
  const small = 'data: {"type":"b"}\n\n';
  const reader = new EventReader({ maxEventBytes: 100 });
  assert.deepEqual(reader.feed(encoder.encode(small + large + small)), [{ type: "b" }]);
  assert.ok(reader.overflow);
  const last = new EventReader({ maxEventBytes: 100 });
  last.feed(encoder.encode(small));
  assert.deepEqual(last.feed(encoder.encode(large)), []);
  assert.ok(last.overflow);
});
