/** When a failed attempt is made again. Pure, but for the random part of a wait. */
import { backoff } from "../base/backoff.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { Failure } from "./failure.ts";
import type { RetryOptions } from "./options.ts";

/** A retry that will be made. */
export interface Retry {
  /** Which one, from 1. */
  readonly attempt: number;
  /** How many there may be. */
  readonly of: number;
  /** The wait before it, in milliseconds. */
  readonly delayMs: number;
  /** Why. */
  readonly code: ErrorCode;
}

const ATTEMPTS = 4;
const MAX_DELAY_MS = 20_000;
/** How often a reset is waited for: the service may be late, but not for ever. */
const USAGE_WAITS = 4;
/** Waits for a reset end a little after it, spread, as others wait for the same instant. */
const RESET_SPREAD_MS = 3_000;

/** Decides on retries, and remembers those that were made. */
export class RetryPolicy {
  readonly #options: RetryOptions;
  readonly #random: () => number;
  #made = 0;
  #waitedMs = 0;
  #usageWaits = 0;

  /**
   * @param options What the caller wants.
   * @param random From 0 up to 1.
   */
  constructor(options: RetryOptions = {}, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /**
   * Whether an attempt that failed before any output is made again.
   *
   * @param failure How it failed.
   * @param now The present instant, in milliseconds since the epoch.
   * @returns The retry, counted as made, or `undefined` when the failure stands.
   */
  next(failure: Failure, now: number): Retry | undefined {
    return failure.error.code === "usage_limit"
      ? this.#forReset(failure, now)
      : this.#forFault(failure);
  }

  #forFault({ error, retryAfterMs }: Failure): Retry | undefined {
    const { attempts: of = ATTEMPTS, maxDelay = MAX_DELAY_MS } = this.#options;
    if (!error.retryable || this.#made >= of) return undefined;
    const attempt = this.#made + 1;
    // A wait that the service asks for is kept in full, or not begun: coming early is refused again.
    const own = backoff(attempt, { random: this.#random });
    const delayMs = Math.ceil(Math.max(own, retryAfterMs ?? 0));
    if (this.#waitedMs + delayMs > maxDelay) return undefined;
    this.#made = attempt;
    this.#waitedMs += delayMs;
    return { attempt, of, delayMs, code: error.code };
  }

  #forReset({ error: { resetsAt, code } }: Failure, now: number): Retry | undefined {
    const { onUsageLimit = "fail", maxDelay = Infinity } = this.#options;
    const reset = Date.parse(resetsAt ?? "");
    if (onUsageLimit !== "wait" || Number.isNaN(reset)) return undefined;
    if (this.#usageWaits >= USAGE_WAITS) return undefined;
    const delayMs = Math.ceil(Math.max(0, reset - now) + 500 + RESET_SPREAD_MS * this.#random());
    if (this.#waitedMs + delayMs > maxDelay) return undefined;
    this.#usageWaits++;
    this.#waitedMs += delayMs;
    return { attempt: this.#usageWaits, of: USAGE_WAITS, delayMs, code };
  }
}
