/** From events to bytes: server-sent events, with the pauses, breaks and oddities that a turn asks for. */
import { type Clock, sleep } from "../../base/clock.ts";
import { bodyCut } from "../drops.ts";
import type { AnswerTurn, Break, Wire } from "../turns.ts";
import type { Step, WireEvent } from "./items.ts";

const encoder = new TextEncoder();

/** How often a silent stream is kept alive, if it is, in milliseconds. */
const KEEPALIVE_MS = 15_000;

/** The bytes of a stream. */
export async function* frames(
  steps: Iterable<Step>,
  turn: AnswerTurn,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const written = broken(steps, turn, clock, signal);
  yield* turn.breaks?.afterBytes === undefined
    ? dripped(written, turn.wire ?? {}, clock, signal)
    : cutAt(dripped(written, turn.wire ?? {}, clock, signal), turn.breaks, clock, signal);
}

/**
 * The bytes of an answer in one piece. It has neither events nor deltas: where it breaks after some
 * of them it breaks in its middle, and since its length was promised, every cut breaks the
 * connection.
 */
export async function* pieces(
  body: string,
  { breaks, wire = {} }: AnswerTurn,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const bytes = encoder.encode(body);
  const written = dripped([bytes], wire, clock, signal);
  if (breaks === undefined || breaks.beforeHeaders === true) return yield* written;
  const { kind, ms, afterBytes = Math.floor(bytes.length / 2) } = breaks;
  const how = kind === "silence" ? kind : "reset";
  yield* cutAt(
    written,
    { kind: how, afterBytes, ...(ms === undefined ? {} : { ms }) },
    clock,
    signal,
  );
}

/** Writes the steps one by one until the place where the turn breaks. */
async function* broken(
  steps: Iterable<Step>,
  { breaks, wire = {} }: AnswerTurn,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let events = 0;
  let chunks = 0;
  let waited = breaks === undefined || breaks.afterBytes !== undefined ||
    breaks.beforeHeaders === true;
  for (const { event, isChunk, delayMs } of steps) {
    if (!waited && breaks !== undefined && isReached(breaks, events, chunks)) {
      waited = true;
      yield* interruption(breaks, clock, signal);
      if (breaks.kind !== "silence") return;
    }
    if (delayMs !== undefined && delayMs > 0) await sleep(clock, delayMs, signal);
    yield encoder.encode(written(event, events, wire));
    events += 1;
    if (isChunk === true) chunks += 1;
  }
}

function isReached(breaks: Break, events: number, chunks: number): boolean {
  if (breaks.afterEvents !== undefined) return events >= breaks.afterEvents;
  if (breaks.afterChunks !== undefined) return chunks >= breaks.afterChunks;
  return true;
}

async function* interruption(
  breaks: Break,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (breaks.kind === "reset") throw bodyCut();
  if (breaks.kind === "close") return;
  const { ms = Infinity, keepalive, keepaliveMs = KEEPALIVE_MS } = breaks;
  if (keepalive === undefined) return await silence(clock, ms, signal);
  const sign = keepalive === "comment" ? ": keepalive\n\n" : 'data: {"type":"keepalive"}\n\n';
  for (let left = ms; left > 0; left -= keepaliveMs) {
    await silence(clock, Math.min(left, keepaliveMs), signal);
    if (left > keepaliveMs) yield encoder.encode(sign);
  }
}

/** Waits, for ever when the time is infinite: then only the signal ends it. */
export async function silence(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms !== Infinity) return await sleep(clock, ms, signal);
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  await promise;
}

/** One event as text. */
function written(event: WireEvent, sequenceNumber: number, wire: Wire): string {
  const { type, ...members } = event;
  const data = JSON.stringify({ type, sequence_number: sequenceNumber, ...members });
  const lines = [
    ...(wire.comments === true ? [": comment"] : []),
    ...(wire.eventLines === false ? [] : [`event: ${type}`]),
    `data: ${data}`,
    "",
    "",
  ];
  return lines.join(LINE_ENDS[wire.lineEnd ?? "lf"]);
}

const LINE_ENDS = { lf: "\n", crlf: "\r\n", cr: "\r" } as const;

/** Cuts what is written into pieces of a given size, with a pause after each. */
async function* dripped(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { bytesPerWrite, writeEveryMs = 0 }: Wire,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for await (const bytes of source) {
    const size = bytesPerWrite ?? bytes.length;
    for (let start = 0; start < bytes.length; start += size) {
      yield bytes.slice(start, start + size);
      if (writeEveryMs > 0) await sleep(clock, writeEveryMs, signal);
    }
  }
}

/** Ends a stream, or lets it fall silent, after a number of bytes. */
async function* cutAt(
  source: AsyncIterable<Uint8Array>,
  breaks: Break,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let left = breaks.afterBytes ?? Infinity;
  for await (const bytes of source) {
    if (bytes.length <= left) {
      left -= bytes.length;
      yield bytes;
      continue;
    }
    yield bytes.slice(0, left);
    yield* interruption(breaks, clock, signal);
    if (breaks.kind !== "silence") return;
    yield bytes.slice(left);
    left = Infinity;
  }
}
