/** One run: as many model calls as it takes to an answer of the form that was asked for. */
import {
  addUsage,
  EVENT_SCHEMA,
  NO_USAGE,
  type RunEnd,
  type RunEvent,
  type RunFacts,
} from "../../agent/run_events.ts";
import type { Clock } from "../../base/clock.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import { VERSION } from "../../base/version.ts";
import { incompleteness } from "../../responses/completeness.ts";
import type { ModelResult, Usage } from "../../responses/events.ts";
import type { ModelStream } from "../../responses/model_stream.ts";
import type { Message } from "../../responses/options.ts";
import { ClosedPipe } from "../output.ts";
import { RunFailure } from "../run_failure.ts";
import type { AnswerForm } from "./answer_form.ts";

/** What a run is given. */
export interface Task {
  /** What the model is given first. */
  readonly messages: readonly Message[];
  /** Makes a model call. */
  readonly ask: (messages: readonly Message[]) => ModelStream;
  /** The model that will be asked, for the first event; empty when that is not known. */
  readonly model: string;
  /** What the answer must be; anything when absent. */
  readonly form?: AnswerForm | undefined;
  /** How often to ask again for an answer of another form. */
  readonly repair?: number | undefined;
  /** The most model calls. */
  readonly maxSteps?: number | undefined;
  /** The most output tokens. */
  readonly maxTokens?: number | undefined;
  /** Told the events as they come; the run goes on when it has settled. */
  readonly tell: (event: RunEvent) => void | Promise<void>;
  /** Keeps the finished answer where it shall be kept, before the run counts as finished. */
  readonly keep?: ((answer: Answer) => Promise<void>) | undefined;
  /** Measures the run. */
  readonly clock: Clock;
}

/** A finished answer. */
export interface Answer {
  /** What is handed out of it. */
  readonly text: string;
  /** The whole conversation, the answer included. */
  readonly messages: readonly Message[];
  /** The model that gave it. */
  readonly model: string;
}

/** A model that asks to go on for ever is stopped here. */
const MAX_STEPS = 50;
/** About as much text as a token is, in UTF-8: what has been streamed is counted by it. */
const BYTES_PER_TOKEN = 4;

/**
 * Runs a task.
 *
 * @throws RunFailure with what ended it; ClosedPipe as it is.
 */
export async function runTask(task: Task): Promise<void> {
  await new Run(task).run();
}

class Run {
  readonly #task: Task;
  readonly #started: number;
  #steps = 0;
  #usage: Usage = NO_USAGE;
  #firstTokenMs: number | undefined;
  #stream: ModelStream | undefined;
  #reason: RunEnd | undefined;
  #streamedBytes = 0;

  constructor(task: Task) {
    this.#task = task;
    this.#started = task.clock.now();
  }

