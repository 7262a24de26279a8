import assert from "node:assert/strict";
import {
  combine,
  createSimulator,
  cut,
  failed,
  onWire,
  reasoning,
  reply,
  silent,
  type Simulator,
  toolCall,
} from "../../../testing.ts";
import { ManualClock } from "../../support/manual_clock.ts";
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

Deno.test("the public API knows the items that it gave out, whole and in a stream", async () => {
  for (const stream of [false, true]) {
    await using simulator = createSimulator({
      turns: [
        combine(reasoning("Look it up"), toolCall("weather", { city: "Rome" }, { callId: "c1" })),
        reply("Sunny."),
      ],
    });
    const question = { role: "user", content: "The weather?" };
    const first = await respond(simulator, { model: "gpt-5.5", input: [question], stream });
    const output = stream
      ? Object(eventsOf(await first.text()).at(-1)?.["response"]).output
      : (await first.json()).output;
    const references = output.map(({ id }: { id: string }) => ({ type: "item_reference", id }));
    const result = { type: "function_call_output", call_id: "c1", output: "sunny" };
    const second = await respond(simulator, {
      model: "gpt-5.5",
      input: [question, ...references, result],
    });
    assert.equal(second.status, 200);
    assert.equal((await second.json()).output[0].content[0].text, "Sunny.");
    // Without its call the output is refused as before.
    const orphan = await respond(simulator, { model: "gpt-5.5", input: [question, result] });
    assert.equal(codeOf(await orphan.json()), "invalid_value");
  }
});

Deno.test("the public API goes on from an earlier response", async () => {
  await using simulator = createSimulator({
    turns: [
      toolCall("f", {}, { callId: "c1" }),
      reply("Done.", { when: "Begin" }),
      reply("Third."),
    ],
  });
  const first =
    await (await respond(simulator, { model: "gpt-5.5", input: "Begin with all of it" })).json();
  const result = { type: "function_call_output", call_id: "c1", output: "ok" };
  const go = { model: "gpt-5.5", previous_response_id: first.id };
  const unanswered = await respond(simulator, { ...go, input: "And?" });
  assert.match(
    (await unanswered.json()).error.message,
    /No tool output found for function call c1/,
  );
  const second = await (await respond(simulator, { ...go, input: [result] })).json();
  assert.equal(second.output[0].content[0].text, "Done.", "the last user text is the first one's");
  assert.equal(second.previous_response_id, first.id);
  assert.ok(second.usage.input_tokens > 4, "what was said before counts");
  const third = await respond(simulator, {
    model: "gpt-5.5",
    previous_response_id: second.id,
    input: "Go on",
  });
  assert.equal((await third.json()).output[0].content[0].text, "Third.");
});

Deno.test("the public API refuses what it does not remember, and uses up no turn", async () => {
  await using simulator = createSimulator({
    turns: [reply("a"), reply("b"), cut({ text: "one two three" }), reply("c")],
  });
  const body = { model: "gpt-5.5", input: "Hi" };
  const next = (id: string) => ({ ...body, previous_response_id: id });
  const reference = (id: string) => ({ ...body, input: [{ type: "item_reference", id }] });
  const unstored = await (await respond(simulator, { ...body, store: false })).json();
  const kept = await (await respond(simulator, body)).json();
  const events = eventsOf(await (await respond(simulator, { ...body, stream: true })).text());
  const broken: string = Object(events[0]?.["response"]).id;
  for (const id of [unstored.id, broken, "resp_nobody", kept.output[0].id]) {
    const refused = await respond(simulator, next(id));
    assert.equal(refused.status, 400);
    assert.equal(codeOf(await refused.json()), "previous_response_not_found");
  }
  for (const id of [unstored.output[0].id, "msg_nobody", kept.id]) {
    const refused = await respond(simulator, reference(id));
    assert.equal(refused.status, 404);
    assert.match(
      (await refused.json()).error.message,
      new RegExp(`^Item with id '${id}' not found`),
    );
  }
  assert.equal(simulator.pendingTurns, 1);
  assert.equal((await respond(simulator, reference(kept.output[0].id))).status, 200);
});

Deno.test("an answer in one piece breaks where its turn says, in its middle otherwise", async () => {
  const text = "one two three four five six seven eight nine ten";
  await using simulator = createSimulator({
    turns: [
      cut({ text, afterBytes: 40 }),
      cut({ text, afterChunks: 2, how: "reset" }),
      cut({ text, afterBytes: 1_000_000 }),
    ],
  });
  const { apiBaseUrl } = await simulator.listen();
  const body = { model: "gpt-5.5", input: "Hi" };
  for (const least of [40, 200]) {
    const response = await respond(simulator, body);
    assert.equal(response.status, 200);
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const bytes of response.body ?? []) seen.push(bytes.length);
    }, { message: "error reading a body from connection" });
    const sum = seen.reduce((all, one) => all + one, 0);
    if (least === 40) assert.equal(sum, 40);
    else assert.ok(sum > least, String(sum));
  }
  assert.equal((await (await respond(simulator, body)).json()).status, "completed");
  simulator.enqueue(cut({ text }));
  const init = { method: "POST", headers: KEY, body: JSON.stringify(body) };
  const real = await fetch(`${apiBaseUrl}/responses`, init);
  await assert.rejects(real.text(), { name: "TypeError" });
});

Deno.test("an answer in one piece falls silent, drips and takes its time as its turn says", async () => {
  const clock = new ManualClock();
  await using simulator = createSimulator({
    turns: [
      silent({ text: "one two", afterBytes: 10, ms: 60_000 }),
      onWire(reply("one two"), { bytesPerWrite: 100, writeEveryMs: 50 }),
      reply("one two three", { delayMs: 1000 }),
    ],
  }, { clock });
  const body = { model: "gpt-5.5", input: "Hi" };
  const took = async () => {
    const start = clock.now();
    const work = respond(simulator, body).then((response) => response.json());
    const { output } = await clock.run(work, 10);
    assert.match(output[0].content[0].text, /^one two/);
    return clock.now() - start;
  };
  const silence = await took();
  assert.ok(silence >= 60_000 && silence < 61_000, String(silence));
  const drip = await took();
  assert.ok(drip >= 300 && drip < 2000, String(drip));
  const words = await took();
  assert.ok(words >= 3000 && words < 4000, String(words));
});
