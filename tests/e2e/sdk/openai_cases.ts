/** What the `openai` package does through `createFetch()`. Run by `sdk_test.ts`. */
import assert from "node:assert/strict";
import { type ClientOptions, createFetch, isCodexError } from "../../../mod.ts";
import {
  combine,
  createSimulator,
  cut,
  incomplete,
  rateLimited,
  reasoning,
  refreshFails,
  reply,
  type Simulator,
  toolCall,
  unauthorized,
  usageLimit,
} from "../../../testing.ts";
import { installed } from "./installed.ts";

const { default: OpenAI, AuthenticationError, BadRequestError, RateLimitError, APIUserAbortError } =
  await import(installed("openai@6"));

const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const MODEL = "gpt-5.5";

/** A client that would try again, as it does by default, but for what is told. */
function openai({ fetch, store, clock }: Simulator, options: ClientOptions = {}) {
  return new OpenAI({
    apiKey: "sk-nobodys",
    organization: "org-nobodys",
    project: "proj-nobodys",
    fetch: createFetch({ fetch, store, clock, ...options }),
  });
}

Deno.test("openai: a plain answer", async () => {
  await using simulator = createSimulator({ turns: [reply("Blue light scatters.")] });
  const answer = await openai(simulator).responses.create({
    model: MODEL,
    instructions: "One sentence.",
    input: "Why is the sky blue?",
    temperature: 0.2,
    max_output_tokens: 100,
  }).withResponse();
  assert.equal(answer.data.output_text, "Blue light scatters.");
  assert.equal(answer.data.status, "completed");
  assert.ok(answer.data.usage.total_tokens > 0);
  assert.match(answer.data.id, /^resp_/);
  assert.equal(
    answer.response.headers.get("x-codex-dropped"),
    "temperature, max_output_tokens",
  );
  assert.match(answer.request_id, /^req_/);
  const [request] = simulator.requestsTo("responses");
  assert.doesNotMatch(JSON.stringify(request?.headers), /nobodys/);
  assert.equal(request?.headers["openai-organization"], undefined);
});

Deno.test("openai: a streamed answer, its output filled in at the end", async () => {
  await using simulator = createSimulator({ turns: [reply("one two three", { chunks: 3 })] });
  const stream = await openai(simulator).responses.create({
    model: MODEL,
    input: "Count",
    stream: true,
  });
  const deltas: string[] = [];
  const types: string[] = [];
  let end;
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === "response.output_text.delta") deltas.push(event.delta);
    if (event.type === "response.completed") end = event.response;
  }
  assert.equal(deltas.length, 3);
  assert.equal(deltas.join(""), "one two three");
  assert.equal(types[0], "response.created");
  assert.equal(end.output[0].content[0].text, "one two three");
});

Deno.test("openai: its own stream helper gives the final response", async () => {
  await using simulator = createSimulator({ turns: [reply("one two three")] });
  const stream = openai(simulator).responses.stream({ model: MODEL, input: "Count" });
  const final = await stream.finalResponse();
  assert.equal(final.output_text, "one two three");
});

Deno.test("openai: tools with a second turn, its reasoning sent back", async () => {
  await using simulator = createSimulator({
    turns: [
      combine(reasoning("Look it up"), toolCall("weather", { city: "Rome" }, { callId: "call_1" })),
      reply("It is sunny."),
    ],
  });
  const client = openai(simulator);
  const tools = [{
    type: "function",
    name: "weather",
    description: "The weather",
    strict: true,
    parameters: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    },
  }];
  const input: unknown[] = [{ role: "user", content: "How is the weather in Rome?" }];
  const first = await client.responses.create({ model: MODEL, input, tools });
  const call = first.output.find(({ type }: { type: string }) => type === "function_call");
  assert.deepEqual(JSON.parse(call.arguments), { city: "Rome" });
  input.push(...first.output, {
    type: "function_call_output",
    call_id: call.call_id,
    output: "sunny",
  });
  const second = await client.responses.create({ model: MODEL, input, tools });
  assert.equal(second.output_text, "It is sunny.");
  const requests = simulator.requestsTo("responses");
  assert.match(JSON.stringify(requests[1]?.json), /encrypted_content":"c2lt/);
  const keys = requests.map(({ headers }) => headers["session-id"]);
  assert.equal(keys[0], keys[1], "one conversation, one prompt cache");
});

Deno.test("openai: an image", async () => {
  await using simulator = createSimulator({ turns: [reply("A pixel.")] });
  const answer = await openai(simulator).responses.create({
    model: MODEL,
    input: [{
      role: "user",
      content: [
        { type: "input_text", text: "What is this?" },
        { type: "input_image", image_url: PIXEL, detail: "auto" },
      ],
    }],
  });
  assert.equal(answer.output_text, "A pixel.");
  assert.match(JSON.stringify(simulator.requestsTo("responses")[0]?.json), /iVBORw0KGgo/);
});

Deno.test("openai: a structured output through its zod helper", async () => {
  await using simulator = createSimulator({ turns: [reply('{"label":"spam","sure":true}')] });
  const { zodTextFormat } = await import(installed("openai@6/helpers/zod"));
  const { z } = await import(installed("zod@4"));
  const Label = z.object({ label: z.enum(["spam", "ham"]), sure: z.boolean() });
  const answer = await openai(simulator).responses.parse({
    model: MODEL,
    input: "Buy now!",
    text: { format: zodTextFormat(Label, "label") },
  });
  assert.deepEqual(answer.output_parsed, { label: "spam", sure: true });
});

