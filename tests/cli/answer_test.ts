import assert from "node:assert/strict";
import fc from "fast-check";
import { NO_USAGE, type RunEvent } from "../../src/agent/run_events.ts";
import { AnswerText, withoutLineEnds } from "../../src/cli/answer.ts";
import { Output } from "../../src/cli/output.ts";
import { ManualClock } from "../support/manual_clock.ts";

function setup(options?: { readonly tools: boolean }) {
  const writes: string[] = [];
  const sink = {
    write(bytes: Uint8Array) {
      writes.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  const output = new Output(sink, new ManualClock());
  return { writes, output, answer: new AnswerText(output, options) };
}

const delta = (delta: string, id = "a"): RunEvent => ({ type: "text-delta", id, delta });

Deno.test("AnswerText writes each delta as it comes, and one newline at the end", async () => {
  const { writes, answer, output } = setup();
  await answer.take(delta("Hello"));
  await output.flush();
  assert.deepEqual(writes, ["Hello"]);
  await answer.take(delta(", world\n\n"));
  await output.flush();
  assert.deepEqual(writes, ["Hello", ", world"]);
  await answer.end("Hello, world\n\n");
  assert.deepEqual(writes, ["Hello", ", world", "\n"]);
});

Deno.test("AnswerText has written a message before its end is told of", async () => {
  const { writes, answer } = setup();
  for (const part of ["one ", "two ", "three"]) answer.take(delta(part));
  assert.deepEqual(writes, []);
  await answer.take({ type: "text-end", id: "a", text: "one two three", phase: "final" });
  assert.deepEqual(writes, ["one ", "two three"]);
});

Deno.test("AnswerText keeps line ends that more text follows", async () => {
  const { writes, answer } = setup();
  for (const part of ["a\n", "\n", "b\r\n", "c"]) await answer.take(delta(part));
  await answer.end("");
  assert.equal(writes.join(""), "a\n\nb\r\nc\n");
});

Deno.test("AnswerText leaves out what the model says on the way", async () => {
  const { writes, answer } = setup();
  await answer.take({ type: "text-start", id: "x", phase: "interim" });
  await answer.take(delta("Let me see.", "x"));
  await answer.take({ type: "text-start", id: "y", phase: "final" });
  await answer.take(delta("Four.", "y"));
  await answer.end("Four.");
  assert.equal(writes.join(""), "Four.\n");
});

Deno.test("AnswerText begins a second message on a line of its own", async () => {
  const { writes, answer } = setup();
  await answer.take(delta("one", "x"));
  await answer.take(delta("two", "y"));
  await answer.end("two");
  assert.equal(writes.join(""), "one\ntwo\n");
});

Deno.test("AnswerText writes the finished answer where nothing came before it", async () => {
  const { writes, answer } = setup();
  await answer.take({ type: "start", id: "r", model: "m" });
  await answer.end("whole\n");
  assert.equal(writes.join(""), "whole\n");
});

Deno.test("AnswerText ends a broken answer with a newline, and none that never began", async () => {
  const { writes, answer } = setup();
  await answer.break();
  assert.deepEqual(writes, []);
  await answer.take(delta("half a"));
  await answer.break();
  assert.equal(writes.join(""), "half a\n");
});

Deno.test("AnswerText writes any text as it is, but for the line ends at its end", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "\r", "é", " ") })),
    async (parts) => {
      const { writes, answer } = setup();
      for (const part of parts) await answer.take(delta(part));
      await answer.end(parts.join(""));
      assert.equal(writes.join(""), `${parts.join("").replace(/[\r\n]+$/, "")}\n`);
    },
  ));
});

Deno.test("withoutLineEnds() takes line ends from the end alone, in a time that is linear", () => {
  assert.equal(withoutLineEnds("\na\r\n\r\n"), "\na");
  assert.equal(withoutLineEnds("\n\r\n"), "");
  const long = `${"\n".repeat(1_000_000)}a`;
  assert.equal(withoutLineEnds(long), long);
});

const finish = (reason: "stop" | "tool-calls"): RunEvent => ({
  type: "finish",
  reason,
  usage: NO_USAGE,
});

