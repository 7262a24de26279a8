/** How long to wait before trying again. */

/** Bounds of a growing wait, in milliseconds. */
export interface BackoffOptions {
  /** The first wait. */
  readonly first?: number;
  /** The longest wait. */
  readonly max?: number;
  /** Random number from 0 up to 1; a test gives its own. */
  readonly random?: () => number;
}

/**
 * The wait before one attempt: doubled each time, bounded, and with half of it random, so that
 * many processes that failed together do not come back together.
 *
 * @param attempt Which wait it is, from 1.
 * @param options The bounds.
 * @returns Milliseconds.
 */
export function backoff(attempt: number, options: BackoffOptions = {}): number {
  const { first = 200, max = 10_000, random = Math.random } = options;
  const full = Math.min(max, first * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random();
}

/**
 * Reads a `Retry-After` header in either form, seconds or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param value The header's value, or `null` when there is none.
 * @param now The present instant in milliseconds since the epoch.
 * @returns Milliseconds to wait, not below 0; `undefined` when the header says nothing usable.
 */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // A date always names a day and a month; Date.parse alone would take "5-1" and the like.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
