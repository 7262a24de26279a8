/**
 * Throws streams at `startStream()`, and holds what comes out against what must hold.
 *
 * - Any chunking of a stream gives the same events, and so do other line ends and added comments.
 * - A stream that is cut gives the beginning of the same text, and says that it was cut.
 * - A stream with events left out, doubled, moved and damaged still tells the truth about itself.
 * - Bytes of any kind, with any status and headers, end in an answer or in a CodexError. Nothing
 *   hangs, and what had arrived is what was shown.
 *
 * Run as a program it goes on for a while: `deno run -A tests/fuzz/stream.ts SEED SECONDS`. It
 * prints the seed of the first case that fails, with which that case alone is repeated.
 */
import assert from "node:assert/strict";
import { isCodexError } from "../../src/base/errors.ts";
import type { StreamEvent } from "../../src/responses/events.ts";
import type { StreamOptions } from "../../src/responses/options.ts";
import { startStream } from "../../src/responses/stream.ts";
import { fakeDeps, HastyClock, TOKEN } from "../responses/fakes.ts";
import { Random } from "./random.ts";

const FIXTURES = new URL("../fixtures/responses/", import.meta.url);
const encoder = new TextEncoder();

/** What came out of a stream. */
export interface Outcome {
  readonly events: readonly StreamEvent[];
  /** All text deltas, joined. */
  readonly shown: string;
  /** The code of the error, or the reason of the finish. */
  readonly end: string;
}

/** The recorded streams. */
export function recordedStreams(): readonly Uint8Array[] {
  return [...Deno.readDirSync(FIXTURES)]
    .filter(({ name }) => name.endsWith(".sse"))
    .map(({ name }) => Deno.readFileSync(new URL(name, FIXTURES)));
}

/** Runs a stream to its end, and checks what must hold for every one. */
export async function outcomeOf(
  chunks: readonly Uint8Array[],
  init: ResponseInit = {},
  options: StreamOptions = {},
): Promise<Outcome> {
  const { status = 200, headers = { "content-type": "text/event-stream" } } = init;
  const fetch = () =>
    Promise.resolve(new Response(ReadableStream.from(chunks), { status, headers }));
  const stream = startStream("hi", options, fakeDeps(fetch, { clock: new HastyClock() }));
  const events: StreamEvent[] = [];
  let shown = "";
  let end = "";
  try {
    for await (const event of stream) {
      events.push(event);
      if (event.type === "text-delta") shown += event.delta;
      if (event.type === "finish") end = event.reason;
      assert.deepEqual(JSON.parse(JSON.stringify(event)), event);
    }
    assert.notEqual(end, "");
    const { text, usage } = await stream.final();
    assert.equal(typeof text, "string");
    assert.ok(Object.values(usage).every(Number.isFinite));
  } catch (error) {
    if (!isCodexError(error)) throw error;
    assert.notEqual(error.code, "internal", String(error.cause));
    assert.equal(end, "", "it finished and failed");
    // What the model says is the model's; everything else is ours.
    assert.ok(!JSON.stringify({ ...error.toJSON(), partial: null }).includes(TOKEN));
    if (error.partial !== undefined || shown !== "") assert.equal(error.partial?.text, shown);
    end = error.code;
  }
  assert.equal(stream.partial.text, shown);
  return { events, shown, end };
}

