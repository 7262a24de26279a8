/** Work that several callers wait for together, and that ends when the last of them has left. */
import { untilAborted } from "./abort.ts";

/** Work under way. */
export class SharedWork<T> {
  readonly #result: Promise<T>;
  readonly #giveUp = new AbortController();
  #waiting = 0;

  /**
   * Starts the work.
   *
   * @param start Does it, until its signal is aborted.
   */
  constructor(start: (signal: AbortSignal) => Promise<T>) {
    this.#result = start(this.#giveUp.signal);
    // It is told to whoever waits; when all have left, to nobody.
    this.#result.catch(() => {});
  }

  /** Whether it was given up: whoever comes now needs work of their own. */
  get isGivenUp(): boolean {
    return this.#giveUp.signal.aborted;
  }

  /**
   * Waits for the result.
   *
   * @param signal Ends this wait, and the work when nobody else waits.
   */
  async join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    try {
      return await untilAborted(this.#result, signal);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#giveUp.abort(signal?.reason);
    }
  }

  /** Settles with the work, and never rejects. */
  async settled(): Promise<void> {
    await this.#result.then(() => {}, () => {});
  }
}
