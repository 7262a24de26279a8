/** Names for what the simulator makes: a kind, the simulator's own seed, and a number. */

/** Hands out names that no other simulator hands out, unless both were given the same seed. */
export class Ids {
  readonly #seed: string;
  #count = 0;

  /**
   * Begins to count.
   *
   * @param seed Part of every name; random unless a test wants the same names each time.
   */
  constructor(seed: string = crypto.randomUUID().slice(0, 8)) {
    this.#seed = seed;
  }

  /** The next number. */
  next(): number {
    return ++this.#count;
  }

  /**
   * The next name of a kind.
   *
   * @param kind Its beginning, such as `resp`.
   * @returns Such as `resp_1f2e3d4c_000007`.
   */
  make(kind: string): string {
    return `${kind}_${this.#seed}_${String(this.next()).padStart(6, "0")}`;
  }
}
