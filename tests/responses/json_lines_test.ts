import assert from "node:assert/strict";
import fc from "fast-check";
import { CodexError } from "../../src/base/errors.ts";
import { EventQueue } from "../../src/responses/event_queue.ts";
import { jsonLine, jsonLines } from "../../src/responses/json_lines.ts";

async function linesOf(stream: ReadableStream<Uint8Array>) {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
    return { text, error: undefined };
  } catch (error) {
    return { text, error };
  }
}

Deno.test("jsonLines() writes one object a line, in UTF-8, and ends", async () => {
  const queue = new EventQueue<unknown>();
  queue.push(Array.from({ length: 600 }, (_, index) => ({ index, text: "ü" })), 1);
  queue.end();
  const { text, error } = await linesOf(jsonLines(queue, () => {}));
  assert.equal(error, undefined);
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.at(-1), { index: 599, text: "ü" });
  assert.equal(lines.length, 600);
});

Deno.test("jsonLines() tells a failure in a last line, and then fails", async () => {
  const queue = new EventQueue<unknown>();
  const reason = new CodexError("stream_cut", "It was cut", { partial: { text: "so far" } });
  queue.push([{ type: "start" }], 1);
  queue.end({ reason });
  const { text, error } = await linesOf(jsonLines(queue, () => {}));
  assert.equal(error, reason);
  assert.deepEqual(JSON.parse(text.trimEnd().split("\n").at(-1) ?? ""), {
    type: "error",
    code: "stream_cut",
    message: "It was cut",
    retryable: true,
    text: "so far",
  });
});

Deno.test("jsonLines() tells what is known of a failure in place of the text alone", async () => {
  const queue = new EventQueue<unknown>();
  queue.end({ reason: "mine" });
  const told: string[] = [];
  const { text } = await linesOf(jsonLines(queue, () => {}, ({ code }) => {
    told.push(code);
    return { steps: 2, text: "all" };
  }));
  assert.deepEqual(told, ["aborted"]);
  assert.deepEqual(JSON.parse(text), {
    type: "error",
    code: "aborted",
    message: "The call was aborted",
    retryable: false,
    steps: 2,
    text: "all",
  });
});

Deno.test("jsonLines() tells a reason of the caller's own as aborted", async () => {
  const queue = new EventQueue<unknown>();
  queue.end({ reason: "my secret reason" });
  const { text, error } = await linesOf(jsonLines(queue, () => {}));
  assert.equal(error, "my secret reason");
  assert.equal(JSON.parse(text).code, "aborted");
  assert.ok(!text.includes("secret"));
});

Deno.test("jsonLines() says when its reader goes away, and reads nothing ahead of it", async () => {
  const queue = new EventQueue<unknown>();
  queue.push([1], 1);
  const cancelled: unknown[] = [];
  const stream = jsonLines(queue, (reason) => cancelled.push(reason));
  await Promise.resolve();
  assert.equal(queue.weight, 1);
  await stream.cancel("gone");
  assert.deepEqual(cancelled, ["gone"]);
});

Deno.test("jsonLines() tells the lone half of a character as any reader takes it", async () => {
  const queue = new EventQueue<object>();
  queue.push([{ delta: "a\ud83d" }], 0);
  queue.end();
  assert.equal((await linesOf(jsonLines(queue, () => {}))).text, '{"delta":"a\ufffd"}\n');
});

for (
  const [what, value, expected] of [
    ["a pair as it is", "a\u{1f680}b", '"a\u{1f680}b"'],
    ["a lone first half", "a\ud83d b", '"a\ufffd b"'],
    ["a lone second half, in a key", { "\udc00": 1 }, '{"\ufffd":1}'],
    ["a half behind a backslash", "\\\ud83d", '"\\\\\ufffd"'],
    ["a text that only looks like one", "\\ud83d \ud83d", '"\\\\ud83d \ufffd"'],
    ["other escapes", "\u0001\n\ud83d", '"\\u0001\\n\ufffd"'],
  ] as const
) {
  Deno.test(`jsonLine() writes ${what}`, () => {
    assert.equal(jsonLine(value), `${expected}\n`);
  });
}

Deno.test("jsonLine() writes any text well-formed, and changes nothing else in it", () => {
  const text = fc.string({
    unit: fc.constantFrom("\\", "u", "d83d", "\ud83d", "\ude80", '"', "\n"),
  });
  fc.assert(fc.property(text, (text) => {
    const line = jsonLine({ text });
    assert.ok(!/\\ud[89a-f]/.test(line.replaceAll("\\\\", "")));
    assert.equal(JSON.parse(line).text, text.toWellFormed());
  }));
});
