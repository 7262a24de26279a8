/** A run as a person or a pipe sees it: the answer on stdout, all else on stderr. */
import type { RunEvent } from "../../agent/run_events.ts";
import { AnswerText } from "../answer.ts";
import type { Cli } from "../cli.ts";
import { formatWhen } from "../time.ts";
import type { Progress } from "./progress.ts";

/** How a run is shown. */
export interface TextViewOptions {
  /** The live line, taken away where it would be in the answer's way. */
  readonly progress: Progress;
  /** Holds the answer back until it is whole and checked. */
  readonly held: boolean;
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
    this.#answer = new AnswerText(cli.stdout);
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
        if (held) return;
        if (this.#answer.carries(event) && !this.#cli.stdoutIsFile?.()) progress[Symbol.dispose]();
        return this.#answer.take(event);
      case "run-finish":
        progress[Symbol.dispose]();
        return this.#answer.end(event.text);
    }
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
