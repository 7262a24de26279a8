/** How a failure is told: one line and a hint for a person, one object for a machine. */
import { CodexError, type ErrorRecord, exitCodeFor, isCodexError } from "../base/errors.ts";
import { redact } from "../base/redact.ts";
import { deviceHint } from "./device_hint.ts";
import { formatWhen } from "./time.ts";

/** A failure as the command tells it. */
export interface Report {
  /** For a person: lines of stderr. */
  readonly lines: readonly string[];
  /** For a machine: one object. */
  readonly record: ErrorRecord;
  /** The status to end with. */
  readonly exit: number;
}

/**
 * Puts a failure into words.
 *
 * @param error What was thrown. Anything but an error of ours counts as `internal`.
 * @param now The present instant in milliseconds since the epoch.
 * @param profile The profile in force, which hints about signing in must name.
 */
export function report(error: unknown, now: number, profile: string): Report {
  const known = isCodexError(error) ? error : internal(error);
  const record = known.toJSON();
  const hint = record.hint === undefined ? undefined : forProfile(record.hint, profile);
  const when = record.resetsAt === undefined ? NaN : Date.parse(record.resetsAt);
  const message = oneLine(
    Number.isNaN(when) || /\d{4}-\d\d-\d\d \d\d:\d\d/.test(record.message)
      ? record.message
      : `${record.message}; it resets ${formatWhen(when, now)}`,
  );
  return {
    lines: [`codex: ${message}`, ...(hint === undefined ? [] : [`hint: ${oneLine(hint)}`])],
    record: hint === undefined ? record : { ...record, hint },
    exit: exitCodeFor(known),
  };
}

function internal(error: unknown): CodexError {
  const denied = error instanceof Error && error.name === "NotCapable";
  const what = error instanceof Error ? error.message : typeof error;
  return new CodexError(
    denied ? "invalid_usage" : "internal",
    denied ? `Deno does not let this program go on: ${what}` : `Unexpected: ${redact(what)}`,
    {
      cause: error,
      hint: denied
        ? deviceHint(error) ?? "Grant the permission, or use the installed command"
        : "Try again; if it stays, report it with the output of: codex doctor",
    },
  );
}

/** The commands that work for another profile unless told; the help is the same for all. */
const PER_PROFILE =
  /\bcodex (?=(?:login|logout|status|refresh|models|usage|run|doctor)\b(?! --help))/g;

/** A text with its commands for the profile in force, ready to be typed. */
export function forProfile(hint: string, profile: string): string {
  return profile === "default"
    ? hint
    : hint.replace(PER_PROFILE, () => `codex --profile ${profile} `);
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ").trim();
}
