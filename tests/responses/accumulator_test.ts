import assert from "node:assert/strict";
import { Accumulator } from "../../src/responses/accumulator.ts";

Deno.test("Accumulator gives a snapshot that later events do not change", () => {
  const answer = new Accumulator("gpt-5.5");
  answer.shown.add("m", "He");
  answer.items.push({ type: "reasoning" });
  const before = answer.snapshot();
  answer.shown.add("m", "llo");
  answer.items.push({ type: "message" });
  assert.deepEqual(before, { text: "He", items: [{ type: "reasoning" }] });
  assert.equal(answer.snapshot().text, "Hello");
});

Deno.test("Accumulator puts the result together, and leaves out what was not told", () => {
  const answer = new Accumulator("gpt-5.5");
  answer.answer = "Hello";
  const result = answer.result({ reason: "stop", continues: false });
  assert.deepEqual(Object.keys(result).sort(), [
    "calls",
    "continues",
    "id",
    "items",
    "model",
    "reason",
    "text",
    "usage",
  ]);
  assert.equal(result.usage.totalTokens, 0);
  answer.limits = { plan: "plus" };
  answer.requestId = "req_1";
  const told = answer.result({ reason: "other", detail: "why", continues: true });
  assert.deepEqual([told.limits, told.requestId, told.detail], [{ plan: "plus" }, "req_1", "why"]);
  assert.deepEqual(structuredClone(told), told);
});
