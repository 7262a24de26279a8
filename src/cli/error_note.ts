/** What the command knows of an error beyond what the library does. */
import { type CodexError, withDetails } from "../base/errors.ts";

/** The same error with a note behind its hint, or as its hint where it has none. */
export function withNote(error: CodexError, note: string): CodexError {
  const { hint } = error;
  return withDetails(error, {
    hint: hint === undefined ? `Note that ${note}` : `${hint}; ${note}`,
  });
}
