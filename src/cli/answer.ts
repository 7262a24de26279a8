/** Writes an answer as it is generated, as text. */
import type { RunEvent } from "../agent/run_events.ts";
import type { Output } from "./output.ts";

/**
 * The text of an answer on its way to stdout, with exactly one newline at its end.
 *
 * Line ends are held back until more text follows, since how many of them end the answer is known
 * only there.
 */
export class AnswerText {
  readonly #output: Output;
  readonly #interim: Set<string> = new Set();
  #held = "";
  #item: string | undefined;
  #begun = false;

  /** Writes to an output. */
  constructor(output: Output) {
    this.#output = output;
  }

  /** Whether an event carries text of the answer, which is not what the model says on the way. */
  carries(event: RunEvent): event is RunEvent & { readonly type: "text-delta" } {
    return event.type === "text-delta" && !this.#interim.has(event.id);
  }

  /**
   * Takes an event; those that carry no text of the answer are passed over.
   *
   * @throws ClosedPipe, and what else {@linkcode Output.write} throws.
   */
  async take(event: RunEvent): Promise<void> {
    if (event.type === "text-start" && event.phase === "interim") this.#interim.add(event.id);
    if (!this.carries(event)) return;
    // A second message begins on a line of its own.
    if (this.#item !== undefined && this.#item !== event.id) this.#held = "\n";
    this.#item = event.id;
    await this.#write(event.delta);
  }

  /** Ends a text that broke off: what comes after it shall begin on a line of its own. */
  async break(): Promise<void> {
    if (this.#begun) await this.#output.write("\n");
  }

  /**
   * Ends the text.
   *
   * @param text The finished answer, for one of which nothing was shown yet.
   */
  async end(text: string): Promise<void> {
    if (this.#item === undefined) await this.#write(text);
    await this.#output.write("\n");
  }

  async #write(text: string): Promise<void> {
    const all = this.#held + text;
    const shown = withoutLineEnds(all);
    this.#held = all.slice(shown.length);
    if (shown === "") return;
    this.#begun = true;
    await this.#output.write(shown);
  }
}

/** A text without the line ends at its end. */
export function withoutLineEnds(text: string): string {
  // Counted by hand: a pattern would look at each line end within a long text again and again.
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}
