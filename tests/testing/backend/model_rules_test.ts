import assert from "node:assert/strict";
import { createSimulator, type RuleSettings } from "../../../testing.ts";
import { ask, classic } from "../client.ts";

const LITE = { "x-openai-internal-codex-responses-lite": "true" };

/** A request in the lite shape. */
function lite(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...classic({ model: "gpt-6.1-sol", instructions: undefined }),
    input: [
      { type: "additional_tools", role: "developer", tools: [] },
      { role: "developer", content: [{ type: "input_text", text: "Answer briefly." }] },
      { role: "user", content: [{ type: "input_text", text: "Hi" }] },
    ],
    parallel_tool_calls: false,
    reasoning: { context: "all_turns" },
    ...changes,
  };
}

async function answer(
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
  rules: RuleSettings = {},
): Promise<{ status: number; detail?: string; error: Record<string, unknown> }> {
  await using simulator = createSimulator({ rules });
  const response = await ask(simulator, body, { headers });
  const text = await response.text();
  return {
    error: {},
    ...(response.status === 200 ? {} : JSON.parse(text)),
    status: response.status,
  };
}

Deno.test("an unknown model is refused as one that the account may not use", async () => {
  const { status, detail } = await answer(classic({ model: "openai/gpt-5.5" }));
  assert.equal(status, 400);
  assert.equal(
    detail,
    "The 'openai/gpt-5.5' model is not supported when using Codex with a ChatGPT account.",
  );
});

Deno.test("the classic shape is taken for a lite model, unless the model wants the lite one", async () => {
  const body = classic({ model: "gpt-6-luna" });
  assert.equal((await answer(body)).status, 200);
  for (const wantsLite of [["gpt-6-luna"], ["*"]]) {
    const refused = await answer(body, {}, { wantsLite });
    assert.equal(refused.status, 404);
    assert.deepEqual(refused.error, {
      message: "Model not found gpt-6-luna",
      type: "invalid_request_error",
      param: null,
      code: null,
    });
    const taken = await answer(lite({ model: "gpt-6-luna" }), LITE, { wantsLite });
    assert.equal(taken.status, 200);
  }
  assert.equal((await answer(classic(), {}, { wantsLite: ["*"] })).status, 200);
});

Deno.test("a model may want the official client, or a newer one", async () => {
  const body = classic({ model: "gpt-6-luna" });
  const wantsIdentity = ["gpt-6-luna"];
  assert.equal((await answer(body, { originator: "codex_deno" }, { wantsIdentity })).status, 404);
  assert.equal((await answer(body, { originator: "codex_cli_rs" }, { wantsIdentity })).status, 200);
  const newer = await answer(body, {}, { wantsNewer: ["gpt-6-luna"] });
  assert.equal(newer.status, 400);
  assert.match(String(newer.error["message"]), /^The 'gpt-6-luna' model requires a newer version/);
});

Deno.test("the lite header holds the body to the lite shape", async () => {
  assert.equal((await answer(lite(), LITE)).status, 200);
  for (
    const [param, body] of [
      ["model", lite({ model: "gpt-5.5" })],
      ["reasoning.context", lite({ reasoning: { effort: "low" } })],
      ["reasoning.context", lite({ reasoning: undefined })],
      ["reasoning.context", classic({ model: "gpt-6-sol" })],
      ["parallel_tool_calls", lite({ parallel_tool_calls: true })],
      ["parallel_tool_calls", lite({ parallel_tool_calls: undefined })],
    ] as const
  ) {
    const { status, error } = await answer(body, LITE);
    assert.equal(status, 400);
    assert.equal(error["param"], param);
    assert.equal(error["code"], "unsupported_value");
  }
});

Deno.test("each model takes its own efforts, and the refusal names them", async () => {
  const effort = (model: string, name: string) =>
    answer(classic({ model, reasoning: { effort: name } }));
  for (
    const [model, name, status] of [
      ["gpt-5.5", "low", 200],
      ["gpt-5.5", "xhigh", 200],
      ["gpt-5.5", "max", 400],
      ["gpt-5.5", "none", 200],
      ["gpt-5.5", "minimal", 400],
      ["gpt-5.6-sol", "none", 200],
      ["gpt-6.1-sol", "none", 400],
      ["gpt-6-astra", "none", 400],
      ["gpt-6.1-sol", "max", 200],
      ["gpt-6.1-sol", "ultra", 400],
    ] as const
  ) {
    assert.equal((await effort(model, name)).status, status, `${model} ${name}`);
  }
  const { error } = await effort("gpt-6-luna", "minimal");
  assert.deepEqual(error, {
    message: "Unsupported value: 'minimal' is not supported with the 'gpt-6-luna' model. " +
      "Supported values are: 'low', 'medium', 'high', 'xhigh', and 'max'.",
    type: "invalid_request_error",
    param: "reasoning.effort",
    code: "unsupported_value",
  });
});
