import assert from "node:assert/strict";
import { NO_USAGE } from "../../src/agent/run_events.ts";
import type { StepState } from "../../src/agent/run_options.ts";
import { hasToolCall, maxSteps, tokens } from "../../src/agent/stop.ts";
import { Accumulator } from "../../src/responses/accumulator.ts";

/** Where a run stands after some steps, the last of which called a tool. */
function state(steps: number, totalTokens: number, called: string): StepState {
  const answer = new Accumulator("m");
  answer.calls.push({ id: "c", name: called, input: {} });
  const last = answer.result({ reason: "tool-calls", continues: false });
  return { step: steps + 1, messages: [], usage: { ...NO_USAGE, totalTokens }, last };
}

Deno.test("maxSteps() is met after so many steps", () => {
  assert.deepEqual([1, 2, 3].map((steps) => maxSteps(2).isMet(state(steps, 0, "t"))), [
    false,
    true,
    true,
  ]);
});

Deno.test("hasToolCall() is met by the name of a call of the last step", () => {
  assert.equal(hasToolCall("submit").isMet(state(1, 0, "submit")), true);
  assert.equal(hasToolCall("submit").isMet(state(1, 0, "other")), false);
  assert.equal(hasToolCall("submit").isMet({ ...state(1, 0, "submit"), last: undefined }), false);
});

Deno.test("tokens() is met once input and output together have come to the number", () => {
  assert.equal(tokens(100).isMet(state(1, 99, "t")), false);
  assert.equal(tokens(100).isMet(state(1, 100, "t")), true);
});
