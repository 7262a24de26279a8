/** Reads the stream of an answer: handed on as it comes, or put together to one whole response. */
import type { Clock } from "../../base/clock.ts";
import { CodexError } from "../../base/errors.ts";
import { hostOf, networkError } from "../../base/http.ts";
import type { JsonObject } from "../../base/json.ts";
import type { WireEvent } from "../../protocol/responses.ts";
import { IdleWatch } from "../idle_watch.ts";
import { IDLE_MS } from "../patience.ts";
import { AnswerParts, isLast } from "./answer_parts.ts";
import { type Frame, FrameReader, reworded } from "./frames.ts";

/** What the reading needs. */
export interface RelayOptions {
  /** Where the answer comes from. */
  readonly url: string;
  /** Measures silences. */
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told each finished item. */
  readonly onItem: (item: JsonObject) => void;
}

/**
 * Hands a stream on, frame by frame and unchanged, but for the output of the last event.
 *
 * @param answer The answer; held here until the end, see `send`.
 * @param options How.
 * @returns The body. It fails where the answer is cut off; to cancel it ends the request.
 */
export function relayed(answer: Response, options: RelayOptions): ReadableStream<Uint8Array> {
  const cancelled = new AbortController();
  const signal = AbortSignal.any([options.signal, cancelled.signal]);
  const parts = new AnswerParts();
  const encoder = new TextEncoder();
  const frames = framesOf(answer, { ...options, signal });
  // Begun at once, so that an abort ends the request even where nobody reads.
  let next: ReturnType<typeof frames.next> | undefined = frames.next();
  next.catch(() => {});
  return new ReadableStream({
    async pull(controller) {
      const { done, value: batch } = await (next ?? frames.next());
      next = undefined;
      if (done) return controller.close();
      const text = batch.map((frame) => noted(frame, parts, options).text).join("");
      controller.enqueue(encoder.encode(text));
    },
    async cancel(reason) {
      cancelled.abort(reason);
      await frames.return(undefined);
    },
  }, { highWaterMark: 0 });
}

/** How an answer ended, as a whole. */
export interface WholeAnswer {
  /** Its last event. */
  readonly last: WireEvent;
  /** Its response, where the last event is not a failure. */
  response(otherwise: JsonObject): JsonObject;
}

/**
 * Reads an answer to its end.
 *
 * @throws CodexError `stream_cut` or `network`; the signal's reason.
 */
export async function collected(answer: Response, options: RelayOptions): Promise<WholeAnswer> {
  const parts = new AnswerParts();
  let last: WireEvent | undefined;
  for await (const batch of framesOf(answer, options)) {
    for (const frame of batch) last = noted(frame, parts, options).event ?? last;
  }
  if (last === undefined) throw cutOff();
  const end = last;
  return { last: end, response: (otherwise) => parts.whole(end, otherwise) };
}

/** Takes note of a frame; gives what is handed on for it. */
function noted(frame: Frame, parts: AnswerParts, { onItem }: RelayOptions): Frame {
  const { event } = frame;
  if (event === undefined) return frame;
  const item = parts.take(event);
  if (item !== undefined) onItem(item);
  const filled = parts.filled(event);
  return filled === event ? frame : reworded(frame, filled);
}

/** The frames, in batches as they arrive, up to the last event. */
async function* framesOf(
  answer: Response,
  { url, clock, signal }: RelayOptions,
): AsyncGenerator<readonly Frame[], undefined> {
  const reader = answer.body?.getReader();
  if (reader === undefined) throw cutOff();
  const host = hostOf(url);
  let silent: CodexError | undefined;
  const watch = new IdleWatch(clock, { first: IDLE_MS, idle: IDLE_MS }, (ms) => {
    silent = new CodexError("network", `${host} fell silent for ${ms / 1000} s`, {
      hint: "Check the connection, then try again",
    });
    reader.cancel(silent).catch(() => {});
  });
  // Cancelling is what settles a pending read for certain; the abort of the fetch may not.
  const onAbort = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  const frames = new FrameReader();
  try {
    for (;;) {
      signal.throwIfAborted();
      const chunk = await reader.read();
      signal.throwIfAborted();
      if (silent !== undefined) throw silent;
      const batch = chunk.done ? frames.end() : frames.feed(chunk.value);
      const end = batch.findIndex(({ event }) => event !== undefined && isLast(event));
      // A comment keeps a connection open and says nothing about the answer: no sign of life.
      const alive = batch.some(({ event }) => event !== undefined);
      if (alive) {
        watch.touch();
        watch.pause();
      }
      if (batch.length > 0) yield end === -1 ? batch : batch.slice(0, end + 1);
      if (end !== -1) return undefined;
      if (chunk.done) throw cutOff();
      if (alive) watch.resume();
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : networkError(error, host);
  } finally {
    watch.pause();
    signal.removeEventListener("abort", onAbort);
    reader.cancel().catch(() => {});
  }
}

function cutOff(): CodexError {
  return new CodexError("stream_cut", "The answer was cut off: it ended before its last event", {
    hint: "Try again",
  });
}
