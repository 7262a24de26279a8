import assert from "node:assert/strict";
import { createSimulator, type RuleSettings } from "../../../testing.ts";
import { admission, ask, BACKEND, classic, postJson } from "../client.ts";

/** Status and body of the answer to a request with some changes. */
async function answer(
  changes: Record<string, unknown>,
  headers: Record<string, string> = {},
  rules: RuleSettings = {},
): Promise<{ status: number; body: unknown }> {
  await using simulator = createSimulator({ rules });
  const response = await ask(simulator, classic(changes), { headers });
  const text = await response.text();
  return { status: response.status, body: response.status === 200 ? text : JSON.parse(text) };
}

async function assertDetail(changes: Record<string, unknown>, detail: string): Promise<void> {
  assert.deepEqual(await answer(changes), { status: 400, body: { detail } });
}

Deno.test("a request as the classic shape wants it is taken, with every member that may be there", async () => {
  const { status } = await answer({
    tools: [{ type: "function", name: "f", strict: false, parameters: { type: "object" } }],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: { effort: "high", summary: "auto" },
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "key",
    text: { verbosity: "low" },
    service_tier: "priority",
    client_metadata: { session_id: "x" },
  });
  assert.equal(status, 200);
});

Deno.test("the backend refuses each parameter that it does not know, by its name", async () => {
  for (
    const name of [
      ..."max_output_tokens max_tool_calls temperature top_p frequency_penalty".split(" "),
      ..."presence_penalty truncation metadata safety_identifier background".split(" "),
      ..."stream_options user stop seed previous_response_id anything".split(" "),
    ]
  ) {
    await assertDetail({ [name]: 1 }, `Unsupported parameter: ${name}`);
  }
});

Deno.test("store must be false, stream must be true, missing or not", async () => {
  for (const store of [true, undefined, null]) {
    await assertDetail({ store }, "Store must be set to false");
  }
  for (const stream of [false, undefined, null]) {
    await assertDetail({ stream }, "Stream must be set to true");
  }
});

Deno.test("instructions must be there in the classic shape, unless the official client asks", async () => {
  for (const instructions of ["", undefined, null]) {
    await assertDetail({ instructions }, "Instructions are required");
  }
  const none = { instructions: undefined };
  assert.equal((await answer(none, { version: "0.169.0" })).status, 200);
  assert.equal((await answer(none, {}, { instructions: "optional" })).status, 200);
});

Deno.test("the input must be a list", async () => {
  await assertDetail({ input: "Hi" }, "Input must be a list");
  await assertDetail({ input: undefined }, "Input must be a list");
});

Deno.test("an unknown tier is refused", async () => {
  await assertDetail({ service_tier: "auto" }, "Unsupported service_tier: auto");
  assert.equal((await answer({ service_tier: "flex" })).status, 200);
});

Deno.test("members of the wrong type are refused by their names", async () => {
  for (
    const [param, changes] of [
      ["include", { include: "reasoning.encrypted_content" }],
      ["parallel_tool_calls", { parallel_tool_calls: "yes" }],
      ["tool_choice", { tool_choice: "maybe" }],
      ["client_metadata", { client_metadata: { a: 1 } }],
      ["reasoning.summary", { reasoning: { summary: "long" } }],
    ] as const
  ) {
    const { status, body } = await answer(changes);
    assert.equal(status, 400);
    assert.equal(Object(body).error.param, param);
    assert.equal(Object(body).error.code, "invalid_type");
  }
});

Deno.test("a body that is no JSON object is refused", async () => {
  await using simulator = createSimulator();
  const url = `${BACKEND}/codex/responses`;
  assert.equal((await postJson(simulator, url, [1], admission(simulator))).status, 400);
  const response = await simulator.fetch(url, {
    method: "POST",
    headers: admission(simulator),
    body: "{",
  });
  assert.equal(response.status, 400);
});

Deno.test("a refused request uses up no turn", async () => {
  await using simulator = createSimulator({ turns: [{ type: "http", status: 418 }] });
  assert.equal((await ask(simulator, classic({ store: true }))).status, 400);
  assert.equal((await ask(simulator)).status, 418);
});