Deno.test("AnswerText of a model with tools writes at once what was announced as the answer", async () => {
  const { writes, answer } = setup({ tools: true });
  await answer.take({ type: "text-start", id: "x", phase: "final" });
  await answer.take(delta("Fo", "x"));
  assert.deepEqual(writes, ["Fo"]);
});

Deno.test("AnswerText of a model with tools holds other text until its response ends without a call", async () => {
  const { writes, answer } = setup({ tools: true });
  for (const [id, reason, shown] of [["x", "tool-calls", ""], ["y", "stop", "Four."]] as const) {
    await answer.take({ type: "text-start", id });
    await answer.take(delta("Fo", id));
    await answer.take(delta("ur.", id));
    assert.equal(writes.join(""), "");
    await answer.take({ type: "text-end", id, text: "Four." });
    await answer.take(finish(reason));
    assert.equal(writes.join(""), shown);
  }
  await answer.end("Four.");
  assert.equal(writes.join(""), "Four.\n");
});

Deno.test("AnswerText of a model with tools heeds what a message turns out to be at its end", async () => {
  const { writes, answer } = setup({ tools: true });
  await answer.take(delta("Looking.", "x"));
  await answer.take({ type: "text-end", id: "x", text: "Looking.", phase: "interim" });
  await answer.take(delta("Four.", "y"));
  await answer.take({ type: "text-end", id: "y", text: "Four.", phase: "final" });
  assert.equal(writes.join(""), "Four.");
  await answer.take(finish("stop"));
  assert.equal(writes.join(""), "Four.");
});

const begins = (id: string, phase?: "interim" | "final"): RunEvent =>
  phase === undefined ? { type: "text-start", id } : { type: "text-start", id, phase };
const ends = (text: string, id: string, phase?: "interim" | "final"): RunEvent =>
  phase === undefined ? { type: "text-end", id, text } : { type: "text-end", id, text, phase };
const message = (text: string, id: string, phase?: "interim" | "final"): RunEvent[] => [
  begins(id, phase),
  delta(text, id),
  ends(text, id, phase),
];

for (
  const [what, tools, events, expected] of [
    ["two messages of one id in two responses", true, [
      ...message("early", "m", "final"),
      finish("tool-calls"),
      ...message("late", "m", "final"),
      finish("stop"),
    ], "early\nlate"],
    ["two messages of one id in one response", true, [
      ...message("one", "m"),
      ...message("two", "m"),
      finish("stop"),
    ], "one\ntwo"],
    ["messages whose begin was not told, in two responses", false, [
      delta("one", "m"),
      finish("stop"),
      delta("two", "m"),
    ], "one\ntwo"],
    ["an answer with the id of something that was said on the way", true, [
      ...message("Looking.", "m", "interim"),
      finish("tool-calls"),
      ...message("Four.", "m", "final"),
      finish("stop"),
    ], "Four."],
    ["a held answer with the id of a text that went with a call", true, [
      ...message("Looking.", "m"),
      finish("tool-calls"),
      ...message("Four.", "m"),
      finish("stop"),
    ], "Four."],
  ] as const
) {
  Deno.test(`AnswerText keeps apart ${what}`, async () => {
    const { writes, answer } = setup({ tools });
    for (const event of events) await answer.take(event);
    await answer.end("");
    assert.equal(writes.join(""), `${expected}\n`);
  });
}

for (
  const [what, events, text, expected] of [
    ["the answer", message("Four.\n", "m"), "Four.", false],
    [
      "a message that its end says otherwise, which has a warning of its own",
      [
        delta("Fo", "m"),
        ends("Five.", "m"),
      ],
      "Five.",
      false,
    ],
    ["nothing", [], "Four.", false],
    ["two messages", [...message("one", "m"), ...message("two", "n")], "two", true],
    [
      "another message",
      [
        ...message("ans", "m", "final"),
        ...message("bye", "n", "interim"),
      ],
      "bye",
      true,
    ],
    [
      "what was said on the way, and the answer",
      [
        ...message("Looking.", "m", "interim"),
        ...message("Four.", "n", "final"),
      ],
      "Four.",
      false,
    ],
  ] as const
) {
  Deno.test(`AnswerText says whether it is the answer that it wrote: ${what}`, async () => {
    const { answer } = setup();
    for (const event of events) await answer.take(event);
    assert.equal(answer.isOther(text), expected);
  });
}
