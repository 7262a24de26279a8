import assert from "node:assert/strict";
import {
  combine,
  createSimulator,
  customToolCall,
  outputItem,
  reasoning,
  refuse,
  reply,
  toolCall,
  type Turn,
} from "../../../testing.ts";
import { chunksOf } from "../../../src/testing/stream/items.ts";
import { askForEvents, classic, type Event, eventsOf, textOf } from "../client.ts";

async function eventsFor(turn: Turn): Promise<readonly Event[]> {
  await using simulator = createSimulator({ turns: [turn] });
  return await askForEvents(simulator, classic({ reasoning: { effort: "medium" } }));
}

async function recorded(name: string): Promise<readonly Event[]> {
  const url = new URL(`../../fixtures/simulator/${name}.sse`, import.meta.url);
  return eventsOf(await Deno.readTextFile(url));
}

/** The same event without what differs from run to run. */
function plain(value: unknown, key = ""): unknown {
  const isOwn = ["encrypted_content", "created_at", "completed_at", "instructions"].includes(key) ||
    ["prompt_cache_key", "usage", "verbosity"].includes(key);
  if (isOwn) return typeof value;
  if (typeof value === "string") return value.replace(/^(resp|rs|msg|fc|ctc|call)_\w+$/, "$1");
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, plain(member, name)]),
  );
}

/** Whether `prompt_cache_key` is a text or null depends on the request. */
function comparable(events: readonly Event[]): unknown {
  return events.map((event) => {
    const { response } = event;
    const rest = { ...Object(response), prompt_cache_key: "x", instructions: "x", usage: "x" };
    return plain(response === undefined ? event : { ...event, response: rest });
  });
}

Deno.test("a reply after reasoning streams as it was recorded, event by event", async () => {
  const made = await eventsFor(
    combine(reasoning("Thinking about it"), reply("Hi there!", { chunks: ["Hi there", "!"] })),
  );
  const summed = made.filter(({ type }) => type === "response.reasoning_summary_text.delta");
  assert.equal(summed.map(({ delta }) => delta).join(""), "Thinking about it");
  // The recorded summary came in one piece, ours comes word by word.
  const withoutSummary = (events: readonly Event[]) =>
    events.filter(({ type }) => type !== "response.reasoning_summary_text.delta")
      .map((event, index) => ({ ...event, sequence_number: index }));
  assert.deepEqual(
    comparable(withoutSummary(made)),
    comparable(withoutSummary(await recorded("reasoning_and_text"))),
  );
});

Deno.test("two calls stream as they were recorded, event by event", async () => {
  const made = await eventsFor(
    combine(
      toolCall("exec_command", { cmd: "echo one" }),
      toolCall("exec_command", { cmd: "echo two" }),
    ),
  );
  assert.deepEqual(comparable(made), comparable(await recorded("two_calls")));
});

Deno.test("a call with free text streams as it was recorded, event by event", async () => {
  const patch = "*** Begin Patch\n*** Add File: hello.txt\n+hello\n+world\n*** End Patch\n";
  const made = await eventsFor(customToolCall("apply_patch", patch));
  assert.deepEqual(comparable(made), comparable(await recorded("custom_call")));
});

Deno.test("every event has its own number, and each item its own id", async () => {
  const events = await eventsFor(combine(reasoning("a"), reply("b"), toolCall("c", {})));
  assert.deepEqual(events.map((event) => event["sequence_number"]), events.map((_, i) => i));
  const items = events.filter(({ type }) => type === "response.output_item.done");
  assert.deepEqual(items.map((event) => event["output_index"]), [0, 1, 2]);
  assert.equal(new Set(items.map((event) => Object(event["item"]).id)).size, 3);
});

Deno.test("the last event has no output, but figures that add up", async () => {
  const last = (await eventsFor(combine(reasoning("why"), reply("because")))).at(-1);
  assert.equal(last?.type, "response.completed");
  const { output, usage } = Object(last["response"]);
  assert.deepEqual(output, []);
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);
  assert.ok(usage.output_tokens_details.reasoning_tokens > 0);
  assert.ok(usage.output_tokens > usage.output_tokens_details.reasoning_tokens);
});

Deno.test("the figures are those of the turn where it has some", async () => {
  const usage = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 20, reasoningTokens: 5 };
  const last = (await eventsFor(reply("x", { usage }))).at(-1);
  assert.deepEqual(Object(last?.["response"]).usage, {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 40 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 5 },
    total_tokens: 120,
  });
});

Deno.test("a refusal comes as parts of its own kind", async () => {
  const events = await eventsFor(refuse("I can't."));
  const deltas = events.filter(({ type }) => type === "response.refusal.delta");
  assert.equal(deltas.map(({ delta }) => delta).join(""), "I can't.");
  const done = events.find(({ type }) => type === "response.output_item.done");
  assert.deepEqual(Object(done?.["item"]).content, [{ type: "refusal", refusal: "I can't." }]);
});

Deno.test("any other item is sent as it is, with an id", async () => {
  const events = await eventsFor(outputItem({ type: "web_search_call", status: "completed" }));
  const { id, ...item } = Object(
    events.find(({ type }) => type === "response.output_item.done")?.["item"],
  );
  assert.match(id, /^item_/);
  assert.deepEqual(item, { type: "web_search_call", status: "completed" });
});

Deno.test("a call's input may be broken JSON, and its id may be given", async () => {
  const events = await eventsFor(toolCall("f", '{"a":', { callId: "call_own" }));
  const item = Object(events.find(({ type }) => type === "response.output_item.done")?.["item"]);
  assert.equal(item.arguments, '{"a":');
  assert.equal(item.call_id, "call_own");
});

Deno.test("a reply says its phase, and can leave its finished item out", async () => {
  const events = await eventsFor(reply("Half", { phase: "commentary", deltasOnly: true }));
  assert.equal(textOf(events), "Half");
  assert.deepEqual(events.filter(({ type }) => type.endsWith(".done")), []);
  const added = events.find(({ type }) => type === "response.output_item.added");
  assert.equal(Object(added?.["item"]).phase, "commentary");
});

Deno.test("chunksOf() cuts by words, by number or as told, and never through a character", () => {
  const text = "Grüße 👋🏽  an\nalle";
  for (const chunks of [undefined, 1, 2, 3, 5, 100, ["Grüße 👋🏽  an\n", "alle"]]) {
    const pieces = chunksOf({ type: "text", text, ...(chunks === undefined ? {} : { chunks }) });
    assert.equal(pieces.join(""), text);
    for (const piece of pieces) assert.ok(piece.isWellFormed());
  }
  assert.deepEqual(chunksOf({ type: "text", text: "one two  three" }), ["one ", "two  ", "three"]);
  assert.equal(chunksOf({ type: "text", text: "abcdef", chunks: 3 }).length, 3);
  assert.deepEqual(chunksOf({ type: "text", text, chunks: 0 }), []);
  assert.deepEqual(chunksOf({ type: "text", text: "" }), []);
});
