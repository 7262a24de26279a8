/** Starts a model call. */
import type { Sink } from "./attempt.ts";
import { call, type StreamDeps } from "./call.ts";
import { incompleteness } from "./completeness.ts";
import type { ModelStream, ResultFor, SchemaResult } from "./model_stream.ts";
import type { ModelResult, StreamEvent } from "./events.ts";
import { OpenStream, type Work } from "./open_stream.ts";
import type { Input, SchemaOutput, StreamOptions, ToolSpec } from "./options.ts";
import type { OutputSchema } from "./output_schema.ts";

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
export function startStream<S extends OutputSchema, T extends readonly ToolSpec[]>(
  input: Input,
  options: StreamOptions<S, T>,
  deps: StreamDeps,
): ModelStream<ResultFor<S, T>> {
  const stream: ModelStream = new OpenStream(workOf(input, options, deps), {
    flaw: incompleteness,
    clock: deps.clock,
    signal: options.signal,
    totalMs: options.timeout?.total,
  });
  // The types say what `callChecked` does: with a schema there is an `output` of it.
  return stream as ModelStream<ResultFor<S, T>>;
}

/** The whole of a call, for a stream that is opened elsewhere. */
export function workOf(
  input: Input,
  options: StreamOptions,
  deps: StreamDeps,
): Work<StreamEvent, ModelResult> {
  const { output } = options;
  const isChecked = typeof output === "object" && deps.unchecked !== true;
  return (sink, signal) =>
    isChecked
      ? callChecked(input, options, output, deps, sink, signal)
      : call(input, options, deps, sink, signal);
}

/** A call whose answer is a value of a schema. */
async function callChecked(
  input: Input,
  options: StreamOptions,
  format: SchemaOutput,
  deps: StreamDeps,
  sink: Sink,
  signal: AbortSignal,
): Promise<SchemaResult<unknown>> {
  const { checkOutput } = await import("./output_format.ts");
  const { schema, read } = checkOutput(format);
  const asked = { ...options, output: { ...format, schema } };
  const result = await call(input, asked, deps, sink, signal);
  const failure = incompleteness(result, result.text);
  if (failure !== undefined) throw failure;
  // Who wants a tool called has not answered yet.
  const output = result.calls.length > 0 ? undefined : await read(result.text);
  return { ...result, output };
}
