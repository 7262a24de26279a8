/** Writes an answer as it is generated, as text. */
import type { RunEvent } from "../agent/run_events.ts";
import type { Phase } from "../responses/events.ts";
import type { Output } from "./output.ts";

/** A message of one response. */
interface Message {
  /** Whether it is no part of the answer. */
  readonly isInterim: boolean;
  /** Whether it is not known yet what it is. */
  isOpen: boolean;
  /** Its text, while that is not known. */
  held: string;
  /** Its text as it was finished, where it was. */
  whole?: string;
}

/**
 * The text of an answer on its way to stdout, with exactly one newline at its end.
 *
 * Line ends are held back until more text follows, since how many of them end the answer is known
 * only there.
 */
export class AnswerText {
  readonly #output: Output;
  readonly #tools: boolean;
  /** Messages under way, by id: another message of the run may have the same one. */
  readonly #messages: Map<string, Message> = new Map();
  /** Messages of this response of which it is not known yet what they are. */
  #open: readonly Message[] = [];
  #held = "";
  #last: Message | undefined;
  #count = 0;
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
      case "text-delta": {
        const message = this.#messages.get(event.id);
        return message === undefined ? !this.#tools : !message.isInterim && !message.isOpen;
      }
      case "text-end":
        return event.phase === "final" && this.#messages.get(event.id)?.isOpen === true;
      case "finish":
        return event.reason !== "tool-calls" && this.#open.length > 0;
      default:
        return false;
    }
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
        this.#close(event.id, event.text, event.phase);
        return this.#output.flush();
      case "finish":
        this.#finish(event.reason === "tool-calls");
        return this.#output.flush();
      default:
        return undefined;
    }
  }

  #add(id: string, delta: string): Promise<void> | undefined {
    const message = this.#messages.get(id) ?? this.#begin(id, undefined);
    if (!message.isOpen) return message.isInterim ? undefined : this.#show(message, delta);
    message.held += delta;
    return undefined;
  }

  #begin(id: string, phase: Phase | undefined): Message {
    const isOpen = phase === undefined && this.#tools;
    const message = { isInterim: phase === "interim", isOpen, held: "" };
    this.#messages.set(id, message);
    if (isOpen) this.#open = [...this.#open, message];
    return message;
  }

  #close(id: string, text: string, phase: Phase | undefined): void {
    const message = this.#messages.get(id);
    this.#messages.delete(id);
    if (message === undefined) return;
    message.whole = text;
    if (phase === undefined || !message.isOpen) return;
    this.#open = this.#open.filter((one) => one !== message);
    if (phase === "final") this.#release(message);
  }

  /** The response has ended: what was held is the answer, unless it goes with a call. */
  #finish(calls: boolean): void {
    if (!calls) this.#open.forEach((message) => this.#release(message));
    this.#open = [];
    this.#messages.clear();
  }

  #release(message: Message): void {
    message.isOpen = false;
    this.#show(message, message.held);
  }

  #show(message: Message, delta: string): Promise<void> | undefined {
    if (delta === "") return undefined;
    if (this.#last !== message) {
      // A second message begins on a line of its own.
      if (this.#last !== undefined) this.#held = "\n";
      this.#last = message;
      this.#count++;
    }
    return this.#write(delta);
  }

  /**
   * Whether something else was written than the finished answer, beyond what a warning of its
   * message says already.
   */
  isOther(answer: string): boolean {
    const whole = this.#last?.whole;
    return this.#count > 1 ||
      (whole !== undefined && withoutLineEnds(whole) !== withoutLineEnds(answer));
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
    if (this.#last === undefined) this.#write(text);
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
