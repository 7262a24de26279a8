/** One attempt at a model call: the request, the answer read to its end, and how it ended. */
import { type Clock, timeLimit } from "../base/clock.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { type Fetch, hostOf, readText, send } from "../base/http.ts";
import { MODELS_ETAG_HEADER, SERVED_MODEL_HEADER } from "../protocol/headers.ts";
import { readLimitHeaders } from "../protocol/limits.ts";
import type { WireEvent } from "../protocol/responses.ts";
import { Accumulator } from "./accumulator.ts";
import type { ModelResult, StreamEvent } from "./events.ts";
import type { Failure, FailureContext } from "./failure.ts";
import { IdleWatch } from "./idle_watch.ts";
import { rateLimits } from "./limits.ts";
import type { StreamOptions } from "./options.ts";
import type { Sink as EventSink } from "./open_stream.ts";
import { isStream, noStream } from "./no_stream.ts";
import { connectMs, IDLE_MS } from "./patience.ts";
import type { ModelRequest } from "./request.ts";
import { requestIdOf } from "./request_id.ts";
import { EventReader } from "./sse.ts";
import { Translator } from "./translate.ts";

/** Where the events of a call go. */
export type Sink = EventSink<StreamEvent>;

/** What an attempt is made with. */
export interface AttemptContext {
  /** Sends. */
  readonly fetch: Fetch;
  /** Measures time. */
  readonly clock: Clock;
  /** The caller's options. */
  readonly options: StreamOptions;
  /** The model that is asked. */
  readonly model: string;
  /** What failures are told against. */
  readonly failures: Omit<FailureContext, "now" | "requestId">;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Where the events go. */
  readonly sink: Sink;
  /** Told the mark of the account's model list. */
  readonly onEtag: (etag: string) => void;
}

/** How an attempt ended. */
export type Attempt = { readonly result: ModelResult } | FailedAttempt;

/** An attempt without an answer, or with a part of one. */
export interface FailedAttempt {
  /** What went wrong. */
  readonly failure: Failure;
  /** Whether a retry would repeat what was shown. */
  readonly shown: boolean;
  /** Whether it was a silence, which has taken long enough already. */
  readonly silent: boolean;
}

/**
 * Makes one attempt.
 *
 * @param request What to send.
 * @param context How.
 * @returns How it ended.
 * @throws The signal's reason, and what `fetch` is not permitted to do; nothing else.
 */
