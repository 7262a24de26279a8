/** A {@linkcode ModelStream} at work: between the call that writes and the caller who reads. */
import type { Clock } from "../base/clock.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import type { Accumulator } from "./accumulator.ts";
import type { Sink } from "./attempt.ts";
import { incompleteness } from "./completeness.ts";
import { EventQueue, QUEUE_BOUND, READ_AHEAD } from "./event_queue.ts";
import type { ModelResult, Snapshot, StreamEvent } from "./events.ts";
import { jsonLines } from "./json_lines.ts";
import type { RateLimits } from "./limits.ts";
import type { ModelStream } from "./model_stream.ts";
import { withPartial } from "./with_partial.ts";

/** How a stream is opened. */
export interface OpenOptions {
  /** Measures the total limit. */
  readonly clock: Clock;
  /** The caller's signal. */
  readonly signal?: AbortSignal | undefined;
  /** The total limit, in milliseconds. */
  readonly totalMs?: number | undefined;
}

/** Makes the call; told where the events go and what ends it. */
export type Work = (sink: Sink, signal: AbortSignal) => Promise<ModelResult>;

/** A stream that has been opened. */
export class OpenStream implements ModelStream, Sink {
  readonly #queue = new EventQueue<StreamEvent>(() => this.#wake());
  readonly #ending = new AbortController();
  readonly #outcome = Promise.withResolvers<ModelResult>();
  readonly #options: OpenOptions;
  readonly #work: Promise<void>;
  readonly #onAbort: () => void;
  readonly #deadline: number;
  #cancelTotal: (() => void) | undefined;
  #answer: Accumulator | undefined;
  #ended = false;
  // Who listens.
  #reading = false;
  #awaited = false;
  #lost = false;
  #unbounded = false;
  #wake: () => void = () => {};

  /** Opens a stream; the work begins at once. */
  constructor(work: Work, options: OpenOptions) {
    this.#options = options;
    // Whoever awaits is told; where nobody does, nothing is unhandled.
    this.#outcome.promise.catch(() => {});
    this.#deadline = options.clock.now() + (options.totalMs ?? Infinity);
    this.#onAbort = () => this.abort(options.signal?.reason);
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#armTotal();
    if (options.signal?.aborted) this.#onAbort();
    this.#work = this.#ended ? Promise.resolve() : this.#follow(work);
  }

  async #follow(work: Work): Promise<void> {
    try {
      const result = await work(this, this.#ending.signal);
      this.#end(() => {
        this.#queue.end();
        this.#outcome.resolve(result);
      });
    } catch (error) {
      this.#fail(this.#asFailure(error));
    }
  }

  /** What went wrong, with what had arrived; what is no error of ours is a fault of this package. */
  #asFailure(error: unknown): unknown {
    if (error instanceof Error && error.name === "NotCapable") return error;
    const known = isCodexError(error) ? error : new CodexError(
      "internal",
      "Something went wrong that should not have: please report it",
      { cause: error, hint: "Report what you did, with the message above" },
    );
    const text = this.#answer?.shown.toString() ?? "";
    return text === "" && known.code !== "stream_cut" ? known : withPartial(known, text);
  }

  #fail(reason: unknown): void {
    this.#end(() => {
      this.#queue.end({ reason });
      this.#outcome.reject(reason);
    });
  }

  #end(settle: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTotal?.();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    settle();
    this.#wake();
  }

  // The writer's side.

  begin(answer: Accumulator): void {
    answer.limits ??= this.#answer?.limits;
    this.#answer = answer;
  }

  push(events: readonly StreamEvent[], weight: number): void {
    this.#queue.push(events, weight);
  }

  room(): Promise<void> | undefined {
    return this.#isFull() ? this.#waitForRoom() : undefined;
  }

  /** Whether the writer must wait; where nobody iterates but somebody awaits, events are dropped. */
  #isFull(): boolean {
    const bound = this.#reading ? READ_AHEAD : QUEUE_BOUND;
    if (this.#ended || this.#unbounded || this.#queue.weight < bound) return false;
    if (this.#reading || !this.#awaited) return true;
    this.#lost = true;
    this.#queue.clear();
    return false;
  }

  /** Waits without a timer, so that a stream that was dropped lets the process end. */
  async #waitForRoom(): Promise<void> {
    this.#cancelTotal?.();
    while (this.#isFull()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#armTotal();
  }

  #armTotal(): void {
    const { clock, totalMs } = this.#options;
    if (totalMs === undefined || this.#ended) return;
    this.#cancelTotal = clock.after(this.#deadline - clock.now(), () => {
      this.abort(
        this.#asFailure(
          new CodexError("timeout", `The time limit of ${totalMs / 1000} s has passed`, {
            requestId: this.requestId,
            hint: "Allow more time, or ask for less",
          }),
        ),
      );
    });
  }

  // The reader's side.

  [Symbol.asyncIterator](): AsyncIterator<StreamEvent, undefined> {
    this.#open();
    return {
      next: () => this.#queue.next(),
      return: () => {
        this.abort();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  get textStream(): AsyncIterable<string> {
    return { [Symbol.asyncIterator]: () => this.#texts() };
  }

  async *#texts(): AsyncGenerator<string, undefined> {
    this.#open();
    try {
      for (;;) {
        const event = this.#queue.take();
        if (event?.type === "text-delta") yield event.delta;
        if (event !== undefined) continue;
        const next = await this.#queue.next();
        if (next.done) break;
        if (next.value.type === "text-delta") yield next.value.delta;
      }
    } finally {
      this.abort();
    }
    const error = this.#incompleteness(await this.#outcome.promise);
    if (error !== undefined) throw error;
  }

  toReadableStream(): ReadableStream<Uint8Array> {
    this.#open();
    return jsonLines(this.#queue, (reason) => this.abort(reason));
  }

  #open(): void {
    if (this.#reading || this.#lost) {
      throw new CodexError(
        "invalid_usage",
        this.#reading
          ? "The events of a stream can be iterated once"
          : "The events are gone: text() or final() has read them",
        { hint: "Iterate once, and before awaiting; keep what is needed more often" },
      );
    }
    this.#reading = true;
  }

  final(): Promise<ModelResult> {
    this.#awaited = true;
    // A reader who awaits in the middle of the loop takes no events until this has settled.
    if (this.#reading && !this.#queue.awaited) this.#unbounded = true;
    this.#wake();
    return this.#outcome.promise;
  }

  text(): Promise<string> {
    const text = this.final().then((result) => {
      const error = this.#incompleteness(result);
      if (error !== undefined) throw error;
      return result.text;
    });
    text.catch(() => {});
    return text;
  }

  #incompleteness(result: ModelResult): CodexError | undefined {
    return incompleteness(result, this.#answer?.shown.toString() ?? "");
  }

  get partial(): Snapshot {
    return this.#answer?.snapshot() ?? { text: "", items: [] };
  }

  get limits(): RateLimits | undefined {
    return this.#answer?.limits;
  }

  get requestId(): string | undefined {
    return this.#answer?.requestId;
  }

  abort(reason?: unknown): void {
    if (this.#ended) return;
    const why = reason ??
      this.#asFailure(new CodexError("aborted", "The call was aborted", { hint: "Run it again" }));
    this.#queue.clear();
    this.#fail(why);
    this.#ending.abort(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort();
    await this.#work;
  }
}
