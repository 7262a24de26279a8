/** A place for questions to a person, and what comes of one. */

/** What came of a question: a line as it was typed, or why there is none. */
export type Reply =
  | { readonly line: string }
  | { readonly line: undefined; readonly why: string };

/** A place for questions. */
export interface Tty {
  /** Whether there is a terminal. */
  isThere(): Promise<boolean>;
  /**
   * Shows a text, which was made harmless. Where that cannot be, the question that follows says so.
   *
   * @param text The text.
   * @param signal Ends the wait for a terminal that is held up.
   */
  show(text: string, signal: AbortSignal): Promise<void>;
  /**
   * Asks, and reads one line. Ctrl-D is no line.
   *
   * @param prompt What stands before the answer.
   * @param signal Ends the question at once.
   * @throws The signal's reason.
   */
  ask(prompt: string, signal: AbortSignal): Promise<Reply>;
}

/** There is none, and why. */
export function noReply(why: string): Reply {
  return { line: undefined, why };
}
