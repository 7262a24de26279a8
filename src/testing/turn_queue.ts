/** The turns that are still to come. */
import type { Turn } from "./turns.ts";

interface Waiting {
  readonly turn: Turn;
  readonly isFor: (prompt: string) => boolean;
  left: number;
}

/** Hands out turns in order; one with a pattern waits for the prompt that matches it. */
export class TurnQueue {
  #waiting: Waiting[] = [];

  /**
   * Adds turns at the end.
   *
   * @param turns The turns.
   * @throws TypeError for a pattern that is no regular expression.
   */
  add(turns: readonly Turn[]): void {
    for (const turn of turns) {
      const { times = 1, when } = turn;
      const left = times === "always" ? Infinity : times;
      this.#waiting.push({ turn, isFor: matcher(when), left });
    }
  }

  /**
   * Takes the turn for a prompt.
   *
   * @param prompt The last user text of the request.
   * @returns The first turn that has no pattern or whose pattern matches, or `undefined`.
   */
  take(prompt: string): Turn | undefined {
    const next = this.#waiting.find(({ isFor }) => isFor(prompt));
    if (next === undefined) return undefined;
    next.left -= 1;
    if (next.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== next);
    return next.turn;
  }

  /** How many turns are still to come, one that is never used up included. */
  get size(): number {
    return this.#waiting.length;
  }
}

/** Whether a prompt contains a text, or matches a regular expression between slashes. */
export function matcher(when: string | undefined): (prompt: string) => boolean {
  if (when === undefined) return () => true;
  const parts = /^\/(.+)\/([a-z]*)$/s.exec(when);
  if (parts === null) return (prompt) => prompt.includes(when);
  const [, source = "", flags = ""] = parts;
  try {
    const pattern = new RegExp(source, flags.replaceAll(/[gy]/g, ""));
    return (prompt) => pattern.test(prompt);
  } catch (cause) {
    throw new TypeError(`Cannot read "when" as a regular expression: "${when}"`, { cause });
  }
}
