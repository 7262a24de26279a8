/** What a run is doing, in one line of the terminal that leaves no trace. */
import type { RunEvent } from "../../agent/run_events.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { type LiveLine, liveLine } from "../live_line.ts";
import { formatDuration, formatWhen } from "../time.ts";

/** Characters that are about a token, where the service has not told the count yet. */
const CHARACTERS_PER_TOKEN = 4;

/** The live line of a run: what it is doing, for how long, with how many tokens. */
export class Progress implements Disposable {
  /** Whether a person sees it. */
  readonly isShown: boolean;
  readonly #cli: Cli;
  readonly #started: number;
  readonly #line: LiveLine | undefined;
  #doing: () => string;
  #characters = 0;
  #tokens = 0;

  /** Begins to show it, where stderr is a terminal that can and nothing was said against it. */
  constructor(cli: Cli, flags: GlobalFlags, doing: string) {
    const { stderr, clock, env, columns } = cli;
    this.#cli = cli;
    this.#started = clock.now();
    this.#doing = () => doing;
    const term = env("TERM");
    this.isShown = stderr.isTerminal && term !== "dumb" && !flags.quiet && !flags.json;
    if (!this.isShown) return;
    this.#line = liveLine(stderr, clock, () => this.#text(), { term, columns });
  }

  /** Looks at an event for what the run is doing now. */
  look(event: RunEvent): void {
    if (this.#line === undefined) return;
    switch (event.type) {
      case "run-start":
        return this.#now(() => "asking");
      case "start":
        return this.#now(() => "thinking");
      case "reasoning-delta":
      case "tool-input-delta":
        this.#characters += event.delta.length;
        return;
      case "text-start":
        return this.#now(() => "answering");
      case "text-delta":
        this.#characters += event.delta.length;
        return;
      case "tool-result":
        return this.#now(() => "thinking");
      case "step-start":
        return event.step > 1 ? this.#now(() => `asking again, step ${event.step}`) : undefined;
      case "step-finish":
        this.#tokens += event.usage.outputTokens;
        this.#characters = 0;
        return;
      case "retry":
        return this.#retry(event.code === "usage_limit", event);
    }
  }

  /** Shows what is being done, where no event of its own tells it. */
  show(doing: string): void {
    this.#now(() => doing);
  }

  /** Takes the line away for as long as something else is asked or said there. */
  pause(): Disposable {
    return this.#line?.pause() ?? { [Symbol.dispose]() {} };
  }

  /** Takes the line away. */
  [Symbol.dispose](): void {
    this.#line?.[Symbol.dispose]();
  }

  #retry(
    forReset: boolean,
    { attempt, of, delayMs }: { attempt: number; of: number; delayMs: number },
  ): void {
    const { clock } = this.#cli;
    const until = clock.now() + delayMs;
    const now = () => clock.now();
    this.#now(() =>
      now() >= until
        ? "asking again"
        : forReset
        ? `waiting for the usage limit, which resets ${formatWhen(until, now())}`
        : `trying again (${attempt} of ${of}) in ${formatDuration(until - now())}`
    );
  }

  #now(doing: () => string): void {
    this.#doing = doing;
    this.#line?.refresh();
  }

  #text(): string {
    const streamed = Math.ceil(this.#characters / CHARACTERS_PER_TOKEN);
    const tokens = this.#tokens + streamed;
    const elapsed = formatDuration(this.#cli.clock.now() - this.#started);
    const count = tokens === 0 ? "" : `, ${streamed === 0 ? "" : "about "}${tokens} tokens`;
    return `${elapsed}${count}, ${this.#doing()}`;
  }
}
