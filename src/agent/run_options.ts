/** What a run takes, and what it gives: plain data but for tools, callbacks and the signal. */
import type { ModelResult, ToolCall, Usage } from "../responses/events.ts";
import type { RateLimits } from "../responses/limits.ts";
import type { EventStream } from "../responses/model_stream.ts";
import type { Message, StreamOptions } from "../responses/options.ts";
import type { InferOutput, OutputSchema } from "../responses/output_schema.ts";
import type { RunEvent } from "./run_events.ts";
import type { CallNeed, Tool, ToolEffects } from "./tool.ts";

/** What is known when a call has to be approved. */
export interface StepContext {
  /** In which step of the run, from 1. */
  readonly step: number;
  /** What the tool does to the world. */
  readonly effects: ToolEffects;
  /** What the call needs beyond that, where the tool tells. */
  readonly need: CallNeed | undefined;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
}

/** Whether a call may be made; a reason against it is told to the model. */
export type Approval = boolean | { readonly allow: boolean; readonly reason?: string };

/** Decides about a call that changes something, runs a program or reaches out. */
export type Approve = (call: ToolCall, context: StepContext) => Approval | Promise<Approval>;

/** Where a run stands between two steps. */
export interface StepState {
  /** Which step comes, from 1. */
  readonly step: number;
  /** The conversation so far. */
  readonly messages: readonly Message[];
  /** What the steps took, all together. */
  readonly usage: Usage;
  /** What the model said last; `undefined` before the first step. */
  readonly last: ModelResult | undefined;
}

/** Ends a run before the model does. Looked at after every step that wants another one. */
export interface StopCondition {
  /** The run's reason when it is met. */
  readonly name: string;
  /** Whether it is met; said at once, and a failure ends the run. */
  isMet(state: StepState): boolean;
}

/** What a step may have of its own. */
export type StepOptions = Omit<StreamOptions, "output" | "signal" | "tools">;

/** A conversation as plain data: kept, copied to fork it, and given to a later run to go on. */
export interface Session {
  /** Keeps its requests on one prompt cache. */
  readonly id: string;
  /** What was said; no message may name a file. */
  readonly messages: readonly Message[];
}

/** Options of {@linkcode run}. Times are milliseconds. */
export interface RunOptions<S extends OutputSchema = OutputSchema>
  extends Omit<StreamOptions<S>, "tools" | "sessionKey"> {
  /** What the model may have done; nothing by default. */
  readonly tools?: readonly Tool[] | undefined;
  /** The service's own web search. */
  readonly search?: boolean | undefined;
  /** Ends the run before the model does, with the condition's name as the reason. */
  readonly stopWhen?: StopCondition | readonly StopCondition[] | undefined;
  /** The most model calls, 50 by default; beyond it the run fails with `step_limit`. */
  readonly maxSteps?: number | undefined;
  /** The most output tokens, counted here; beyond them the run fails with `budget_exceeded`. */
  readonly maxOutputTokens?: number | undefined;
  /** Asked before a call of a tool with the effects write, exec or network; by default no. */
  readonly approve?: Approve | undefined;
  /** Called before each step; what it gives holds for that step alone. */
  readonly beforeStep?:
    | ((
      state: StepState,
    ) => StepOptions | undefined | void | Promise<StepOptions | undefined | void>)
    | undefined;
  /** Whether calls of reading tools that come together are made together; so by default. */
  readonly parallelTools?: boolean | undefined;
  /** How often to ask again for an answer that does not match the schema; 0 by default. */
  readonly repair?: number | undefined;
  /** A conversation to go on with. */
  readonly session?: Session | undefined;
}

/** What a run came to. */
export interface RunResult {
  /** The answer: the text of the last message. */
  readonly text: string;
  /** `stop` with an answer, else the name of the condition that ended it. */
  readonly reason: string;
  /** The model that answered last. */
  readonly model: string;
  /** How many model calls it took. */
  readonly steps: number;
  /** What they took, all together. */
  readonly usage: Usage;
  /** The whole conversation, to go on with. */
  readonly session: Session;
  /** The limits as last told. */
  readonly limits?: RateLimits;
}

/** The result of a run that asks for an answer of a schema. */
export interface SchemaRunResult<Output> extends RunResult {
  /** The answer as a value, checked; `undefined` where a condition ended the run before it. */
  readonly output: Output | undefined;
}

/** What `final()` of a run gives, with and without a schema. */
export type RunResultFor<S> = [S] extends [never] ? RunResult : SchemaRunResult<InferOutput<S>>;

/** A run under way: its events, and its result. It is used as a `ModelStream` is. */
export interface AgentRun<R extends RunResult = RunResult> extends EventStream<RunEvent, R> {}
