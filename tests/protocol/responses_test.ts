import assert from "node:assert/strict";
import {
  readCall,
  readMessage,
  readReasoning,
  readUsage,
  readWireEvent,
} from "../../src/protocol/responses.ts";

Deno.test("readWireEvent() skips what is no JSON, no object or has no type", () => {
  for (const data of ["[DONE]", "{not json", "", "null", "5", '"text"', "[]", "{}", '{"type":5}']) {
    assert.equal(readWireEvent(data), undefined, data);
  }
  assert.deepEqual(readWireEvent('{"type":"new.event","a":1}'), { type: "new.event", a: 1 });
});

Deno.test("readMessage() joins text and refusal parts, and tells a refusal", () => {
  const content = [
    { type: "output_text", text: "Well, " },
    { type: "refusal", refusal: "no" },
    { type: "output_audio" },
    7,
  ];
  assert.deepEqual(readMessage({ content }), { text: "Well, no", refused: true });
  assert.deepEqual(readMessage({ content: [{ type: "output_text", text: "" }] }), {
    text: "",
    refused: false,
  });
  for (const item of [{}, { content: [] }, { content: "text" }, null]) {
    assert.equal(readMessage(item), undefined);
  }
});

Deno.test("readReasoning() takes the summary, else the raw content", () => {
  const summary = [{ type: "summary_text", text: "one" }, { type: "summary_text", text: "two" }];
  const content = [{ type: "reasoning_text", text: "raw" }];
  assert.equal(readReasoning({ summary, content }), "one\n\ntwo");
  assert.equal(readReasoning({ summary: [], content }), "raw");
  assert.equal(readReasoning({ summary: null }), "");
});

Deno.test("readCall() reads calls of both kinds and nothing else", () => {
  const call = { type: "function_call", call_id: "c1", id: "fc_1", name: "run", arguments: "{}" };
  assert.deepEqual(readCall(call), {
    id: "c1",
    name: "run",
    namespace: undefined,
    kind: "function",
    input: "{}",
  });
  const custom = { type: "custom_tool_call", id: "ctc_1", name: "patch", input: "***" };
  const read = readCall({ ...custom, namespace: "functions" });
  assert.deepEqual([read?.id, read?.namespace, read?.input], ["ctc_1", "functions", "***"]);
  assert.equal(readCall({ ...call, name: "" }), undefined);
  assert.equal(readCall({ ...call, type: "local_shell_call" }), undefined);
  assert.equal(readCall({ type: "function_call", name: "run" }), undefined);
});

Deno.test("readUsage() takes a missing or odd member for 0, and no usage for none", () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 40 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 5 },
  };
  assert.deepEqual(readUsage({ usage }), {
    inputTokens: 100,
    cachedInputTokens: 40,
    outputTokens: 20,
    reasoningTokens: 5,
    totalTokens: 120,
  });
  const odd = readUsage({ usage: { input_tokens: "100", total_tokens: 3 } });
  assert.deepEqual([odd?.inputTokens, odd?.totalTokens], [0, 3]);
  assert.equal(readUsage({ usage: null }), undefined);
  assert.equal(readUsage(undefined), undefined);
});
