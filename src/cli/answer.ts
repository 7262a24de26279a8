/** Writes an answer as it is generated, as text. */
import type { RunEvent } from "../agent/run_events.ts";
import type { Phase } from "../responses/events.ts";
import type { Output } from "./output.ts";

/**
 * The text of an answer on its way to stdout, with exactly one newline at its end.
 *
 * Line ends are held back until more text follows, since how many of them end the answer is known
 * only there.
 */
export class AnswerText {
  readonly #output: Output;
  readonly #tools: boolean;
  /** Messages that have begun. */
  readonly #seen: Set<string> = new Set();
  /** Messages that are no part of the answer. */
  readonly #interim: Set<string> = new Set();
  /** Messages of which it is not known yet, with their texts. */
  readonly #open: Map<string, string> = new Map();
  #held = "";
  #item: string | undefined;
  #begun = false;

  /**
   * Writes to an output. A model with tools may say something before it calls one: its text is
   * written once it was announced as the answer, or when its response has ended without a call.
   */
  constructor(output: Output, { tools = false }: { readonly tools?: boolean } = {}) {
    this.#output = output;
    this.#tools = tools;
  }

  /** Whether an event makes text appear, which is not what the model says on the way. */
  carries(event: RunEvent): boolean {
    switch (event.type) {
      case "text-delta":
        return !this.#interim.has(event.id) && !this.#isHeld(event.id);
      case "text-end":
        return event.phase === "final" && this.#open.has(event.id);
      case "finish":
        return event.reason !== "tool-calls" && this.#open.size > 0;
      default:
        return false;
    }
  }

  #isHeld(id: string): boolean {
    return this.#open.has(id) || (this.#tools && !this.#seen.has(id));
  }

  /**
   * Takes an event; those that carry no text of the answer are passed over.
   *
   * @returns What to wait for, if anything: a text may still be on its way, but its end is not told
   * before it is written.
   * @throws ClosedPipe, and what else {@linkcode Output.write} throws.
   */
  take(event: RunEvent): Promise<void> | undefined {
    switch (event.type) {
      case "text-start":
        this.#begin(event.id, event.phase);
        return undefined;
      case "text-delta":
        return this.#add(event.id, event.delta);
      case "text-end":
        if (event.phase === "interim") this.#open.delete(event.id);
        else if (event.phase === "final") this.#release(event.id);
        return this.#output.flush();
      case "finish":
        this.#finish(event.reason === "tool-calls");
        return this.#output.flush();
      default:
        return undefined;
    }
  }

  #add(id: string, delta: string): Promise<void> | undefined {
    if (!this.#seen.has(id)) this.#begin(id, undefined);
    const open = this.#open.get(id);
    if (open !== undefined) this.#open.set(id, open + delta);
    else if (!this.#interim.has(id)) return this.#show(id, delta);
    return undefined;
  }

  #begin(id: string, phase: Phase | undefined): void {
    this.#seen.add(id);
    if (phase === "interim") this.#interim.add(id);
    else if (phase === undefined && this.#tools) this.#open.set(id, "");
  }

  /** The response has ended: what was held is the answer, unless it goes with a call. */
  #finish(calls: boolean): void {
    for (const id of [...this.#open.keys()]) {
      if (calls) this.#open.delete(id);
      else this.#release(id);
    }
  }

  #release(id: string): void {
    const text = this.#open.get(id) ?? "";
    this.#open.delete(id);
    if (text !== "") this.#show(id, text);
  }

  #show(id: string, delta: string): Promise<void> | undefined {
    // A second message begins on a line of its own.
    if (this.#item !== undefined && this.#item !== id) this.#held = "\n";
    this.#item = id;
    return this.#write(delta);
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
    if (this.#item === undefined) this.#write(text);
    await this.#output.write("\n");
  }

  #write(text: string): Promise<void> | undefined {
    const all = this.#held + text;
    const shown = withoutLineEnds(all);
    this.#held = all.slice(shown.length);
    if (shown === "") return undefined;
    this.#begun = true;
    return this.#output.push(shown);
  }
}

/** A text without the line ends at its end. */
export function withoutLineEnds(text: string): string {
  // Counted by hand: a pattern would look at each line end within a long text again and again.
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}
