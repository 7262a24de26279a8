import assert from "node:assert/strict";
import { isCodexError } from "../../../src/base/errors.ts";
import type { JsonObject } from "../../../src/base/json.ts";
import { ItemMemory } from "../../../src/responses/fetch/item_memory.ts";
import { rewriteBody, type Rewritten } from "../../../src/responses/fetch/rewrite.ts";
import { DEFAULT_INSTRUCTIONS } from "../../../src/responses/default_instructions.ts";
import { REFUSED_PARAMETERS } from "../refused_parameters.ts";

function rewrite(body: JsonObject, memory: ItemMemory = new ItemMemory()): Rewritten {
  return rewriteBody(JSON.stringify({ model: "m", input: "Hi", ...body }), memory);
}

function classic(body: JsonObject, memory?: ItemMemory): JsonObject {
  return rewrite(body, memory).body("classic", "key");
}

const USER = { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] };

Deno.test("rewriteBody() sets what the backend demands, in the classic shape", () => {
  assert.deepEqual(classic({}), {
    model: "m",
    store: false,
    stream: true,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "key",
    instructions: DEFAULT_INSTRUCTIONS,
    input: [USER],
  });
});

Deno.test("rewriteBody() puts instructions and tools into the input, in the lite shape", () => {
  const tools = [{ type: "function", name: "f" }];
  const given = { tools, instructions: "Be brief", reasoning: { effort: "low" } };
  const body = rewrite({ ...given, parallel_tool_calls: true }).body("lite", "key");
  assert.deepEqual(body["input"], [
    { type: "additional_tools", role: "developer", tools },
    {
      type: "message",
      role: "developer",
      content: [{ type: "input_text", text: "Be brief" }],
    },
    USER,
  ]);
  assert.deepEqual(body["reasoning"], { effort: "low", context: "all_turns" });
  assert.equal(body["parallel_tool_calls"], false);
  assert.ok(!("tools" in body) && !("instructions" in body));
});

Deno.test("rewriteBody() drops every member that is refused, and names it", () => {
  const refused = Object.fromEntries(REFUSED_PARAMETERS.map((name) => [name, 1]));
  const { dropped, body } = rewrite({ ...refused, top_logprobs: 1, store: true });
  assert.deepEqual([...dropped].sort(), [...REFUSED_PARAMETERS, "store", "top_logprobs"].sort());
  for (const shape of ["classic", "lite"] as const) {
    assert.deepEqual(Object.keys(body(shape, "key")).filter((name) => name in refused), []);
  }
});

Deno.test("rewriteBody() takes null for nothing, and store: false for what is done anyway", () => {
  const { dropped } = rewrite({ user: null, temperature: null, store: false, stream: false });
  assert.deepEqual(dropped, []);
  assert.equal(classic({ instructions: null })["instructions"], DEFAULT_INSTRUCTIONS);
});

Deno.test("rewriteBody() keeps what the backend takes", () => {
  const kept = {
    tools: [{ type: "function", name: "f" }],
    tool_choice: { type: "function", name: "f" },
    parallel_tool_calls: false,
    text: { verbosity: "low" },
    reasoning: { effort: "high", summary: "auto" },
    client_metadata: { a: "b" },
    service_tier: "priority",
  };
  const body = classic(kept);
  for (const [name, value] of Object.entries(kept)) assert.deepEqual(body[name], value, name);
});

Deno.test("rewriteBody() leaves tiers out that mean what happens anyway, and names them", () => {
  for (const tier of ["auto", "default", 5]) {
    const { dropped, body } = rewrite({ service_tier: tier });
    assert.ok(!("service_tier" in body("classic", "key")));
    assert.deepEqual(dropped, ["service_tier"]);
  }
});

Deno.test("rewriteBody() leaves a system message that is no text to the service", () => {
  const input = [{ role: "system", content: 5 }, { role: "user", content: "x" }];
  assert.deepEqual(classic({ input })["input"], [{ role: "developer", content: 5 }, input[1]]);
});

Deno.test("rewriteBody() asks for the encrypted reasoning beside what else is asked for, once", () => {
  assert.deepEqual(classic({ include: ["a"] })["include"], ["a", "reasoning.encrypted_content"]);
  const both = ["reasoning.encrypted_content", "a"];
  assert.deepEqual(classic({ include: both })["include"], both);
});

Deno.test("rewriteBody() makes the first words of the program its instructions", () => {
  const body = classic({
    input: [
      { role: "system", content: "One." },
      { role: "developer", content: [{ type: "input_text", text: "Two." }] },
      { role: "user", content: "Hi" },
      { role: "system", content: "Three." },
    ],
  });
  assert.equal(body["instructions"], "One.\n\nTwo.");
  assert.deepEqual(body["input"], [
    { role: "user", content: "Hi" },
    { role: "developer", content: "Three." },
  ]);
});

Deno.test("rewriteBody() leaves a system message in its place where there are instructions", () => {
  const input = [{ role: "system", content: "One." }, { role: "user", content: "Hi" }];
  const body = classic({ instructions: "Zero.", input });
  assert.equal(body["instructions"], "Zero.");
  assert.deepEqual(body["input"], [{ role: "developer", content: "One." }, input[1]]);
});

Deno.test("rewriteBody() makes no instructions of a message with an image, or of none but blanks", () => {
  const image = { type: "input_image", image_url: "data:," };
  const withImage = [{ role: "developer", content: [image] }];
  assert.deepEqual(classic({ input: withImage })["input"], withImage);
  const blank = classic({ input: [{ role: "system", content: " " }] });
  assert.equal(blank["instructions"], DEFAULT_INSTRUCTIONS);
});

Deno.test("rewriteBody() puts what the model said in the place of a reference to it", () => {
  const memory = new ItemMemory();
  memory.keep({ type: "reasoning", id: "rs_1", encrypted_content: "x" });
  const input = [{ type: "item_reference", id: "rs_1" }];
  assert.deepEqual(classic({ input }, memory)["input"], [
    { type: "reasoning", id: "rs_1", encrypted_content: "x" },
  ]);
});

for (
  const [what, body, said] of [
    [
      "an item that is not at hand",
      { input: [{ type: "item_reference", id: "x" }] },
      /store: false/,
    ],
    [
      "an answer before",
      { previous_response_id: "resp_1" },
      /"previous_response_id" cannot be used/,
    ],
    ["a stored conversation", { conversation: "conv_1" }, /"conversation"/],
    ["a stored prompt", { prompt: { id: "p" } }, /"prompt"/],
    ["no model", { model: undefined }, /names no model/],
    ["no input", { input: undefined }, /no input/],
    ["an item that is none", { input: ["Hi"] }, /no object/],
  ] as const
) {
  Deno.test(`rewriteBody() refuses ${what}`, () => {
    assert.throws(
      () => rewrite(body),
      (error) =>
        isCodexError(error, "invalid_request") && said.test(`${error.message} ${error.hint}`),
    );
  });
}

for (const text of ["", "no", "[]", '"x"']) {
  Deno.test(`rewriteBody() refuses the body ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => rewriteBody(text, new ItemMemory()),
      (error) => isCodexError(error, "invalid_request"),
    );
  });
}

Deno.test("rewriteBody() tells how a conversation begins, the same in each of its requests", () => {
  const first = { role: "user", content: "Hi" };
  const one = rewrite({ input: [first] }).beginning;
  const two = rewrite({ input: [first, { role: "user", content: "More" }] }).beginning;
  assert.equal(one, two);
  assert.notEqual(one, rewrite({ input: [{ role: "user", content: "Ho" }] }).beginning);
});
