/**
 * Text that grows by small pieces, each of somebody.
 *
 * A string that is added to piece by piece keeps every piece alive until it is read, at several
 * times the size of the text; here they are joined as they come.
 */
export class TextBuffer<Owner> {
  readonly #runs: { readonly owner: Owner; readonly text: GrowingText }[] = [];
  #last: GrowingText | undefined;
  #owner: Owner | undefined;

  /** Adds a piece at the end. */
  add(owner: Owner, piece: string): void {
    if (this.#last === undefined || this.#owner !== owner) {
      this.#last = new GrowingText();
      this.#owner = owner;
      this.#runs.push({ owner, text: this.#last });
    }
    this.#last.add(piece);
  }

  /** The text so far: of everybody, in the order in which it came. */
  toString(): string {
    return this.#runs.map(({ text }) => text.toString()).join("");
  }

  /** The text of one owner so far. */
  of(owner: Owner): string {
    return this.#runs.map((run) => run.owner === owner ? run.text.toString() : "").join("");
  }
}

class GrowingText {
  #whole = "";
  #pieces: string[] = [];

  add(piece: string): void {
    if (this.#pieces.push(piece) >= 1024) this.#join();
  }

  toString(): string {
    this.#join();
    return this.#whole;
  }

  #join(): void {
    if (this.#pieces.length === 0) return;
    this.#whole += this.#pieces.join("");
    this.#pieces = [];
  }
}
