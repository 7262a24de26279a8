/** Reads the stream of an answer: handed on as it comes, or put together to one whole response. */
import type { Clock } from "../../base/clock.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import { hostOf, networkError } from "../../base/http.ts";
import type { JsonObject } from "../../base/json.ts";
import type { WireEvent } from "../../protocol/responses.ts";
import { IdleWatch } from "../idle_watch.ts";
import { isStream, noStream } from "../no_stream.ts";
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
 * @returns The body. Where the answer is cut off its last event is an `error`, as the public API
 * has it, and then it fails. To cancel it ends the request.
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
  let failure: CodexError | undefined;
  return new ReadableStream({
    async pull(controller) {
      // The frame before it has been read by now: failing drops what is still in the stream.
      if (failure !== undefined) return controller.error(failure);
      let batch: readonly Frame[] | undefined;
      try {
        batch = (await (next ?? frames.next())).value;
      } catch (error) {
        if (signal.aborted || !isCodexError(error)) throw error;
        // What a body fails with reaches the caller of an SDK as it is; of an event an SDK makes an
        // error of its own class.
        failure = error;
        return controller.enqueue(encoder.encode(errorFrame(error)));
      }
      next = undefined;
      if (batch === undefined) return controller.close();
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
  let seen = false;
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
      seen ||= alive;
      if (alive) {
        watch.touch();
        watch.pause();
      }
      if (batch.length > 0) yield end === -1 ? batch : batch.slice(0, end + 1);
      if (end !== -1) return undefined;
      if (chunk.done) {
        throw seen || isStream(answer.headers)
          ? cutOff()
          : noStream(host, answer.status, undefined);
      }
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

/** An error as the last event: with the members of the API's own one, and those of its answers. */
function errorFrame({ code, message, hint }: CodexError): string {
  const error = {
    type: "server_error",
    code,
    message: hint === undefined ? message : `${message}. ${hint}`,
    param: null,
  };
  const event = { ...error, type: "error", sequence_number: 0, error };
  return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
}