Deno.test("openai: an abort while the answer comes ends the request", async () => {
  await using simulator = createSimulator({
    turns: [reply("one two three four five six", { chunks: 6, delayMs: 20 })],
  });
  const stream = await openai(simulator).responses.create({
    model: MODEL,
    input: "Count",
    stream: true,
  });
  let seen = 0;
  for await (const event of stream) {
    if (event.type !== "response.output_text.delta") continue;
    seen++;
    stream.controller.abort();
  }
  assert.equal(seen, 1);
});

Deno.test("openai: an abort before the answer raises its own error", async () => {
  await using simulator = createSimulator({
    turns: [reply("one two three four five six", { delayMs: 20 })],
  });
  const ending = new AbortController();
  const answer = openai(simulator).responses.create(
    { model: MODEL, input: "Count" },
    { signal: ending.signal },
  );
  setTimeout(() => ending.abort(), 10);
  await assert.rejects(answer, (error) => error instanceof APIUserAbortError);
});

Deno.test("openai: a 429 is its RateLimitError, and it tries again when told to", async () => {
  await using simulator = createSimulator({
    turns: [rateLimited({ retryAfter: 0 }), reply("There.")],
  });
  const answer = await openai(simulator).responses.create({ model: MODEL, input: "Hi" });
  assert.equal(answer.output_text, "There.");
  assert.equal(simulator.requestsTo("responses").length, 2);
});

Deno.test("openai: a used-up plan is told at once, and not asked for again", async () => {
  await using simulator = createSimulator({ turns: [usageLimit({ resetsIn: 3600 })] });
  const client = openai(simulator);
  const hi = () => client.responses.create({ model: MODEL, input: "Hi" });
  await assert.rejects(hi(), (error) => {
    assert.ok(error instanceof RateLimitError);
    const { status, code, headers, requestID: id, message } = error as unknown as {
      status: number;
      code: string;
      headers: Headers;
      requestID: string;
      message: string;
    };
    assert.deepEqual([status, code], [429, "usage_limit_reached"]);
    assert.equal(headers.get("retry-after"), "3600");
    assert.equal(headers.get("x-codex-error"), "usage_limit");
    assert.match(id, /^req_/);
    assert.match(message, /usage limit of the plus plan/);
    return true;
  });
  assert.equal(simulator.requestsTo("responses").length, 1, "not tried again");
  await assert.rejects(hi(), (error) => error instanceof RateLimitError);
  assert.equal(simulator.requestsTo("responses").length, 1, "known from before");
});

Deno.test("openai: a 401 is healed by a refresh", async () => {
  await using simulator = createSimulator({ turns: [unauthorized({ times: 1 }), reply("There.")] });
  const answer = await openai(simulator).responses.create({ model: MODEL, input: "Hi" });
  assert.equal(answer.output_text, "There.");
  assert.equal(simulator.requestsTo("refresh").length, 1);
  assert.equal(simulator.requestsTo("responses").length, 2);
});

Deno.test("openai: a 401 that nothing heals is its AuthenticationError", async () => {
  await using simulator = createSimulator({ turns: [unauthorized({ times: 1 })] });
  simulator.fail(refreshFails("refresh_token_expired", { times: "always" }));
  const answer = openai(simulator).responses.create({ model: MODEL, input: "Hi" });
  await assert.rejects(
    answer,
    (error) => error instanceof AuthenticationError && /codex login/.test(String(error)),
  );
  assert.equal(simulator.requestsTo("responses").length, 1);
});

Deno.test("openai: nobody signed in is its AuthenticationError", async () => {
  await using simulator = createSimulator({ signedIn: false });
  const answer = openai(simulator).responses.create({ model: MODEL, input: "Hi" });
  await assert.rejects(answer, (error) => error instanceof AuthenticationError);
  assert.equal(simulator.requests.length, 0);
});

Deno.test("openai: what the backend refuses is its BadRequestError, in the service's words", async () => {
  await using simulator = createSimulator();
  const answer = openai(simulator).responses.create({
    model: MODEL,
    input: "Hi",
    reasoning: { effort: "minimal" },
  });
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof BadRequestError);
    const { code, param, message } = error as unknown as Record<string, string>;
    assert.deepEqual([code, param], ["unsupported_value", "reasoning.effort"]);
    assert.match(message ?? "", /Supported values are/);
    return true;
  });
});

Deno.test("openai: an incomplete answer keeps its text and says why", async () => {
  await using simulator = createSimulator({
    turns: [incomplete("max_output_tokens", { text: "one two" })],
  });
  const answer = await openai(simulator).responses.create({ model: MODEL, input: "Count" });
  assert.equal(answer.status, "incomplete");
  assert.equal(answer.incomplete_details.reason, "max_output_tokens");
  assert.equal(answer.output_text, "one two");
});

Deno.test("openai: a stream that is cut off throws", async () => {
  await using simulator = createSimulator({
    turns: [cut({ afterChunks: 2, text: "one two three" })],
  });
  const stream = await openai(simulator).responses.create({
    model: MODEL,
    input: "Count",
    stream: true,
  });
  const reading = (async () => {
    for await (const _ of stream);
  })();
  await assert.rejects(reading, { code: "stream_cut" });
  await assert.rejects(reading, OpenAI.APIError);
});

Deno.test("openai: its list of models is the account's", async () => {
  await using simulator = createSimulator();
  const ids: string[] = [];
  for await (const { id } of openai(simulator).models.list()) ids.push(id);
  assert.ok(ids.includes(MODEL));
});

Deno.test("openai: every other address is refused before anything is sent", async () => {
  await using simulator = createSimulator();
  const client = openai(simulator);
  const chat = client.chat.completions.create({
    model: MODEL,
    messages: [{ role: "user", content: "Hi" }],
  }, { maxRetries: 0 });
  await assert.rejects(chat, (error) => {
    assert.ok(error instanceof Error);
    return isCodexError(error.cause, "invalid_request");
  });
  assert.equal(simulator.requests.length, 0);
});
