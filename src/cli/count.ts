/** Counts as people write them. */
import { CodexError } from "../base/errors.ts";

/**
 * Reads a count from 1 up, or from 0 where that means something.
 *
 * @param text What was typed.
 * @param least The smallest that is taken.
 * @throws CodexError `invalid_usage`.
 */
export function parseCount(text: string, least: number = 1): number {
  const count = /^\d{1,15}$/.test(text.trim()) ? Number(text) : NaN;
  if (count >= least) return count;
  throw new CodexError("invalid_usage", `"${text}" is not a number from ${least} up`, {
    hint: "Write it in digits",
  });
}
