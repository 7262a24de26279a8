import assert from "node:assert/strict";
import { NO_USAGE } from "../../src/agent/run_events.ts";
import type { StepState } from "../../src/agent/run_options.ts";
import { hasToolCall, isMet, maxSteps, tokens } from "../../src/agent/stop.ts";
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

Deno.test("maxSteps(), tokens() and hasToolCall() refuse at once what can never be met", () => {
  for (const count of [undefined, null, NaN, 0, -1, 1.5, Infinity, "50_000"] as number[]) {
    assert.throws(() => maxSteps(count), { code: "invalid_usage", message: /^steps has to be/ });
    assert.throws(() => tokens(count), { code: "invalid_usage", message: /^total has to be/ });
  }
  for (const name of [undefined, null, 5, ""] as string[]) {
    assert.throws(() => hasToolCall(name), { code: "invalid_usage", message: /^name has to be/ });
  }
});

Deno.test("isMet() takes an answer alone, and no promise of one", () => {
  const now = state(1, 0, "t");
  const says = (answer: unknown) => ({ name: "mine", isMet: () => answer as boolean });
  assert.equal(isMet(says(true), now), true);
  assert.equal(isMet(says(false), now), false);
  for (const answer of [Promise.resolve(false), Promise.reject(new Error("x")), "yes", undefined]) {
    assert.throws(() => isMet(says(answer), now), {
      code: "invalid_usage",
      message: /^isMet\(\) of "mine" has to be true or false/,
    });
  }
});

Deno.test("isMet() says whose fault it is when a condition fails", () => {
  const cause = new TypeError("no such member");
  const failing = {
    name: "mine",
    isMet(): boolean {
      throw cause;
    },
  };
  assert.throws(() => isMet(failing, state(1, 0, "t")), {
    code: "tool_failed",
    message: /"mine"/,
    hint: /isMet/,
    cause,
  });
});
