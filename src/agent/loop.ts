/** One run: as many model calls as it takes to an answer of the form that was asked for. */
import type { Clock } from "../base/clock.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { incompleteness } from "../responses/completeness.ts";
import type { ModelResult, ReplayItem, Snapshot, Usage } from "../responses/events.ts";
import type { RateLimits } from "../responses/limits.ts";
import type { ModelStream } from "../responses/model_stream.ts";
import type { Message } from "../responses/options.ts";
import type { Refusal } from "./approval.ts";
import { TokenBudget } from "./budget.ts";
import { callerFailure } from "../base/caller_failure.ts";
import { copyOf } from "./copy.ts";
import { EVENT_SCHEMA, type RunEnd, type RunEvent, type RunFacts } from "./run_events.ts";
import type { Approve, StepOptions, StepState, StopCondition } from "./run_options.ts";
import { isMet } from "./stop.ts";
import type { Tool } from "./tool.ts";

/** What a run works with. */
export interface LoopOptions {
  /** What the model is given first. */
  readonly messages: readonly Message[];
  /** Makes a model call, with what this step has of its own. */
  readonly ask: (messages: readonly Message[], options: StepOptions) => ModelStream;
  /** The model that will be asked, for the first event; empty when that is not known. */
  readonly model: string;
  /** The tools that the model is offered, by name. */
  readonly tools?: ReadonlyMap<string, Tool> | undefined;
  /** Decides about calls with effects. */
  readonly approve?: Approve | undefined;
  /** Whether calls of reading tools are made together. */
  readonly parallelTools?: boolean | undefined;
  /** What the answer must be; anything when absent. */
  readonly form?: AnswerForm | undefined;
  /** How often to ask again for an answer of another form. */
  readonly repair?: number | undefined;
  /** The most model calls. */
  readonly maxSteps?: number | undefined;
  /** The most output tokens. */
  readonly maxTokens?: number | undefined;
  /** Conditions that end it early. */
  readonly stopWhen?: readonly StopCondition[] | undefined;
  /** What each step has of its own. */
  readonly beforeStep?:
    | ((
      state: StepState,
    ) => StepOptions | undefined | void | Promise<StepOptions | undefined | void>)
    | undefined;
  /** Ends it; children of tools included. */
  readonly signal: AbortSignal;
  /** Told the events as they come; the run goes on when it has settled. */
  readonly tell: (event: RunEvent) => void | Promise<void>;
  /** Keeps the finished answer where it shall be kept, before the run counts as finished. */
  readonly keep?: ((answer: Answer) => Promise<void>) | undefined;
  /** Measures the run. */
  readonly clock: Clock;
}

/** The form of an answer. */
export interface AnswerForm {
  /**
   * Checks a finished answer.
   *
   * @returns What is handed out of it.
   * @throws CodexError `output_invalid` when it is not of this form.
   */
  check(text: string): Promise<{ readonly text: string; readonly output?: unknown }>;
  /** What the model is told when its answer is not of this form. */
  readonly wish: string;
}

/** A finished answer. */
export interface Answer {
  /** What is handed out of it. */
  readonly text: string;
  /** Its value, where the form gives one. */
  readonly output?: unknown;
  /** The whole conversation, the answer included. */
  readonly messages: readonly Message[];
  /** The model that gave it. */
  readonly model: string;
  /** `stop`, or the name of the condition that ended the run before it. */
  readonly reason: string;
}

/** A model that asks to go on for ever is stopped here. */
const MAX_STEPS = 50;

