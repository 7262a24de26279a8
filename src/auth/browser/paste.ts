/** The other way for an answer to arrive: its address, pasted into the terminal. */
import { type CallbackAnswer, readPastedCallback } from "./callback.ts";

/**
 * Reads what the user pastes.
 *
 * @param signal Aborted when nothing more is wanted.
 * @returns One line, or `undefined` when there will be none.
 */
export type ReadLine = (signal: AbortSignal) => Promise<string | undefined>;

/** How {@linkcode pastedAnswer} reads. */
export interface PasteOptions {
  /** The state that the address has to carry. */
  readonly state: string;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** Told why a paste was of no use; never holds what was pasted. */
  readonly onProblem?: ((message: string) => void) | undefined;
}

const PROBLEMS = {
  "not-an-address": "That is not the address that the browser ended on: paste it as a whole, " +
    "from http:// to the end",
  "wrong-state": "That address belongs to another sign-in: open the one shown here, then paste " +
    "where it ends",
} as const;

/**
 * Waits for a pasted callback address. One that is of no use is told, and waiting goes on.
 *
 * @param readLine Reads a line; called again after each that is of no use.
 * @param options The state to expect, and when to stop.
 * @returns The answer; `undefined` when the lines have ended or the signal was aborted.
 * @throws Whatever `readLine` rejects with before that.
 */
export async function pastedAnswer(
  readLine: ReadLine,
  options: PasteOptions,
): Promise<CallbackAnswer | undefined> {
  const { state, signal, onProblem } = options;
  while (!signal.aborted) {
    const line = await untilAborted(readLine(signal), signal);
    if (line === undefined) return undefined;
    if (line.trim() === "") continue;
    const answer = readPastedCallback(line, state);
    if (answer.kind !== "wrong-state" && answer.kind !== "not-an-address") return answer;
    onProblem?.(PROBLEMS[answer.kind]);
  }
  return undefined;
}

/** The line, or `undefined` as soon as nobody wants it; a terminal may not let go of its read. */
async function untilAborted(
  line: Promise<string | undefined>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([line, aborted]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
