/** Starts a model call. */
import { call, type StreamDeps } from "./call.ts";
import type { ModelStream } from "./model_stream.ts";
import { OpenStream } from "./open_stream.ts";
import type { Input, StreamOptions } from "./options.ts";

export type { StreamDeps };

/**
 * Asks a model once. The request is made at once; see {@linkcode ModelStream} for how to follow it.
 *
 * Nothing is thrown here: whatever is wrong with the input or the options is told where every
 * other failure is, to whoever iterates or awaits.
 *
 * @param input A prompt, or a conversation.
 * @param options What to ask for.
 * @param deps What it needs from outside.
 * @returns The call under way.
 */
export function startStream(
  input: Input,
  options: StreamOptions,
  deps: StreamDeps,
): ModelStream {
  return new OpenStream((sink, signal) => call(input, options, deps, sink, signal), {
    clock: deps.clock,
    signal: options.signal,
    totalMs: options.timeout?.total,
  });
}
