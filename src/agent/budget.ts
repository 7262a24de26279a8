/** How many output tokens a run may take: the service takes no limit, so they are counted here. */
import { CodexError } from "../base/errors.ts";
import type { Usage } from "../responses/events.ts";
import { addUsage, NO_USAGE } from "./run_events.ts";

/** About as much text as a token is, in UTF-8: what has been streamed is counted by it. */
const BYTES_PER_TOKEN = 4;

/** Tokens, counted. */
export class TokenBudget {
  readonly #most: number;
  #streamedBytes = 0;
  /** What the finished calls took, all together. */
  usage: Usage = NO_USAGE;

  /** @param most The most output tokens; any number when absent. */
  constructor(most: number = Infinity) {
    this.#most = most;
  }

  /** Whether there is none left. */
  get isSpent(): boolean {
    return this.usage.outputTokens >= this.#most;
  }

  /**
   * Counts what is streamed, by the rule of thumb.
   *
   * @throws CodexError `budget_exceeded` once it is too much.
   */
  count(delta: string): void {
    if (this.#most === Infinity) return;
    this.#streamedBytes += utf8Length(delta);
    const streamed = Math.floor(this.#streamedBytes / BYTES_PER_TOKEN);
    if (this.usage.outputTokens + streamed > this.#most) throw this.error();
  }

  /** Takes what a finished call really took in place of what was counted of it. */
  add(usage: Usage): void {
    this.usage = addUsage(this.usage, usage);
    this.#streamedBytes = 0;
  }

  /** A whole answer stands, whatever it took: its tokens are spent. That is only said. */
  excess(): string | undefined {
    const { outputTokens } = this.usage;
    if (outputTokens <= this.#most) return undefined;
    return `The answer took ${outputTokens} output tokens, more than the ${this.#most} allowed`;
  }

  /** The error that ends the run. */
  error(): CodexError {
    const most = this.#most === 1 ? "one output token" : `${this.#most} output tokens`;
    return new CodexError("budget_exceeded", `The run has used its ${most}`, {
      hint: "Allow more with maxOutputTokens (--max-tokens), or ask for less",
    });
  }
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
