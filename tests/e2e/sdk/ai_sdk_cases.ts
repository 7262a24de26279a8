/** What the AI SDK does through `createFetch()`. Run by `sdk_test.ts`. */
import assert from "node:assert/strict";
import { createFetch, isCodexError } from "../../../mod.ts";
import {
  combine,
  createSimulator,
  cut,
  rateLimited,
  reasoning,
  reply,
  type Simulator,
  toolCall,
  unauthorized,
  usageLimit,
} from "../../../testing.ts";
import { installed } from "./installed.ts";

const { APICallError, generateObject, generateText, stepCountIs, streamText, tool } = await import(
  installed("ai@5")
);
const { createOpenAI } = await import(installed("@ai-sdk/openai@2"));
const { z } = await import(installed("zod@4"));

const PIXEL = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

function modelOf({ fetch, store, clock }: Simulator) {
  const openai = createOpenAI({ apiKey: "unused", fetch: createFetch({ fetch, store, clock }) });
  return openai("gpt-5.5");
}

/** A tool, and what it was called with. */
function weather() {
  const cities: string[] = [];
  const asked = tool({
    description: "The weather",
    inputSchema: z.object({ city: z.string() }),
    execute({ city }: { city: string }) {
      cities.push(city);
      return Promise.resolve("sunny");
    },
  });
  return { cities, tools: { weather: asked } };
}

Deno.test("ai: generateText()", async () => {
  await using simulator = createSimulator({ turns: [reply("Blue light scatters.")] });
  const { text, usage, finishReason } = await generateText({
    model: modelOf(simulator),
    system: "One sentence.",
    prompt: "Why is the sky blue?",
    maxOutputTokens: 100,
  });
  assert.deepEqual([text, finishReason], ["Blue light scatters.", "stop"]);
  assert.ok(usage.totalTokens > 0);
  const [request] = simulator.requestsTo("responses");
  assert.match(JSON.stringify(request?.json), /"instructions":"One sentence."/);
});

Deno.test("ai: streamText()", async () => {
  await using simulator = createSimulator({ turns: [reply("one two three", { chunks: 3 })] });
  const { textStream, usage } = streamText({ model: modelOf(simulator), prompt: "Count" });
  const deltas = await Array.fromAsync(textStream);
  assert.equal(deltas.length, 3);
  assert.equal(deltas.join(""), "one two three");
  assert.ok((await usage).totalTokens > 0);
});

Deno.test("ai: generateObject()", async () => {
  await using simulator = createSimulator({ turns: [reply('{"label":"spam"}')] });
  const { object } = await generateObject({
    model: modelOf(simulator),
    schema: z.object({ label: z.enum(["spam", "ham"]) }),
    prompt: "Buy now!",
  });
  assert.deepEqual(object, { label: "spam" });
});

Deno.test("ai: tools with a second turn, what it only refers to sent back whole", async () => {
  await using simulator = createSimulator({
    turns: [
      combine(reasoning("Look it up"), toolCall("weather", { city: "Rome" })),
      reply("It is sunny."),
    ],
  });
  const { cities, tools } = weather();
  const { text, steps } = await generateText({
    model: modelOf(simulator),
    prompt: "How is the weather in Rome?",
    tools,
    stopWhen: stepCountIs(3),
  });
  assert.deepEqual([text, steps.length, cities], ["It is sunny.", 2, ["Rome"]]);
  const second = JSON.stringify(simulator.requestsTo("responses")[1]?.json);
  assert.doesNotMatch(second, /item_reference/);
  assert.match(second, /"type":"reasoning"/);
  assert.match(second, /"type":"function_call",/);
});

Deno.test("ai: tools with a second turn and an API key, what came before only referred to", async () => {
  await using simulator = createSimulator({
    turns: [
      combine(reasoning("Look it up"), toolCall("weather", { city: "Rome" })),
      reply("It is sunny."),
    ],
  });
  const openai = createOpenAI({ apiKey: "sk-simulator", fetch: simulator.fetch });
  const { cities, tools } = weather();
  const { text, steps } = await generateText({
    model: openai("gpt-5.5"),
    prompt: "How is the weather in Rome?",
    tools,
    stopWhen: stepCountIs(3),
  });
  assert.deepEqual([text, steps.length, cities], ["It is sunny.", 2, ["Rome"]]);
  const second = JSON.stringify(simulator.requestsTo("api-responses")[1]?.json);
  assert.match(second, /item_reference/);
});

