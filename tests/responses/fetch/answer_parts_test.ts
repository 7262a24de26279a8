import assert from "node:assert/strict";
import { AnswerParts, isLast } from "../../../src/responses/fetch/answer_parts.ts";
import type { WireEvent } from "../../../src/protocol/responses.ts";

const CREATED = {
  type: "response.created",
  response: { id: "resp_1", model: "m", status: "in_progress", output: [], usage: null },
};

function partsOf(...events: readonly WireEvent[]): AnswerParts {
  const parts = new AnswerParts();
  for (const event of events) parts.take(event);
  return parts;
}

function item(index: number, id: string): WireEvent {
  return { type: "response.output_item.done", output_index: index, item: { type: "message", id } };
}

function outputOf(event: WireEvent): unknown {
  const { response } = event;
  return typeof response === "object" && response !== null && "output" in response
    ? response.output
    : undefined;
}

Deno.test("AnswerParts puts the finished items into the last event, in order", () => {
  const parts = partsOf(CREATED, item(1, "b"), item(0, "a"));
  const last = { type: "response.completed", response: { id: "resp_1", output: [] } };
  assert.deepEqual(outputOf(parts.filled(last)), [
    { type: "message", id: "a" },
    { type: "message", id: "b" },
  ]);
  assert.deepEqual(last.response.output, [], "what came is not changed");
});

Deno.test("AnswerParts tells the item that an event finishes", () => {
  assert.deepEqual(new AnswerParts().take(item(0, "a")), { type: "message", id: "a" });
  assert.equal(new AnswerParts().take(CREATED), undefined);
});

Deno.test("AnswerParts leaves a last event alone that has its output, or where nothing came", () => {
  const has = { type: "response.completed", response: { output: [{ type: "message" }] } };
  assert.equal(partsOf(item(0, "a")).filled(has), has);
  const bare = { type: "response.completed", response: { output: [] } };
  assert.equal(partsOf(CREATED).filled(bare), bare);
  const failed = { type: "response.failed", response: { output: [] } };
  assert.equal(partsOf(item(0, "a")).filled(failed), failed);
  const odd = { type: "response.completed", response: "no" };
  assert.equal(partsOf(item(0, "a")).filled(odd), odd);
});

Deno.test("AnswerParts keeps the text of a message that was never finished", () => {
  const parts = partsOf(
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { type: "message", id: "a", role: "assistant" },
    },
    { type: "response.output_text.delta", output_index: 0, delta: "one " },
    { type: "response.output_text.delta", output_index: 0, delta: "two" },
    { type: "response.output_item.added", output_index: 1, item: { type: "function_call" } },
  );
  assert.deepEqual(outputOf(parts.filled({ type: "response.completed", response: {} })), [{
    type: "message",
    id: "a",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: "one two", annotations: [] }],
  }]);
});

Deno.test("AnswerParts counts where the service gives no places", () => {
  const done = (id: string) => ({ type: "response.output_item.done", item: { id } });
  const parts = partsOf(done("a"), done("b"));
  assert.deepEqual(outputOf(parts.filled({ type: "response.completed", response: {} })), [
    { id: "a" },
    { id: "b" },
  ]);
});

Deno.test("AnswerParts makes a whole response of a last event that says next to nothing", () => {
  const parts = partsOf(CREATED, item(0, "a"));
  const otherwise = { model: "asked", created_at: 7, usage: null };
  assert.deepEqual(parts.whole({ type: "response.completed", response: { id: "r" } }, otherwise), {
    object: "response",
    error: null,
    incomplete_details: null,
    model: "m",
    created_at: 7,
    usage: null,
    id: "r",
    status: "completed",
    output: [{ type: "message", id: "a" }],
  });
  const incomplete = {
    type: "response.incomplete",
    response: { incomplete_details: { reason: "max_output_tokens" } },
  };
  const { status, incomplete_details: details } = parts.whole(incomplete, otherwise);
  assert.deepEqual([status, details], ["incomplete", { reason: "max_output_tokens" }]);
});

Deno.test("isLast() knows every event that ends an answer, and no other", () => {
  const LAST = ["completed", "incomplete", "failed", "cancelled"].map((name) => `response.${name}`);
  for (const type of [...LAST, "error"]) assert.ok(isLast({ type }), type);
  assert.ok(!isLast(CREATED));
});
