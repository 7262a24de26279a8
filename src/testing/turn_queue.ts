/** The turns that are still to come. */
import { matcher } from "./text_pattern.ts";
import type { Turn } from "./turns.ts";

/** A turn, and which of all that were added it is. */
export interface NumberedTurn {
  /** The turn. */
  readonly turn: Turn;
  /** Its place, counted from 0. */
  readonly index: number;
}

interface Waiting extends NumberedTurn {
  readonly isFor: (prompt: string) => boolean;
  left: number;
}

/** Hands out turns in order; one with a pattern waits for the prompt that matches it. */
export class TurnQueue {
  #waiting: Waiting[] = [];
  #added = 0;

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
      this.#waiting.push({ turn, index: this.#added++, isFor: matcher(when), left });
    }
  }

  /**
   * Takes the turn for a prompt.
   *
   * @param prompt The last user text of the request.
   * @returns The first turn that has no pattern or whose pattern matches, or `undefined`.
   */
  take(prompt: string): NumberedTurn | undefined {
    const next = this.#waiting.find(({ isFor }) => isFor(prompt));
    if (next === undefined) return undefined;
    next.left -= 1;
    if (next.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== next);
    return next;
  }

  /** How many turns are still to come, one that is never used up included. */
  get size(): number {
    return this.#waiting.length;
  }
}
