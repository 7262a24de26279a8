/**
 * What a run tells: the events of each model call, and those of the run around them. This is the
 * vocabulary of the command's JSON lines; their schema is made from these types.
 */
import type { ErrorRecord } from "../base/errors.ts";
import type { FinishReason, StreamEvent, Usage } from "../responses/events.ts";

/** The version of the events: a change that could break a reader gets another number. */
export const EVENT_SCHEMA = 1;

/** Plain data: survives a structured clone and JSON. Ignore types that you do not know. */
export type RunEvent =
  | RunStartEvent
  | StreamEvent
  | { readonly type: "step-start"; readonly step: number }
  | ApprovalRequestEvent
  | { readonly type: "tool-start"; readonly id: string; readonly name: string }
  | ToolOutputEvent
  | ToolResultEvent
  | StepFinishEvent
  | RunFinishEvent
  | RunErrorEvent;

/** The first event, before any model is asked. */
export interface RunStartEvent {
  /** Its type. */
  readonly type: "run-start";
  /** The version of the events. */
  readonly schema: 1;
  /** The version of the program. */
  readonly version: string;
  /** The model that will be asked; empty when the account's list names none. */
  readonly model: string;
}

/** A call needs somebody's yes; what comes of it is told by what follows. */
export interface ApprovalRequestEvent {
  /** Its type. */
  readonly type: "approval-request";
  /** The id of the call. */
  readonly id: string;
  /** The tool. */
  readonly tool: string;
  /** The arguments of the call. */
  readonly input: unknown;
  /** Why it has to be asked. */
  readonly reason: string;
}

/** What comes out of a tool at work. */
export interface ToolOutputEvent {
  /** Its type. */
  readonly type: "tool-output-delta";
  /** The id of the call. */
  readonly id: string;
  /** Where the tool wrote it; a command's two outputs come together, as `stdout`. */
  readonly channel: "stdout" | "stderr";
  /** The text. */
  readonly delta: string;
}

/** A call has ended: with what the model is told of it. */
export interface ToolResultEvent {
  /** Its type. */
  readonly type: "tool-result";
  /** The id of the call. */
  readonly id: string;
  /** The tool. */
  readonly name: string;
  /** What the tool gave; of an image, its size alone. */
  readonly output: unknown;
  /** How long it took, in milliseconds; the wait for a yes is not counted. */
  readonly ms: number;
  /** Whether it was done; a command that failed by itself was. */
  readonly ok: boolean;
}

/** One model call has ended, and what it wanted done was done. */
export interface StepFinishEvent {
  /** Its type. */
  readonly type: "step-finish";
  /** Which one, from 1. */
  readonly step: number;
  /** What it took. */
  readonly usage: Usage;
}

/** The last event of a run that came to its end. */
export interface RunFinishEvent {
  /** Its type. */
  readonly type: "run-finish";
  /** Why it ended: `stop` with an answer, else the name of the condition that ended it. */
  readonly reason: string;
  /** How many model calls it took. */
  readonly steps: number;
  /** What they took, all together. */
  readonly usage: Usage;
  /** The answer. */
  readonly text: string;
  /** How long the run took, in milliseconds. */
  readonly ms: number;
  /** When the first text came, in milliseconds from the start. */
  readonly firstTokenMs?: number;
}

/** Why a run ended without an answer: the service's reason, the caller's wish, or a failure. */
export type RunEnd = FinishReason | "aborted" | "failed";

/** What had become of a run that did not come to its end. */
export interface RunFacts {
  /** Why it ended. */
  readonly reason: RunEnd;
  /** How many model calls were begun. */
  readonly steps: number;
  /** What the finished ones took, all together. */
  readonly usage: Usage;
  /** The answer's text so far; empty when there was none. */
  readonly text: string;
}

/**
 * The last event of everything else. The facts are missing when the command ended before its run
 * began, such as for a wrong option.
 */
export type RunErrorEvent =
  & { readonly type: "error" }
  & Omit<ErrorRecord, "partial">
  & Partial<RunFacts>;

/** No tokens. */
export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
};

/** What two calls took together. */
export function addUsage(one: Usage, other: Usage): Usage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    totalTokens: one.totalTokens + other.totalTokens,
  };
}
