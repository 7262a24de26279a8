import assert from "node:assert/strict";
import { withPhases } from "../../../src/testing/stream/phases.ts";
import type { AnswerTurn } from "../../../src/testing/turns.ts";
import { combine, reasoning, reply, toolCall } from "../../../testing.ts";

const TOOLS = { tools: [{ type: "function", name: "t" }] };

const phases = (turn: AnswerTurn, request: Record<string, unknown> = TOOLS) =>
  withPhases(turn, request).items.map((item) => item.type === "text" ? item.phase : item.type);

Deno.test("withPhases() announces the last message of an answer where tools are offered", () => {
  const turn = combine(reasoning("hm"), reply("One."), reply("Two."));
  assert.deepEqual(phases(turn), ["reasoning", undefined, "final_answer"]);
  const lite = { input: [{ type: "additional_tools", tools: [] }, { type: "message" }] };
  assert.deepEqual(phases(turn, lite), ["reasoning", undefined, "final_answer"]);
});

Deno.test("withPhases() says nothing without tools, beside a call, or where a turn says it itself", () => {
  assert.deepEqual(phases(reply("One."), {}), [undefined]);
  assert.deepEqual(phases(reply("One."), { tools: [], input: [] }), [undefined]);
  assert.deepEqual(phases(combine(reply("One."), toolCall("t", {}))), [undefined, "tool-call"]);
  assert.deepEqual(phases(reply("One.", { phase: "none" })), ["none"]);
  assert.deepEqual(phases(reply("One.", { phase: "commentary" })), ["commentary"]);
});
