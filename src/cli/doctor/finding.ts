/** What a check of `codex doctor` found. */
import { type CodexError, type ErrorCode, isCodexError } from "../../base/errors.ts";

/** How serious it is: nothing, worth knowing, or in the way. */
export type Severity = "ok" | "note" | "problem";

/** One finding of the doctor. It never holds a secret, nor who is signed in. */
export interface Finding {
  /** What was looked at. */
  readonly about: string;
  /** How serious it is. */
  readonly severity: Severity;
  /** What was found, in words. */
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
  /** What a command that meets this problem ends with. */
  readonly code?: ErrorCode;
}

/** A finding that is as it should be. */
export function ok(about: string, text: string): Finding {
  return { about, severity: "ok", text };
}

/** A finding worth knowing. */
export function note(about: string, text: string, hint?: string): Finding {
  return { about, severity: "note", text, ...(hint === undefined ? {} : { hint }) };
}

/** A finding that is in the way, told as the command tells it that meets it. */
export function problem(about: string, { code, message, hint }: CodexError): Finding {
  return {
    about,
    severity: "problem",
    text: message,
    ...(hint === undefined ? {} : { hint }),
    code,
  };
}

/** The finding for a check that failed; rethrows what is no error of ours. */
export function failed(about: string, error: unknown): Finding {
  if (isCodexError(error)) return problem(about, error);
  throw error;
}
