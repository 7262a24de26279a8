import assert from "node:assert/strict";
import { incompleteness } from "../../src/responses/completeness.ts";
import type { FinishReason, ModelResult } from "../../src/responses/events.ts";

function result(reason: FinishReason, detail?: string): ModelResult {
  const usage = {
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    totalTokens: 0,
  };
  const rest = { id: "r", model: "m", text: "a", continues: false, calls: [], items: [], usage };
  return { ...rest, reason, requestId: "req_1", ...(detail === undefined ? {} : { detail }) };
}

Deno.test("incompleteness() finds nothing wrong with a whole answer or a wish for tools", () => {
  assert.equal(incompleteness(result("stop"), "a"), undefined);
  assert.equal(incompleteness(result("tool-calls"), "a"), undefined);
});

Deno.test("incompleteness() gives the error with what was shown", () => {
  const error = incompleteness(result("refusal"), "I will not");
  assert.equal(error?.code, "refused");
  assert.deepEqual(error?.partial, { text: "I will not" });
  assert.equal(error?.requestId, "req_1");
  assert.equal(incompleteness(result("length"), "")?.code, "incomplete");
  assert.equal(incompleteness(result("content-filter"), "")?.code, "incomplete");
});

Deno.test("incompleteness() repeats the service's word only where it is one", () => {
  const said = (detail?: string) => incompleteness(result("other", detail), "")?.message;
  assert.equal(said("budget_reached"), "The answer is incomplete: budget_reached");
  assert.equal(said("a b\n\x1b[31m"), "The answer is incomplete");
  assert.equal(said(), "The answer is incomplete");
});
