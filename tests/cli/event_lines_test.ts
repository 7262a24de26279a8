import assert from "node:assert/strict";
import fc from "fast-check";
import { eventLines, jsonLine } from "../../src/cli/event_lines.ts";
import { ClosedPipe, Output } from "../../src/cli/output.ts";
import { ManualClock } from "../support/manual_clock.ts";

Deno.test("eventLines() writes one event a line, each when it comes", async () => {
  const writes: string[] = [];
  const sink = {
    write(bytes: Uint8Array) {
      writes.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  const print = eventLines(new Output(sink, new ManualClock()));
  await print({ type: "step-start", step: 1 });
  await print({ type: "text-delta", id: "a", delta: "line\nline" });
  assert.deepEqual(writes, [
    '{"type":"step-start","step":1}\n',
    '{"type":"text-delta","id":"a","delta":"line\\nline"}\n',
  ]);
});

Deno.test("eventLines() tells that its reader has gone", async () => {
  const sink = { write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")) };
  const print = eventLines(new Output(sink, new ManualClock()));
  await assert.rejects(print({ type: "step-start", step: 1 }), ClosedPipe);
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
