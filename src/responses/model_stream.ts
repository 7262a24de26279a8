/** The object that a caller holds while a model answers. */
import type { ModelResult, Snapshot, StreamEvent } from "./events.ts";
import type { RateLimits } from "./limits.ts";
import type { ToolSpec } from "./options.ts";
import type { InferOutput } from "./output_schema.ts";

/**
 * Events that come, and the result at their end: what {@linkcode ModelStream} and
 * {@linkcode AgentRun} have in common.
 */
export interface EventStream<E, R> extends AsyncIterable<E>, AsyncDisposable {
  /** The text alone, as it comes; counts as iterating. Messages are not set apart from each other. */
  readonly textStream: AsyncIterable<string>;
  /**
   * The answer: the text of the last message.
   *
   * @throws CodexError `incomplete` or `refused` when it is not a whole answer, and every failure.
   */
  text(): Promise<string>;
  /**
   * The answer with all that belongs to it.
   *
   * @throws CodexError for every failure. An incomplete answer is none: look at `reason`.
   */
  final(): Promise<R>;
  /** What has arrived so far. */
  readonly partial: Snapshot;
  /** The limits as last told. */
  readonly limits: RateLimits | undefined;
  /** The id under which the service knows the request, once it has answered. */
  readonly requestId: string | undefined;
  /**
   * Ends the call. Does nothing once it has ended, or once its last event was taken, `finish` or
   * `run-finish`. Leaving a loop over the events does the same.
   *
   * @param reason What everything rejects with; a CodexError `aborted` when left out.
   */
  abort(reason?: unknown): void;
  /**
   * The events as JSON lines in UTF-8, as docs/json-events.md has them; counts as iterating. A
   * failure is a last line of type `error`, with what had arrived as `text`, and then fails the
   * stream.
   */
  toReadableStream(): ReadableStream<Uint8Array>;
}

/**
 * A model call under way.
 *
 * The request is made at once, whether or not anybody listens. Look at it in one of two ways, or
 * both: iterate its events (once), or await {@linkcode text} or {@linkcode final}, which read
 * along by themselves when nobody iterates. It is no promise itself.
 *
 * It ends in exactly one of these:
 *
 * - **finished**: the last event is `finish`; `final()` resolves, `text()` too.
 * - **incomplete**, or refused by the model: the last event is a `finish` that says so in its
 *   `reason`, and `final()` resolves with it, as both are data to whoever looks at them. `text()`
 *   and `textStream` give nothing but text, so they fail with `incomplete` or `refused`.
 * - **failed**, **cut** or **aborted**, or the answer does not match its schema: iterating throws, and `text()` and `final()` reject, all
 *   with the same error. Where some of the answer had arrived, the error's `partial.text` is the
 *   deltas joined.
 *
 * When nobody iterates or awaits, a failure is told to nobody: nothing is printed, nothing is left
 * unhandled, and the process may end.
 */
export interface ModelStream<R extends ModelResult = ModelResult>
  extends EventStream<StreamEvent, R> {}

/** The result of a call that asks for an answer of a schema. */
export interface SchemaResult<Output> extends ModelResult {
  /** The answer as a value, checked. */
  readonly output: Output;
}

/**
 * What `final()` gives for a schema and tools: without a schema no `output`; with tools it is
 * `undefined` where the model wants one called instead of answering.
 */
export type ResultFor<S, T extends readonly ToolSpec[]> = [S] extends [never] ? ModelResult
  : SchemaResult<T extends readonly [] ? InferOutput<S> : InferOutput<S> | undefined>;
