import assert from "node:assert/strict";
import type { StreamOptions } from "../../src/responses/options.ts";
import { DEFAULT_INSTRUCTIONS } from "../../src/responses/default_instructions.ts";
import { modelRequest, type RequestParts } from "../../src/responses/request.ts";
import { API_KEY, CHATGPT, TOKEN } from "./fakes.ts";
import { REFUSED_PARAMETERS } from "./refused_parameters.ts";

const USER = { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] };

function build(options: StreamOptions = {}, others: Partial<RequestParts> = {}) {
  const { url, headers, body } = modelRequest({
    authorization: CHATGPT,
    identity: { originator: "codex_test", "user-agent": "codex_test/0.1.0" },
    shape: "classic",
    model: "gpt-5.5",
    effort: undefined,
    items: [USER],
    sessionKey: "key-1",
    options,
    ...others,
  });
  const parsed: Record<string, unknown> = JSON.parse(String(body));
  return { url, headers, body: parsed };
}

const EVERYTHING: StreamOptions = {
  instructions: "Be brief",
  reasoningSummary: "auto",
  verbosity: "low",
  serviceTier: "flex",
  output: { schema: { type: "object" } },
  tools: [
    { name: "run", parameters: { type: "object" } },
    { type: "custom", name: "patch", grammar: { syntax: "lark", definition: "start: x" } },
    { type: "web-search", live: true },
  ],
  toolChoice: { name: "patch" },
};

const TOOLS = [
  {
    type: "function",
    name: "run",
    description: "",
    strict: false,
    parameters: { type: "object" },
  },
  {
    type: "custom",
    name: "patch",
    description: "",
    format: { type: "grammar", syntax: "lark", definition: "start: x" },
  },
  { type: "web_search", external_web_access: true, search_content_types: ["text", "image"] },
];

Deno.test("modelRequest() builds the classic shape, as small as it can be", () => {
  const { url, headers, body } = build();
  assert.equal(url, "https://chat.test/backend-api/codex/responses");
  assert.deepEqual(headers, {
    originator: "codex_test",
    "user-agent": "codex_test/0.1.0",
    authorization: `Bearer ${TOKEN}`,
    "chatgpt-account-id": "acct-1",
    "content-type": "application/json",
    accept: "text/event-stream",
    "session-id": "key-1",
  });
  assert.deepEqual(body, {
    model: "gpt-5.5",
    stream: true,
    instructions: DEFAULT_INSTRUCTIONS,
    input: [USER],
    tool_choice: "auto",
    parallel_tool_calls: true,
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "key-1",
  });
});

Deno.test("modelRequest() puts every option in its place", () => {
  const { body } = build(EVERYTHING, { effort: "high" });
  assert.deepEqual(body, {
    model: "gpt-5.5",
    stream: true,
    service_tier: "flex",
    instructions: "Be brief",
    input: [USER],
    tools: TOOLS,
    tool_choice: { type: "custom", name: "patch" },
    parallel_tool_calls: true,
    reasoning: { effort: "high", summary: "auto" },
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "key-1",
    text: {
      verbosity: "low",
      format: { type: "json_schema", name: "answer", strict: true, schema: { type: "object" } },
    },
  });
});

Deno.test("modelRequest() builds the lite shape: instructions and tools in the input", () => {
  const { headers, body } = build(EVERYTHING, { shape: "lite" });
  assert.equal(headers["x-openai-internal-codex-responses-lite"], "true");
  assert.deepEqual(body["input"], [
    { type: "additional_tools", role: "developer", tools: TOOLS },
    {
      type: "message",
      role: "developer",
      content: [{ type: "input_text", text: "Be brief" }],
    },
    USER,
  ]);
  assert.ok(!("instructions" in body) && !("tools" in body));
  assert.equal(body["parallel_tool_calls"], false);
  assert.deepEqual(body["reasoning"], { summary: "auto", context: "all_turns" });
});

Deno.test("modelRequest() declares no tools in the lite shape where there are none", () => {
  const { body } = build({}, { shape: "lite" });
  assert.deepEqual(body["reasoning"], { context: "all_turns" });
  assert.ok(Array.isArray(body["input"]) && body["input"].length === 2);
});

Deno.test("modelRequest() leaves out what means the service's own default", () => {
  const { body } = build({
    reasoningSummary: "off",
    serviceTier: "default",
    output: "text",
    tools: [],
    toolChoice: "none",
  });
  assert.equal(body["tool_choice"], "none");
  for (const key of ["reasoning", "service_tier", "text", "tools"]) assert.ok(!(key in body), key);
});

Deno.test("modelRequest() sends nothing that the backend refuses", () => {
  for (const shape of ["classic", "lite"] as const) {
    const { body } = build(EVERYTHING, { shape, effort: "high" });
    for (const name of REFUSED_PARAMETERS) assert.ok(!(name in body), name);
  }
});

Deno.test("modelRequest() sends a key to the public API, and no account", () => {
  const { url, headers } = build({}, { authorization: API_KEY });
  assert.equal(url, "https://api.test/v1/responses");
  assert.equal(headers["authorization"], "Bearer sk-key-of-the-fake");
  assert.ok(!("chatgpt-account-id" in headers));
});

Deno.test("DEFAULT_INSTRUCTIONS is one sentence, and says whose word counts", () => {
  assert.match(DEFAULT_INSTRUCTIONS, /^[^.]+\.$/);
  assert.match(DEFAULT_INSTRUCTIONS, /<stdin>.*data from others/);
});
