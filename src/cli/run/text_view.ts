/** A run as a person or a pipe sees it: the answer on stdout, all else on stderr. */
import type { RunEvent } from "../../agent/run_events.ts";
import { AnswerText } from "../answer.ts";
import type { Cli } from "../cli.ts";
import { formatWhen } from "../time.ts";
import type { Progress } from "./progress.ts";

/** Where stdout and `-o` are not the same. */
const SEVERAL = "The model gave several messages: stdout has all that were meant as the answer, " +
  "--output-last-message the last one alone";

/** How a run is shown. */
export interface TextViewOptions {
  /** The live line, taken away where it would be in the answer's way. */
  readonly progress: Progress;
  /** Holds the answer back until it is whole and checked. */
  readonly held: boolean;
  /** Whether the model has tools: then not all that it says is its answer. */
  readonly tools?: boolean;
}

/** Shows a run. */
export class TextView {
  readonly #cli: Cli;
  readonly #options: TextViewOptions;
  readonly #answer: AnswerText;

  /** Shows it in a command's world. */
  constructor(cli: Cli, options: TextViewOptions) {
    this.#cli = cli;
    this.#options = options;
    this.#answer = new AnswerText(cli.stdout, { tools: options.tools ?? false });
  }

  /** Takes an event. */
  tell(event: RunEvent): void | Promise<void> {
    const { progress, held } = this.#options;
    progress.look(event);
    switch (event.type) {
      case "warning":
        // What was not shown cannot differ from what was.
        if (held && event.code === "text_differs") return;
        return this.#cli.stderr.line(`warning: ${event.message}`);
      case "retry":
        return event.code === "usage_limit" ? this.#wait(event.delayMs) : undefined;
      case "text-start":
        return this.#answer.take(event);
      case "text-delta":
      case "text-end":
      case "finish":
        if (held) return;
        // Asking where stdout goes costs as much as writing there, so only where a line is in its way.
        if (progress.isShown && this.#answer.carries(event) && !this.#cli.stdoutIsFile?.()) {
          progress[Symbol.dispose]();
        }
        return this.#answer.take(event);
      case "run-finish":
        progress[Symbol.dispose]();
        return this.#end(event.text);
    }
  }

  async #end(text: string): Promise<void> {
    const isOther = this.#answer.isOther(text);
    await this.#answer.end(text);
    if (isOther) this.#cli.stderr.line(`warning: ${SEVERAL}`);
  }

  /** Ends an answer that broke off. */
  async break(): Promise<void> {
    this.#options.progress[Symbol.dispose]();
    await this.#answer.break();
  }

  /** A wait of hours must not look like a hang. */
  #wait(delayMs: number): void {
    if (this.#options.progress.isShown) return;
    const { stderr, clock } = this.#cli;
    const when = formatWhen(clock.now() + delayMs, clock.now());
    stderr.line(`warning: the usage limit is reached; waiting until ${when}`);
  }
}