/** A run, and where it stands. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #started: number;
  readonly #budget: TokenBudget;
  readonly #items: ReplayItem[] = [];
  #messages: readonly Message[];
  #steps = 0;
  #firstTokenMs: number | undefined;
  #stream: ModelStream | undefined;
  #last: ModelResult | undefined;
  #textBefore = "";
  #limits: RateLimits | undefined;
  #refused: Refusal | undefined;
  #reason: RunEnd | undefined;

  /** Prepares a run; nothing is asked yet. */
  constructor(options: LoopOptions) {
    this.#options = options;
    this.#messages = options.messages;
    this.#budget = new TokenBudget(options.maxTokens);
    this.#started = options.clock.now();
  }

  /**
   * Runs to the end.
   *
   * @throws What ended it before; {@linkcode facts} tells what had become of it.
   */
  async run(): Promise<Answer> {
    const { tell, keep, clock, model } = this.#options;
    await tell({ type: "run-start", schema: EVENT_SCHEMA, version: VERSION, model });
    const answer = await this.#answer();
    const excess = this.#budget.excess();
    if (excess !== undefined) {
      await tell({ type: "warning", code: "over_budget", message: excess });
    }
    await keep?.(answer);
    await tell({
      type: "run-finish",
      reason: answer.reason,
      steps: this.#steps,
      usage: this.usage,
      text: answer.text,
      ms: clock.now() - this.#started,
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
    });
    return answer;
  }

  /** How many model calls were begun. */
  get steps(): number {
    return this.#steps;
  }

  /** What the finished ones took, all together. */
  get usage(): Usage {
    return this.#budget.usage;
  }

  /** All that was shown so far. */
  get shown(): string {
    return this.#textBefore + (this.#stream?.partial.text ?? "");
  }

  /** The limits as last told. */
  get limits(): RateLimits | undefined {
    return this.#stream?.limits ?? this.#limits;
  }

  /** The id under which the service knows the last request. */
  get requestId(): string | undefined {
    return this.#stream?.requestId;
  }

  /** What has arrived so far, of all steps. */
  snapshot(): Snapshot {
    const items = [...this.#items, ...this.#stream?.partial.items ?? []];
    return { text: this.shown, items, usage: this.usage };
  }

  /** What had become of the run when something ended it. */
  facts(error: unknown): RunFacts {
    const known = isCodexError(error) ? error : undefined;
    const aborted = known?.code === "aborted" || known?.code === "timeout";
    return {
      reason: this.#reason ?? (aborted ? "aborted" : "failed"),
      steps: this.#steps,
      usage: this.usage,
      text: this.#stream?.partial.text ?? this.#last?.text ?? "",
    };
  }

  /** Asks until there is a whole answer of the right form. */
  async #answer(): Promise<Answer> {
    const { form, repair = 0 } = this.#options;
    for (let repairs = 0;;) {
      const result = await this.#step();
      const stopped = result.calls.length > 0 || result.continues ? this.#stopped() : undefined;
      if (stopped !== undefined) return this.#ended(result, { text: result.text }, stopped);
      if (this.#goesOn(result)) continue;
      if (form === undefined) this.#checkWhole(result);
      try {
        const checked = await form?.check(result.text) ?? { text: result.text };
        return this.#ended(result, checked, "stop");
      } catch (error) {
        if (!isCodexError(error, "output_invalid") || form === undefined) throw error;
        if (repairs++ >= repair || this.#isSpent()) throw error;
        this.#say({ role: "user", content: `${error.message}.\n${form.wish}` });
      }
    }
  }

  #goesOn({ calls, continues }: ModelResult): boolean {
    return continues || (calls.length > 0 && this.#options.tools !== undefined);
  }

  #ended(
    { model }: ModelResult,
    checked: { readonly text: string; readonly output?: unknown },
    reason: string,
  ): Answer {
    return { ...checked, messages: this.#messages, model, reason };
  }

  #say(...messages: readonly Message[]): void {
    this.#messages = [...this.#messages, ...messages];
  }

  /** One model call, told to its end, and the calls that it asks for. */
  async #step(): Promise<ModelResult> {
    const { ask, tell, signal } = this.#options;
    signal.throwIfAborted();
    if (this.#isSpent()) throw this.#spent();
    const own = await this.#ownOptions();
    signal.throwIfAborted();
    const step = ++this.#steps;
    await tell({ type: "step-start", step });
    const stream = this.#stream = ask(this.#messages, own);
    for await (const event of stream) {
      if (event.type === "text-delta" || event.type === "reasoning-delta") {
        if (event.type === "text-delta") {
          this.#firstTokenMs ??= this.#options.clock.now() - this.#started;
        }
        this.#budget.count(event.delta);
      }
      // Whoever reads the events gets their own: the call is made with what the model gave.
      const told = tell(event.type === "tool-call" ? copyOfCall(event) : event);
      if (told !== undefined) await told;
    }
    const result = await stream.final();
    this.#budget.add(result.usage);
    this.#limits = stream.limits ?? this.#limits;
    const failure = incompleteness(result, stream.partial.text);
    if (failure === undefined) {
      this.#say({ role: "assistant", items: result.items });
      await this.#perform(result, step);
    }
    await tell({ type: "step-finish", step, usage: result.usage });
    this.#last = result;
    if (failure !== undefined) {
      this.#reason = result.reason;
      throw failure;
    }
    this.#items.push(...result.items);
    this.#textBefore = this.shown;
    this.#stream = undefined;
    return result;
  }

  /** What the caller gives for the step that comes. */
  async #ownOptions(): Promise<StepOptions> {
    try {
      return await this.#options.beforeStep?.(this.#state()) ?? {};
    } catch (cause) {
      this.#options.signal.throwIfAborted();
      throw callerFailure(cause, "What comes before each step failed", {
        hint: "Mend the `beforeStep` of the run",
      });
    }
  }

  async #perform({ calls }: ModelResult, step: number): Promise<void> {
    const { tools, approve, signal, clock, tell, parallelTools = true } = this.#options;
    if (calls.length === 0 || tools === undefined) return;
    const context = { tools, approve, step, parallel: parallelTools, signal, clock, tell };
    const { performCalls } = await import("./calls.ts");
    const { results, refused } = await performCalls(calls, context);
    this.#refused = refused ?? this.#refused;
    this.#say({ role: "tool", content: results });
  }

  #state(): StepState {
    // What is done with them changes nothing of the run.
    const messages = [...this.#messages];
    return { step: this.#steps + 1, messages, usage: { ...this.usage }, last: this.#last };
  }

  #stopped(): string | undefined {
    return this.#options.stopWhen?.find((condition) => isMet(condition, this.#state()))?.name;
  }

  #isSpent(): boolean {
    const { maxSteps = MAX_STEPS } = this.#options;
    return this.#steps >= maxSteps || (this.#steps > 0 && this.#budget.isSpent);
  }

  #spent(): CodexError {
    if (this.#budget.isSpent) return this.#budget.error();
    const { maxSteps = MAX_STEPS } = this.#options;
    return new CodexError(
      "step_limit",
      `The run has used its ${maxSteps === 1 ? "one step" : `${maxSteps} steps`}`,
      {
        hint: "Allow more with maxSteps (--max-steps)",
      },
    );
  }

  /** An answer that says nothing must not look like one: a script would go on with an empty file. */
  #checkWhole({ text, reason, requestId }: ModelResult): void {
    if (text.trim() !== "" && reason !== "tool-calls") return;
    const details = { requestId, partial: { text } };
    if (this.#refused !== undefined) {
      const { name } = this.#refused;
      const message = `The run ended without an answer, after a call of "${name}" was refused`;
      const hint = "Allow it on the terminal or with another --sandbox, or give run() an `approve`";
      throw new CodexError("approval_denied", message, { ...details, hint });
    }
    const message = reason === "tool-calls"
      ? "The model asked for a tool that it was not offered, and gave no whole answer"
      : "The model ended without an answer";
    const hint = "Try again, or ask in another way";
    throw new CodexError("incomplete", message, { ...details, hint });
  }
}

function copyOfCall<C extends { readonly input: unknown }>(call: C): C {
  return { ...call, input: copyOf(call.input) };
}