export async function attempt(request: ModelRequest, context: AttemptContext): Promise<Attempt> {
  const { fetch, clock, signal, sink, options } = context;
  const host = hostOf(request.url);
  const most = Math.ceil(options.timeout?.connect ?? connectMs(sizeOf(request.body)));
  let late: CodexError | undefined;
  const onSilence = () => late = silence(`No answer from ${host} within ${most / 1000} s`);
  let response: Response;
  try {
    using limit = timeLimit(clock, most, onSilence, signal);
    const init = { method: "POST", headers: request.headers, body: request.body };
    response = await send(request.url, init, { fetch, clock, signal: limit.signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!isCodexError(error)) throw error;
    return failed(error, { silent: error === late });
  }
  const answer = beginAnswer(response.headers, context);
  sink.begin(answer);
  if (answer.limits !== undefined) sink.push([{ type: "limits", limits: answer.limits }], 0);
  const etag = response.headers.get(MODELS_ETAG_HEADER);
  if (etag !== null) context.onEtag(etag);
  if (response.ok && response.body === null) return failed(cutOff(answer.requestId), {});
  if (response.ok && response.body !== null) {
    return await readAnswer(response, response.body, host, answer, context);
  }
  const { status, headers } = response;
  // The status tells the most. What the body says is worth a wait, but none without an end.
  using moment = timeLimit(clock, most, onSilence, signal);
  const text = await readText(response, moment.signal).catch(() => "");
  signal.throwIfAborted();
  const now = clock.now();
  const { failureOfAnswer } = await import("./failure.ts");
  const failure = failureOfAnswer({ status, headers, text }, { ...context.failures, now });
  return { failure, shown: false, silent: false };
}

/** About how many bytes a body has: for most text, a character is one. */
function sizeOf(body: string | Blob): number {
  return typeof body === "string" ? body.length : body.size;
}

function beginAnswer(headers: Headers, context: AttemptContext): Accumulator {
  const { clock, model, failures } = context;
  const answer = new Accumulator(model);
  answer.requestId = requestIdOf(headers, failures.secrets);
  answer.servedModel = headers.get(SERVED_MODEL_HEADER) || undefined;
  const limits = readLimitHeaders(headers, clock.now());
  answer.limits = limits === undefined ? undefined : rateLimits(limits);
  return answer;
}

/** Reads an answer to its terminal event, to the end of the body, or until it is stopped. */
async function readAnswer(
  response: Response,
  body: ReadableStream<Uint8Array>,
  host: string,
  answer: Accumulator,
  context: AttemptContext,
): Promise<Attempt> {
  const { clock, signal, sink, options, failures } = context;
  const { firstEvent = IDLE_MS, idle = IDLE_MS } = options.timeout ?? {};
  const raw = options.raw ? { secrets: failures.secrets } : undefined;
  const translator = new Translator(answer, { raw });
  const events = new EventReader({ maxEventBytes: options.maxEventBytes, whole: options.raw });
  const reader = body.getReader();
  let silent: CodexError | undefined;
  const watch = new IdleWatch(clock, { first: firstEvent, idle }, (ms, first) => {
    const what = first ? "did not begin to answer" : "fell silent";
    silent = silence(`${host} ${what} for ${ms / 1000} s`);
    reader.cancel(silent).catch(() => {});
  });
  // Cancelling is what settles a pending read for certain; the abort of the fetch may not.
  const onAbort = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  let broken: unknown;
  let seen = 0;
  try {
    signal.throwIfAborted();
    for (let weight = 0, done = false; !done && !translator.ended && !events.overflow;) {
      const chunk = await reader.read();
      if (silent !== undefined || signal.aborted) break;
      done = chunk.done;
      const batch = chunk.done ? events.end() : events.feed(chunk.value);
      weight += chunk.value?.length ?? 0;
      if (events.alive) watch.touch();
      seen += batch.length;
      const out = translateAll(batch, translator);
      if (out.length > 0) {
        sink.push(out, weight);
        weight = 0;
      }
      const room = done || translator.ended ? undefined : sink.room();
      if (room !== undefined) {
        watch.pause();
        await room;
        watch.resume();
      }
    }
  } catch (error) {
    broken = error;
  } finally {
    watch.pause();
    signal.removeEventListener("abort", onAbort);
    reader.cancel().catch(() => {});
  }
  signal.throwIfAborted();
  if (translator.ending !== undefined) return { result: answer.result(translator.ending) };
  const { shown } = translator;
  const { requestId } = answer;
  if (translator.failure !== undefined) {
    const told = { ...failures, requestId, now: clock.now() };
    const { failureOfEvent } = await import("./failure.ts");
    return { failure: failureOfEvent(translator.failure, told), shown, silent: false };
  }
  if (silent !== undefined) return failed(silent, { shown, silent: true });
  if (events.overflow) return failed(tooLong(requestId), { shown });
  if (seen === 0 && broken === undefined && !isStream(response.headers)) {
    return failed(noStream(host, response.status, requestId), { shown });
  }
  return failed(cutOff(requestId, broken), { shown });
}

function translateAll(batch: readonly WireEvent[], translator: Translator): StreamEvent[] {
  const out: StreamEvent[] = [];
  for (const event of batch) {
    translator.translate(event, out);
    if (translator.ended) break;
  }
  return out;
}

function failed(
  error: CodexError,
  { shown = false, silent = false }: { readonly shown?: boolean; readonly silent?: boolean },
): FailedAttempt {
  return { failure: { error, otherShape: false, accountWide: false }, shown, silent };
}

function silence(message: string): CodexError {
  return new CodexError("network", message, {
    hint: "Check the connection, then try again; `timeout` sets how long to wait",
  });
}

function cutOff(requestId: string | undefined, cause?: unknown): CodexError {
  const how = cause === undefined ? "it ended" : "the connection broke";
  return new CodexError("stream_cut", `The answer was cut off: ${how} before its last event`, {
    requestId,
    cause,
    hint: "Try again",
  });
}

function tooLong(requestId: string | undefined): CodexError {
  return new CodexError("stream_cut", "The answer was given up: one of its events is too large", {
    requestId,
    retryable: false,
    hint: "Raise `maxEventBytes`, or ask for less at once",
  });
}
