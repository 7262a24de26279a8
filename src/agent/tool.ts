/** What a model may have done: a declaration, and the code behind it. */
import type { Model } from "../models/model.ts";
import type { ImagePart, TextPart, ToolSpec } from "../responses/options.ts";
import type { InferOutput, OutputSchema } from "../responses/output_schema.ts";

/** What a tool does to the world: reads it, changes it, runs programs in it, or reaches out of it. */
export type ToolEffects = "read" | "write" | "exec" | "network";

/** What a tool's code is given beside its input. */
export interface ToolContext {
  /** Aborted when the run ends: whatever was begun must end then too. */
  readonly signal: AbortSignal;
  /** The id of the call. */
  readonly callId: string;
  /** In which step of the run, from 1. */
  readonly step: number;
  /** Tells what comes out while the tool is at work; becomes a `tool-output-delta` event. */
  emit(delta: string, channel?: "stdout" | "stderr"): void;
}

/** What a call would do beyond what it is confined to; whoever approves it is told. */
export interface CallNeed {
  /** Whether it would run outside of every sandbox, or change what the sandbox keeps unchanged. */
  readonly unconfined: boolean;
  /** Why, in one sentence of ours. */
  readonly why?: string;
  /** Why, in the model's own words: data from others. */
  readonly justification?: string;
  /** What would change, as a unified diff. */
  readonly diff?: string;
}

/** A call whose arguments were read and are in order. */
export interface PreparedCall {
  /** What it needs that has to be allowed; nothing special when absent. */
  readonly need?: CallNeed;
  /**
   * Does it. What it gives becomes the model's result: text as it is, a list of text and image
   * parts as those, anything else as JSON. Images are bytes, `data:` or `https:`: a path is not
   * read. What it throws is told to the model too, but for a CodexError, which ends the run.
   */
  execute(context: ToolContext): unknown;
}

/** What is known of the model that a tool is declared to. */
export type ToolModel = Pick<Model, "freeformPatch" | "inputs">;

/** A tool as a run works with it. Make one with {@linkcode tool}. */
export interface Tool {
  /** What the model calls it. */
  readonly name: string;
  /** What it does to the world. One without is the caller's own code, and runs unasked. */
  readonly effects?: ToolEffects;
  /**
   * How it is declared to a model; `undefined` when that model cannot have it.
   *
   * @param model What is known of the model, if anything is.
   */
  declare(model: ToolModel | undefined): ToolSpec | undefined | Promise<ToolSpec | undefined>;
  /**
   * Reads the arguments of a call.
   *
   * @param input A function's arguments as a value, or as the text that was no JSON; a custom
   * tool's text.
   * @throws What the model shall be told when they are not in order.
   */
  prepare(input: unknown): Promise<PreparedCall>;
}

/** What a result may be made of, beside text. */
export type ToolOutputPart = TextPart | ImagePart;

/** A tool to be made. */
export interface ToolDefinition<S extends OutputSchema, O> {
  /** What the model calls it: letters, digits, `_` and `-`. */
  readonly name: string;
  /** What it does, for the model. */
  readonly description: string;
  /** JSON Schema of its arguments, or a validator that tells it. */
  readonly input: S;
  /** Whether the service holds the model to the schema, which must then be of its strict subset. */
  readonly strict?: boolean;
  /** What it does to the world. */
  readonly effects?: ToolEffects;
  /** Does it, with arguments that match the schema. */
  execute(input: InferOutput<S>, context: ToolContext): Promise<O> | O;
}
