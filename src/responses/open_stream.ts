/** An {@linkcode EventStream} at work: between the call that writes and the caller who reads. */
import type { Clock } from "../base/clock.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { EventQueue, QUEUE_BOUND, READ_AHEAD } from "./event_queue.ts";
import type { Snapshot } from "./events.ts";
import { jsonLines } from "./json_lines.ts";
import type { RateLimits } from "./limits.ts";
import type { EventStream } from "./model_stream.ts";
import { withPartial } from "./with_partial.ts";

/** What a writer's answer shows while it is put together. */
export interface Standing {
  /** All text that was shown. */
  readonly shown: { toString(): string };
  /** The limits as last told. */
  limits: RateLimits | undefined;
  /** The id under which the service knows the request. */
  readonly requestId: string | undefined;
  /** What has arrived so far. */
  snapshot(): Snapshot;
  /** What is known of it when something ended it, for the last of its JSON lines. */
  facts?(error: CodexError): object;
}

/** Where the writer of a stream puts its events. */
export interface Sink<E> {
  /** The answer begins, or begins anew. */
  begin(answer: Standing): void;
  /**
   * Takes events.
   *
   * @param events In order.
   * @param weight The bytes that they came from.
   */
  push(events: readonly E[], weight: number): void;
  /** A wait until there is room for more, or `undefined` when there is room now. */
  room(): Promise<void> | undefined;
}

/** How a stream is opened. */
export interface OpenOptions<R> {
  /** Why a result is no whole answer, for those who ask for its text alone. */
  readonly flaw?: ((result: R, shown: string) => CodexError | undefined) | undefined;
  /** The type of the last event, `finish` unless given: whoever has it has the whole answer. */
  readonly last?: string | undefined;
  /** Measures the total limit. */
  readonly clock: Clock;
  /** The caller's signal. */
  readonly signal?: AbortSignal | undefined;
  /** The total limit, in milliseconds. */
  readonly totalMs?: number | undefined;
}

/** Does the work behind a stream; told where the events go and what ends it. */
export type Work<E, R> = (sink: Sink<E>, signal: AbortSignal) => Promise<R>;

/** What every event has, and those that carry text. */
type AnyEvent = { readonly type: string; readonly delta?: unknown };

/** A stream that has been opened. */
export class OpenStream<E extends AnyEvent, R extends { readonly text: string }>
  implements EventStream<E, R>, Sink<E> {
  readonly #queue = new EventQueue<E>(() => this.#wake());
  readonly #ending = new AbortController();
  readonly #outcome = Promise.withResolvers<R>();
  readonly #options: OpenOptions<R>;
  readonly #work: Promise<void>;
  readonly #onAbort: () => void;
  readonly #deadline: number;
  #cancelTotal: (() => void) | undefined;
  #answer: Standing | undefined;
  #ended = false;
  #complete = false;
  // Who listens.
  #reading = false;
  #awaited = false;
  #lost = false;
  #unbounded = false;
  #wake: () => void = () => {};

  /** Opens a stream; the work begins at once. */
  constructor(work: Work<E, R>, options: OpenOptions<R>) {
    this.#options = options;
    // Whoever awaits is told; where nobody does, nothing is unhandled.
    this.#outcome.promise.catch(() => {});
    this.#deadline = options.clock.now() + (options.totalMs ?? Infinity);
    this.#onAbort = () => this.#stop(options.signal?.reason);
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#armTotal();
    if (options.signal?.aborted) this.#onAbort();
    this.#work = this.#ended ? Promise.resolve() : this.#follow(work);
  }

  async #follow(work: Work<E, R>): Promise<void> {
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
      "Something happened that should not, and is a fault of this package",
      { cause: error, hint: "Report it, with what you did and the `cause`" },
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

  begin(answer: Standing): void {
    // What an earlier attempt was told holds until this one is told its own.
    if (this.#answer?.limits !== undefined) answer.limits ??= this.#answer.limits;
    this.#answer = answer;
  }

  push(events: readonly E[], weight: number): void {
    const { last = "finish" } = this.#options;
    if (events[events.length - 1]?.type === last) this.#complete = true;
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
      this.#stop(
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

  [Symbol.asyncIterator](): AsyncIterator<E, undefined> {
    this.#open();
    const done = { done: true, value: undefined } as const;
    let left = false;
    return {
      next: () => left ? Promise.resolve(done) : this.#queue.next(),
      return: () => {
        left = true;
        this.abort();
        return Promise.resolve(done);
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
        const text = event && textOf(event);
        if (text !== undefined) yield text;
        if (event !== undefined) continue;
        const next = await this.#queue.next();
        if (next.done) break;
        const awaited = textOf(next.value);
        if (awaited !== undefined) yield awaited;
      }
    } finally {
      this.abort();
    }
    const error = this.#flaw(await this.#outcome.promise);
    if (error !== undefined) throw error;
  }

  toReadableStream(): ReadableStream<Uint8Array> {
    this.#open();
    return jsonLines(
      this.#queue,
      (reason) => this.abort(reason),
      (error) => this.#answer?.facts?.(error),
    );
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

  final(): Promise<R> {
    this.#awaited = true;
    // A reader who awaits in the middle of the loop takes no events until this has settled.
    if (this.#reading && !this.#queue.awaited) this.#unbounded = true;
    this.#wake();
    return this.#outcome.promise;
  }

  text(): Promise<string> {
    const text = this.final().then((result) => {
      const error = this.#flaw(result);
      if (error !== undefined) throw error;
      return result.text;
    });
    text.catch(() => {});
    return text;
  }

  #flaw(result: R): CodexError | undefined {
    return this.#options.flaw?.(result, this.#answer?.shown.toString() ?? "");
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
    // Who has taken the last event has the answer, and what is left to do for it is done.
    if (this.#complete && this.#queue.isEmpty) return;
    this.#stop(reason);
  }

  #stop(reason: unknown): void {
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

function textOf({ type, delta }: AnyEvent): string | undefined {
  return type === "text-delta" && typeof delta === "string" ? delta : undefined;
}