/** Cuts bytes into chunks, most of them small. */
export function cut(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const most = random.of([1, 3, 16, 200, 5_000]);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = random.oneIn(20) ? 0 : 1 + random.below(most);
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** The same events, written in another way that the framing allows. */
function rewritten(bytes: Uint8Array, random: Random): Uint8Array {
  let text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  if (random.oneIn(2)) text = text.replaceAll("\n\n", "\n\n: comment\n\n");
  if (random.oneIn(2)) text = text.replace(/^event: .*\n/gm, () => random.oneIn(2) ? "" : "x: y\n");
  return encoder.encode(text.replaceAll("\n", random.of(["\n", "\r\n", "\r"])));
}

/** An outcome without the events of the wire, which are read in a slower way where they are wanted. */
function translated(outcome: Outcome): Outcome {
  return { ...outcome, events: outcome.events.filter(({ type }) => type !== "raw") };
}

/** One case of the first kind: the same stream, cut and written in another way. */
export async function checkChunking(bytes: Uint8Array, random: Random): Promise<void> {
  const whole = await outcomeOf([bytes]);
  const other = random.oneIn(2) ? rewritten(bytes, random) : bytes;
  assert.deepEqual(await outcomeOf(cut(other, random)), whole);
  assert.deepEqual(translated(await outcomeOf(cut(other, random), {}, { raw: true })), whole);
}

/** One case of the second kind: a stream that ends somewhere in the middle. */
export async function checkCut(bytes: Uint8Array, random: Random): Promise<void> {
  const whole = await outcomeOf([bytes]);
  const part = bytes.slice(0, random.below(bytes.length));
  const { shown, end } = await outcomeOf(cut(part, random), {}, { retry: { attempts: 0 } });
  assert.ok(whole.shown.startsWith(shown));
  assert.ok(end === "stream_cut" || end === whole.end, end);
}

/** One case of the third kind: a recorded stream with events that are not where or what they were. */
export async function checkDamaged(bytes: Uint8Array, random: Random): Promise<void> {
  const events = new TextDecoder().decode(bytes).split(/(?<=\n\n)/);
  for (let change = random.below(6); change >= 0; change--) {
    const at = random.below(events.length);
    const event = events[at] ?? "";
    const turn = random.below(4);
    if (turn === 0) events.splice(at, 1);
    else if (turn === 1) events.splice(random.below(events.length), 0, event);
    else if (turn === 2) events[at] = event.replace(/"id":"\w+"|"output_index":\d/, '"x":null');
    else events.push(...events.splice(at, 1));
  }
  const damaged = encoder.encode(events.join(""));
  for (let flip = random.below(3); flip > 0; flip--) {
    damaged[random.below(damaged.length)] = random.below(256);
  }
  const chunks = cut(damaged, random);
  const outcome = await outcomeOf(chunks);
  assert.deepEqual(translated(await outcomeOf([damaged], {}, { raw: true })), outcome);
}

const STATUSES = [200, 200, 200, 200, 201, 299, 400, 401, 402, 403, 404, 413, 418, 429, 500, 503];
const HEADERS = [
  "content-type",
  "retry-after",
  "retry-after-ms",
  "x-request-id",
  "openai-model",
  "x-models-etag",
  "x-codex-primary-used-percent",
  "x-codex-primary-reset-at",
  "x-codex-secondary-reset-after-seconds",
  "x-codex-credits-balance",
  "x-codex-active-limit",
  "x-codex-promo-message",
  "x-codex-rate-limit-reached-type",
];
const KEYS = [
  "type",
  "item",
  "item_id",
  "output_index",
  "delta",
  "response",
  "error",
  "detail",
  "code",
  "message",
  "content",
  "text",
  "refusal",
  "arguments",
  "input",
  "name",
  "call_id",
  "id",
  "phase",
  "output",
  "usage",
  "input_tokens",
  "incomplete_details",
  "reason",
  "rate_limits",
  "primary",
  "used_percent",
  "reset_at",
  "resets_at",
  "resets_in_seconds",
  "status",
  "headers",
  "summary",
  "__proto__",
];
const WORDS = [
  "",
  "response.created",
  "response.output_text.delta",
  "response.output_item.added",
  "response.output_item.done",
  "response.refusal.delta",
  "response.reasoning_summary_text.delta",
  "response.function_call_arguments.delta",
  "codex.rate_limits",
  "response.completed",
  "response.incomplete",
  "response.failed",
  "error",
  "message",
  "reasoning",
  "function_call",
  "custom_tool_call",
  "output_text",
  "usage_limit_reached",
  "rate_limit_exceeded",
  "model_not_found",
  "Please try again in 1s",
  "max_output_tokens",
  "final_answer",
  "msg_1",
  '{"a":1}',
  "é😀",
  "\ud83d",
  "\ude00",
  "\u0000",
  "constructor",
  `Bearer ${TOKEN}`,
];
const NUMBERS = [0, 1, -1, 0.5, 1e9, 1.8e9, 1e15, 1e300, -1e300, 2 ** 53];

function value(random: Random, depth: number): unknown {
  const kind = random.below(depth > 3 ? 5 : 8);
  if (kind < 3) return random.of(WORDS);
  if (kind === 3) return random.of(NUMBERS);
  if (kind === 4) return random.of([null, true, false]);
  const size = random.below(5);
  if (kind === 5) return Array.from({ length: size }, () => value(random, depth + 1));
  return Object.fromEntries(
    Array.from({ length: size + 2 }, () => [random.of(KEYS), value(random, depth + 1)]),
  );
}

/** A piece of a body: an event that means something, one that does not, or no event at all. */
function piece(random: Random): Uint8Array {
  if (random.oneIn(6)) {
    return Uint8Array.from({ length: random.below(40) }, () => random.below(256));
  }
  if (random.oneIn(8)) {
    return encoder.encode(random.of(["\n", "\r", ":", "data", "data:", "id: 1\n"]));
  }
  const event = value(random, 0);
  const typed = random.oneIn(5) || typeof event !== "object" || Array.isArray(event)
    ? event
    : { ...event, type: random.of(WORDS.slice(1, 13)) };
  const data = JSON.stringify(typed);
  const broken = random.oneIn(10) ? data.slice(0, random.below(data.length)) : data;
  return encoder.encode(`data: ${broken}\n${random.oneIn(12) ? "" : "\n"}`);
}

/** One case of the fourth kind: a body, status and headers of any kind. */
export async function checkAnything(random: Random): Promise<void> {
  const pieces = Array.from({ length: random.below(12) }, () => piece(random));
  const headers = new Headers();
  for (const name of HEADERS) {
    if (!random.oneIn(3)) continue;
    headers.set(name, random.of(["", "0", "1", "100", "1800000000", "true", "x", "1e99", TOKEN]));
  }
  const options = random.oneIn(3) ? { maxEventBytes: 1 + random.below(300) } : {};
  const init = { status: random.of(STATUSES), headers };
  const outcome = await outcomeOf(pieces, init, options);
  assert.deepEqual(translated(await outcomeOf(pieces, init, { ...options, raw: true })), outcome);
}

/** One case of any kind. */
export async function check(random: Random, streams: readonly Uint8Array[]): Promise<void> {
  const kind = random.below(6);
  if (kind === 0) await checkChunking(random.of(streams), random);
  else if (kind === 1) await checkCut(random.of(streams), random);
  else if (kind === 2) await checkDamaged(random.of(streams), random);
  else await checkAnything(random);
}

async function main(first: number, seconds: number): Promise<void> {
  const streams = recordedStreams();
  const end = performance.now() + seconds * 1_000;
  let seed = first;
  let before = 0;
  for (; performance.now() < end; seed++) {
    await check(new Random(seed), streams).catch((error) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    // What a run of the machine needs at most has been reached by then.
    if (seed - first === 2_000) before = Deno.memoryUsage().heapUsed;
  }
  const grown = before === 0 ? 0 : Deno.memoryUsage().heapUsed - before;
  assert.ok(grown < 256 * 2 ** 20, `the heap has grown by ${grown} bytes`);
  await Deno.stdout.write(encoder.encode(`${seed - first} cases from seed ${first}: all well\n`));
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 1), Number(Deno.args[1] ?? 20));
