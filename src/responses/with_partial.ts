/** A failure in the middle of an answer. */
import { type CodexError, withDetails } from "../base/errors.ts";

/** The same error with what had arrived, for a failure in the middle of an answer. */
export function withPartial(error: CodexError, text: string): CodexError {
  return error.partial === undefined ? withDetails(error, { partial: { text } }) : error;
}