  async run(): Promise<void> {
    const { tell, keep, clock, model } = this.#task;
    try {
      await tell({ type: "run-start", schema: EVENT_SCHEMA, version: VERSION, model });
      const answer = await this.#answer();
      await this.#tellExcess();
      await keep?.(answer);
      await tell({
        type: "run-finish",
        reason: "stop",
        steps: this.#steps,
        usage: this.#usage,
        text: answer.text,
        ms: clock.now() - this.#started,
        ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
      });
    } catch (error) {
      // Whoever does not read any more is told nothing more.
      throw error instanceof ClosedPipe ? error : new RunFailure(error, this.#facts(error));
    }
  }

  /** Asks until there is a whole answer of the right form. */
  async #answer(): Promise<Answer> {
    const { form, repair = 0 } = this.#task;
    let messages = this.#task.messages;
    for (let repairs = 0;;) {
      const result = await this.#step(messages);
      messages = [...messages, { role: "assistant", items: result.items }];
      if (result.continues) continue;
      if (form === undefined) checkWhole(result);
      try {
        const text = await form?.check(result.text) ?? result.text;
        return { text, messages, model: result.model };
      } catch (error) {
        if (form === undefined || !isCodexError(error, "output_invalid")) throw error;
        if (repairs++ >= repair || this.#isSpent()) throw error;
        const content = `${error.message}.\n${form.wish}`;
        messages = [...messages, { role: "user", content }];
      }
    }
  }

  /** One model call, told to its end. */
  async #step(messages: readonly Message[]): Promise<ModelResult> {
    if (this.#isSpent()) throw this.#spent();
    const { ask, tell } = this.#task;
    const step = ++this.#steps;
    this.#streamedBytes = 0;
    await tell({ type: "step-start", step });
    const stream = this.#stream = ask(messages);
    for await (const event of stream) {
      if (event.type === "text-delta" || event.type === "reasoning-delta") {
        if (event.type === "text-delta") {
          this.#firstTokenMs ??= this.#task.clock.now() - this.#started;
        }
        this.#count(event.delta);
      }
      const told = tell(event);
      if (told !== undefined) await told;
    }
    const result = await stream.final();
    this.#usage = addUsage(this.#usage, result.usage);
    await tell({ type: "step-finish", step, usage: result.usage });
    const failure = incompleteness(result, stream.partial.text);
    if (failure === undefined) return result;
    this.#reason = result.reason;
    throw failure;
  }

  /** The service takes no limit, so what it streams is counted, by the rule of thumb. */
  #count(delta: string): void {
    const { maxTokens } = this.#task;
    if (maxTokens === undefined) return;
    this.#streamedBytes += utf8Length(delta);
    const streamed = Math.floor(this.#streamedBytes / BYTES_PER_TOKEN);
    if (this.#usage.outputTokens + streamed > maxTokens) throw overBudget(maxTokens);
  }

  /** A whole answer stands, whatever it took: its tokens are spent. */
  async #tellExcess(): Promise<void> {
    const { maxTokens = Infinity, tell } = this.#task;
    const { outputTokens } = this.#usage;
    if (outputTokens <= maxTokens) return;
    const message =
      `The answer took ${outputTokens} output tokens, more than the ${maxTokens} allowed`;
    await tell({ type: "warning", code: "over_budget", message });
  }

  #isSpent(): boolean {
    const { maxSteps = MAX_STEPS, maxTokens = Infinity } = this.#task;
    return this.#steps >= maxSteps || (this.#steps > 0 && this.#usage.outputTokens >= maxTokens);
  }

  #spent(): CodexError {
    const { maxSteps = MAX_STEPS, maxTokens } = this.#task;
    if (maxTokens !== undefined && this.#usage.outputTokens >= maxTokens) {
      return overBudget(maxTokens);
    }
    return new CodexError("step_limit", `The run has used its ${maxSteps} steps`, {
      hint: "Allow more with --max-steps",
    });
  }

  #facts(error: unknown): RunFacts {
    const known = isCodexError(error) ? error : undefined;
    const aborted = known?.code === "aborted" || known?.code === "timeout";
    return {
      reason: this.#reason ?? (aborted ? "aborted" : "failed"),
      steps: this.#steps,
      usage: this.#usage,
      text: this.#stream?.partial.text ?? "",
    };
  }
}

function overBudget(maxTokens: number): CodexError {
  return new CodexError("budget_exceeded", `The run has used its ${maxTokens} output tokens`, {
    hint: "Allow more with --max-tokens, or ask for less",
  });
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Both halves of a surrogate pair together are four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
  }
  return bytes;
}

/** An answer that says nothing must not look like one: a script would go on with an empty file. */
function checkWhole({ text, reason, requestId }: ModelResult): void {
  if (text.trim() !== "" && reason !== "tool-calls") return;
  const message = reason === "tool-calls"
    ? "The model asked for a tool that it was not offered, and gave no whole answer"
    : "The model ended without an answer";
  throw new CodexError("incomplete", message, {
    requestId,
    partial: { text },
    hint: "Try again, or ask in another way",
  });
}
