/** Durations as people type them and read them. */
import { CodexError } from "../base/errors.ts";
import { formatDuration } from "../base/instant.ts";

export { formatDuration, formatInstant, formatWhen } from "../base/instant.ts";

/** A limit that somebody set, as exactly as it was set: `250 ms`, `2.5 s`, `1 min 30 s`. */
export function formatLimit(ms: number): string {
  if (ms % 1000 === 0) return formatDuration(ms);
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest duration that is taken: a timer holds no more (2^31 - 1 ms, nearly 25 days). */
const MAX_DURATION_MS = 2_147_483_647;

/**
 * Reads a duration: `250ms`, `90`, `90s`, `2m`, `1h`; a bare number is seconds.
 *
 * @param text What was typed.
 * @returns Milliseconds.
 * @throws CodexError `invalid_usage`.
 */
export function parseDuration(text: string): number {
  return readDuration(text, `"${text}"`);
}

/**
 * Reads a duration from a variable of the environment.
 *
 * @param name The variable's name, for what is said of a mistake.
 * @param text What it holds.
 * @returns Milliseconds.
 * @throws CodexError `invalid_usage`.
 */
export function durationFrom(name: string, text: string): number {
  return readDuration(text, `"${text}" from ${name}`);
}

function readDuration(text: string, shown: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? "s"] ?? NaN));
  if (match !== null && ms <= MAX_DURATION_MS) return ms;
  throw new CodexError(
    "invalid_usage",
    match === null ? `${shown} is not a duration` : `${shown} is longer than 24 days`,
    { hint: "Write it as 250ms, 90, 90s, 2m or 1h" },
  );
}
