/** Notices a silence. One timer serves a whole answer: setting one for each chunk would cost more than reading it. */
import type { Clock } from "../base/clock.ts";

/** The limits of a silence, in milliseconds. */
export interface Silence {
  /** Before the first event. */
  readonly first: number;
  /** Between two events. */
  readonly idle: number;
}

/** Calls back once when nothing has happened for too long. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #silence: Silence;
  readonly #onSilence: (ms: number, first: boolean) => void;
  #first = true;
  #last: number;
  #cancel: (() => void) | undefined;

  /**
   * Begins to watch.
   *
   * @param clock Whose time.
   * @param silence How long is too long.
   * @param onSilence Told the limit that was passed, and whether it was the first one.
   */
  constructor(clock: Clock, silence: Silence, onSilence: (ms: number, first: boolean) => void) {
    this.#clock = clock;
    this.#silence = silence;
    this.#onSilence = onSilence;
    this.#last = clock.now();
    this.#arm();
  }

  /** Something happened. */
  touch(): void {
    this.#last = this.#clock.now();
    if (!this.#first) return;
    this.#first = false;
    this.#arm();
  }

  /** Stops watching for a while, and leaves no timer behind. */
  pause(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Watches again; the time in between does not count. */
  resume(): void {
    this.#last = this.#clock.now();
    this.#arm();
  }

  get #limit(): number {
    return this.#first ? this.#silence.first : this.#silence.idle;
  }

  #arm(): void {
    this.#cancel?.();
    const rest = this.#last + this.#limit - this.#clock.now();
    this.#cancel = this.#clock.after(rest, () => {
      if (this.#clock.now() - this.#last >= this.#limit) this.#onSilence(this.#limit, this.#first);
      else this.#arm();
    });
  }
}
