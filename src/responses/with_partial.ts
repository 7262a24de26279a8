/** A failure in the middle of an answer. */
import { CodexError } from "../base/errors.ts";

/** The same error with what had arrived, for a failure in the middle of an answer. */
export function withPartial(error: CodexError, text: string): CodexError {
  if (error.partial !== undefined) return error;
  const { code, message, hint, retryable, status, requestId, resetsAt, cause } = error;
  const details = { hint, retryable, status, requestId, resetsAt, cause, partial: { text } };
  return new CodexError(code, message, details);
}
