import assert from "node:assert/strict";
import { ApiMemory } from "../../../src/testing/backend/api_memory.ts";
import type { Step } from "../../../src/testing/stream/items.ts";

function answerOf(n: number): Step {
  const output = [{ id: `msg_${n}`, type: "message" }];
  return { event: { type: "response.completed", response: { id: `resp_${n}`, output } } };
}

/** Lets a memory keep so many answers. */
function remembering(count: number): ApiMemory {
  const memory = new ApiMemory();
  for (let n = 0; n < count; n++) {
    for (const _ of memory.keeping({ input: [n] }, [answerOf(n)]));
  }
  return memory;
}

function isKnown(memory: ApiMemory, n: number): readonly boolean[] {
  return [
    { previous_response_id: `resp_${n}` },
    { input: [{ type: "item_reference", id: `msg_${n}` }] },
  ].map((request) => "input" in memory.recall(request));
}

Deno.test("ApiMemory.recall() puts what is pointed at in its place", () => {
  const memory = remembering(3);
  const request = {
    previous_response_id: "resp_1",
    input: ["a", { type: "item_reference", id: "msg_2" }, "b"],
  };
  assert.deepEqual(memory.recall(request), {
    input: [1, { id: "msg_1", type: "message" }, "a", { id: "msg_2", type: "message" }, "b"],
  });
  const said = [{ type: "message", role: "user", content: "Hi" }];
  assert.deepEqual(memory.recall({ input: "Hi" }), { input: said });
  assert.deepEqual(memory.recall({ input: "Hi", previous_response_id: null }), { input: said });
});

Deno.test("ApiMemory forgets the oldest past a thousand responses, their items with them", () => {
  const memory = remembering(1001);
  assert.deepEqual(isKnown(memory, 0), [false, false]);
  assert.deepEqual(isKnown(memory, 1), [true, true]);
  assert.deepEqual(isKnown(memory, 1000), [true, true]);
});

Deno.test("ApiMemory.keeping() keeps an answer before it is sent, and not one that fails", () => {
  const memory = new ApiMemory();
  for (const _ of memory.keeping({ input: [] }, [answerOf(1)])) {
    assert.deepEqual(isKnown(memory, 1), [true, true]);
  }
  const failed = { event: { ...answerOf(2).event, type: "response.failed" } };
  for (const _ of memory.keeping({ input: [] }, [failed]));
  assert.deepEqual(isKnown(memory, 2), [false, false]);
  for (const _ of memory.keeping({ input: [], store: false }, [answerOf(3)]));
  assert.deepEqual(isKnown(memory, 3), [false, false]);
});
