/** Starts a model call whose code is loaded as it begins, so that nobody pays for what is not used. */
import type { Clock } from "../base/clock.ts";
import type { StreamDeps } from "./call.ts";
import { incompleteness } from "./completeness.ts";
import type { ModelStream, ResultFor } from "./model_stream.ts";
import { OpenStream } from "./open_stream.ts";
import type { Input, StreamOptions, ToolSpec } from "./options.ts";
import type { OutputSchema } from "./output_schema.ts";

/** Where what a call needs comes from. */
export interface LazyDeps {
  /** Measures the total limit. */
  readonly clock: Clock;
  /** Opens the rest; what it rejects with is what the call fails with. */
  open(): Promise<StreamDeps>;
}

/**
 * Asks a model once, as `startStream` does.
 *
 * @param input A prompt, or a conversation.
 * @param options What to ask for.
 * @param deps Where what it needs comes from.
 * @returns The call under way.
 */
export function startLazily<S extends OutputSchema, T extends readonly ToolSpec[]>(
  input: Input,
  options: StreamOptions<S, T>,
  { clock, open }: LazyDeps,
): ModelStream<ResultFor<S, T>> {
  const stream: ModelStream = new OpenStream(async (sink, signal) => {
    const [deps, { workOf }] = await Promise.all([open(), import("./stream.ts")]);
    signal.throwIfAborted();
    return await workOf(input, options, deps)(sink, signal);
  }, { flaw: incompleteness, clock, signal: options.signal, totalMs: options.timeout?.total });
  // As `startStream` has it.
  return stream as ModelStream<ResultFor<S, T>>;
}
