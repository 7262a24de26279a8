/** What is wrong with a patch, told to the model in words that help it to write a better one. */

/** A patch that was not applied. */
export class PatchError extends Error {
  override readonly name: string = "PatchError";
  /** Whether every file is as it was before. */
  readonly unchanged: boolean;

  /**
   * @param message What and why.
   * @param unchanged Whether every file is as it was before.
   */
  constructor(message: string, unchanged: boolean = true) {
    super(message);
    this.unchanged = unchanged;
  }
}

/** The longest piece of a file or a patch that a message repeats, in characters. */
const MOST_QUOTED = 2000;

/** A text as a message repeats it: cut where it is long. */
export function quoted(text: string): string {
  return text.length <= MOST_QUOTED ? text : `${text.slice(0, MOST_QUOTED).toWellFormed()}…`;
}

/** What the platform says is wrong, in one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
