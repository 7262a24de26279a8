import assert from "node:assert/strict";
import { createSimulator, failed, reply, type Simulator, toolCall } from "../../../testing.ts";
import { codeOf, eventsOf, postJson, textOf } from "../client.ts";

const API = "https://api.openai.com/v1";
const KEY = { authorization: "Bearer sk-simulator" };

function respond(
  simulator: Simulator,
  body: Record<string, unknown>,
  headers: Record<string, string> = KEY,
): Promise<Response> {
  return postJson(simulator, `${API}/responses`, body, headers);
}

Deno.test("the public API takes what the backend refuses", async () => {
  await using simulator = createSimulator({ turns: [reply("Yes.")] });
  const response = await respond(simulator, {
    model: "gpt-5.5",
    input: [{ role: "system", content: "Be brief" }, { role: "user", content: "?" }],
    max_output_tokens: 100,
    temperature: 0.5,
    store: true,
    stream: true,
    metadata: { a: "b" },
  });
  assert.equal(response.status, 200);
  const events = eventsOf(await response.text());
  assert.equal(textOf(events), "Yes.");
  const last = Object(events.at(-1)?.["response"]);
  assert.equal(last.output[0].content[0].text, "Yes.", "its last event repeats the output");
  assert.equal(last.max_output_tokens, 100);
});

Deno.test("the public API answers without a stream, unless one is asked for", async () => {
  await using simulator = createSimulator({
    turns: [reply("Whole."), toolCall("f", { a: 1 }, { callId: "call_1" }), failed("server_error")],
  });
  const body = { model: "gpt-5.5", input: "Hi" };
  const whole = await (await respond(simulator, body)).json();
  assert.equal(whole.object, "response");
  assert.equal(whole.status, "completed");
  assert.equal(whole.output[0].content[0].text, "Whole.");
  assert.ok(whole.usage.total_tokens > 0);
  const call = await (await respond(simulator, body)).json();
  assert.equal(call.output[0].arguments, '{"a":1}');
  assert.equal(call.output[0].call_id, "call_1");
  const broken = await (await respond(simulator, body)).json();
  assert.equal(broken.status, "failed");
  assert.equal(broken.error.code, "server_error");
});

Deno.test("the public API wants a key that it knows, and repeats none", async () => {
  await using simulator = createSimulator({ apiKeys: ["sk-mine"] });
  const body = { model: "gpt-5.5", input: "Hi" };
  const none = await respond(simulator, body, {});
  assert.equal(none.status, 401);
  assert.match((await none.json()).error.message, /didn't provide an API key/);
  const wrong = await respond(simulator, body, { authorization: "Bearer sk-simulator" });
  assert.equal(wrong.status, 401);
  const text = await wrong.text();
  assert.equal(codeOf(JSON.parse(text)), "invalid_api_key");
  assert.doesNotMatch(text, /sk-simulator/);
  assert.equal((await respond(simulator, body, { authorization: "Bearer sk-mine" })).status, 200);
  const signIn = { authorization: `Bearer ${simulator.signIn().access}` };
  assert.equal((await respond(simulator, body, signIn)).status, 401);
});

Deno.test("the public API names what is wrong with a request", async () => {
  await using simulator = createSimulator();
  for (
    const [body, status, code] of [
      [{ model: "gpt-5.5", input: "Hi", max_tokens: 5 }, 400, "unknown_parameter"],
      [{ input: "Hi" }, 400, "missing_required_parameter"],
      [{ model: "gpt-5.5" }, 400, "missing_required_parameter"],
      [{ model: "gpt-0", input: "Hi" }, 404, "model_not_found"],
      [
        { model: "gpt-5.5", input: "Hi", reasoning: { effort: "max" } },
        400,
        "unsupported_value",
      ],
      [
        { model: "gpt-5.5", input: [{ type: "function_call_output", call_id: "x", output: "" }] },
        400,
        "invalid_value",
      ],
    ] as const
  ) {
    const response = await respond(simulator, body);
    assert.equal(response.status, status, JSON.stringify(body));
    assert.equal(codeOf(await response.json()), code);
  }
});

Deno.test("the public API lists its models, and gives one by its name", async () => {
  await using simulator = createSimulator({
    models: [{ slug: "sim-1" }, { slug: "sim-2", supported_in_api: false }],
  });
  const get = (path: string) => simulator.fetch(`${API}/models${path}`, { headers: KEY });
  const list = await (await get("")).json();
  assert.equal(list.object, "list");
  assert.deepEqual(list.data.map(({ id }: { id: string }) => id), ["sim-1"]);
  assert.equal((await (await get("/sim-1")).json()).id, "sim-1");
  assert.equal((await get("/sim-2")).status, 404);
});

Deno.test("the public API refuses a WebSocket as well", async () => {
  await using simulator = createSimulator();
  const headers = { ...KEY, upgrade: "websocket" };
  assert.equal((await simulator.fetch(`${API}/responses`, { headers })).status, 426);
});