Deno.test("ai: tools with a second turn while it streams", async () => {
  await using simulator = createSimulator({
    turns: [toolCall("weather", { city: "Rome" }), reply("It is sunny.")],
  });
  const { cities, tools } = weather();
  const { text } = streamText({
    model: modelOf(simulator),
    prompt: "How is the weather in Rome?",
    tools,
    stopWhen: stepCountIs(3),
  });
  assert.equal(await text, "It is sunny.");
  assert.deepEqual(cities, ["Rome"]);
});

Deno.test("ai: tools with a second turn, told to store nothing", async () => {
  await using simulator = createSimulator({
    turns: [
      combine(reasoning("Look it up"), toolCall("weather", { city: "Rome" })),
      reply("It is sunny."),
    ],
  });
  const { text } = await generateText({
    model: modelOf(simulator),
    prompt: "How is the weather in Rome?",
    tools: weather().tools,
    stopWhen: stepCountIs(3),
    providerOptions: { openai: { store: false } },
  });
  assert.equal(text, "It is sunny.");
});

Deno.test("ai: an image", async () => {
  await using simulator = createSimulator({ turns: [reply("A pixel.")] });
  const { text } = await generateText({
    model: modelOf(simulator),
    messages: [{
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image", image: PIXEL, mediaType: "image/png" },
      ],
    }],
  });
  assert.equal(text, "A pixel.");
  assert.match(JSON.stringify(simulator.requestsTo("responses")[0]?.json), /iVBORw0KGgo/);
});

Deno.test("ai: an abort", async () => {
  await using simulator = createSimulator({
    turns: [reply("one two three four", { chunks: 4, delayMs: 30 })],
  });
  const ending = new AbortController();
  const text = generateText({
    model: modelOf(simulator),
    prompt: "Count",
    abortSignal: ending.signal,
  });
  setTimeout(() => ending.abort(), 10);
  await assert.rejects(text, { name: "AbortError" });
});

Deno.test("ai: a 429 is tried again when told to, and told as its APICallError", async () => {
  await using simulator = createSimulator({
    turns: [rateLimited({ retryAfter: 0 }), reply("There."), usageLimit({ resetsIn: 3600 })],
  });
  const model = modelOf(simulator);
  assert.equal((await generateText({ model, prompt: "Hi" })).text, "There.");
  await assert.rejects(generateText({ model, prompt: "Hi", maxRetries: 0 }), (error) => {
    assert.ok(APICallError.isInstance(error));
    const { statusCode, responseHeaders, message } = error as unknown as {
      statusCode: number;
      responseHeaders: Record<string, string>;
      message: string;
    };
    assert.equal(statusCode, 429);
    assert.equal(responseHeaders["x-codex-error"], "usage_limit");
    assert.match(message, /usage limit of the plus plan/);
    return true;
  });
});

Deno.test("ai: a 401 is healed by a refresh", async () => {
  await using simulator = createSimulator({ turns: [unauthorized({ times: 1 }), reply("There.")] });
  const { text } = await generateText({ model: modelOf(simulator), prompt: "Hi" });
  assert.equal(text, "There.");
  assert.equal(simulator.requestsTo("refresh").length, 1);
});

Deno.test("ai: a stream that is cut off is its APICallError, ours the cause", async () => {
  await using simulator = createSimulator({
    turns: [cut({ afterChunks: 2, text: "one two three" })],
  });
  const { textStream } = streamText({
    model: modelOf(simulator),
    prompt: "Count",
    onError: () => {},
  });
  let text = "";
  const reading = (async () => {
    for await (const delta of textStream) text += delta;
  })();
  await assert.rejects(
    reading,
    (error) => APICallError.isInstance(error) && isCodexError(causeOf(error), "stream_cut"),
  );
  assert.equal(text, "one two ");
});

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
