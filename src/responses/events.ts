/**
 * What a model call tells while it runs, and what it has to show at the end: one vocabulary for
 * the library and for the command's JSON lines.
 */
import type { ErrorCode, PartialAnswer } from "../base/errors.ts";
import type { RateLimits } from "./limits.ts";

/** Tokens that an answer took; all 0 when the service did not say. */
export interface Usage {
  /** Input, the cached part included. */
  readonly inputTokens: number;
  /** The part of the input that the service had cached. */
  readonly cachedInputTokens: number;
  /** Output, the reasoning included. */
  readonly outputTokens: number;
  /** The part of the output that was reasoning. */
  readonly reasoningTokens: number;
  /** Input and output together. */
  readonly totalTokens: number;
}

/** Whether a message is said on the way or is the answer, where the model tells. */
export type Phase = "interim" | "final";

/**
 * Why an answer ended. `length`, `content-filter` and `other` are incomplete answers; `other` has
 * the service's own word in `detail`.
 */
export type FinishReason =
  | "stop"
  | "tool-calls"
  | "refusal"
  | "length"
  | "content-filter"
  | "other";

/** A model's wish to have a tool called. */
export interface ToolCall {
  /** Pairs the call with its result. */
  readonly id: string;
  /** The tool. */
  readonly name: string;
  /**
   * A function's arguments as a value, or as the text that they are when that is no JSON; a custom
   * tool's input as text.
   */
  readonly input: unknown;
  /** The group that the tool was declared in, where it was. */
  readonly namespace?: string;
}

/** Plain data: survives a structured clone and JSON. Ignore types that you do not know. */
export type StreamEvent =
  | StartEvent
  | { readonly type: "text-start"; readonly id: string; readonly phase?: Phase }
  | { readonly type: "text-delta"; readonly id: string; readonly delta: string }
  | {
    readonly type: "text-end";
    readonly id: string;
    readonly text: string;
    readonly phase?: Phase;
  }
  | { readonly type: "reasoning-delta"; readonly id: string; readonly delta: string }
  | { readonly type: "tool-input-delta"; readonly id: string; readonly delta: string }
  | { readonly type: "tool-call" } & ToolCall
  | { readonly type: "limits"; readonly limits: RateLimits }
  | RetryEvent
  | { readonly type: "warning"; readonly code: string; readonly message: string }
  | FinishEvent
  | { readonly type: "raw"; readonly event: unknown };

/** The service has begun to answer. A retry may bring another one. */
export interface StartEvent {
  /** Its type. */
  readonly type: "start";
  /** The answer's id; empty when the service gave none. */
  readonly id: string;
  /** The model that answers. */
  readonly model: string;
  /** The id under which the service knows the request. */
  readonly requestId?: string;
}

/** The request will be made again, after a wait. */
export interface RetryEvent {
  /** Its type. */
  readonly type: "retry";
  /** Which retry comes, from 1. */
  readonly attempt: number;
  /** How many there may be. */
  readonly of: number;
  /** The wait before it, in milliseconds. */
  readonly delayMs: number;
  /** Why. */
  readonly code: ErrorCode;
}

/** The answer has ended as the service wanted it to: the last event of a stream that did not fail. */
export interface FinishEvent {
  /** Its type. */
  readonly type: "finish";
  /** Why it ended. */
  readonly reason: FinishReason;
  /** The service's own word for an incomplete answer, such as `max_output_tokens`. */
  readonly detail?: string;
  /** Set when the model wants to be asked again at once, with what it said so far. */
  readonly continues?: true;
  /** What it took. */
  readonly usage: Usage;
  /** The limits as last told. */
  readonly limits?: RateLimits;
}

/** An output item of the service, kept as it came, to be sent back in the next request. */
export type ReplayItem = Readonly<Record<string, unknown>>;

/** What has arrived so far. */
export interface Snapshot extends PartialAnswer {
  /** All text so far: the text deltas, joined. */
  readonly text: string;
  /** The items that are finished. */
  readonly items: readonly ReplayItem[];
  /** What it took, once that is told. */
  readonly usage?: Usage;
}

/** An answer that has ended. */
export interface ModelResult {
  /** The answer's id; empty when the service gave none. */
  readonly id: string;
  /** The model that answered. */
  readonly model: string;
  /** The id under which the service knows the request. */
  readonly requestId?: string;
  /** The answer: the text of the last message, as its finished item has it. */
  readonly text: string;
  /** Why it ended. */
  readonly reason: FinishReason;
  /** The service's own word for an incomplete answer, such as `max_output_tokens`. */
  readonly detail?: string;
  /** Whether the model wants to be asked again at once, with what it said so far. */
  readonly continues: boolean;
  /** The calls that it wants made, in order. */
  readonly calls: readonly ToolCall[];
  /** Every output item in order, for `{ role: "assistant", items }` in the next request. */
  readonly items: readonly ReplayItem[];
  /** What it took. */
  readonly usage: Usage;
  /** The limits as last told. */
  readonly limits?: RateLimits;
}
