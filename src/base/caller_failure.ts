/** What goes wrong in a function of the caller's: theirs to mend, and no fault of this package. */
import { CodexError, isCodexError } from "./errors.ts";

/**
 * The error for a function of the caller's that failed; one of ours says itself what it is.
 *
 * @param cause What was thrown.
 * @param message Which one failed.
 * @param options What to do about it.
 */
export function callerFailure(
  cause: unknown,
  message: string,
  { hint }: { readonly hint: string },
): unknown {
  return isCodexError(cause) ? cause : new CodexError("tool_failed", message, { cause, hint });
}
