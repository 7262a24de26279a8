/** Time as an option, so that a test can drive it. */

/** What this package asks of time. */
export interface Clock {
  /** The present instant in milliseconds since the epoch. */
  now(): number;
  /**
   * Calls back once, later.
   *
   * @param ms How long from now, in milliseconds.
   * @param fire What to call.
   * @returns A function that cancels the call, and does nothing once it has been made.
   */
  after(ms: number, fire: () => void): () => void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: later,
};

// A timer of the platform is set with 32 bits: a longer one fires at once (Deno 2.9.6, Node 20).
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One timer after another, until the whole of a wait has passed. */
function later(ms: number, fire: () => void): () => void {
  let cancel: () => void;
  const wait = (rest: number): void => {
    cancel = rest <= LONGEST_TIMER_MS
      ? timer(rest, fire)
      : timer(LONGEST_TIMER_MS, () => wait(rest - LONGEST_TIMER_MS));
  };
  wait(Math.max(0, Math.ceil(ms)));
  return () => cancel();
}

// Deno's first `setTimeout` costs 4 ms of start-up and `AbortSignal.timeout` none (measured with
// 2.9.6). Elsewhere such a signal does not keep the process alive, so a wait would just end it.
const timer: (ms: number, fire: () => void) => () => void = "Deno" in globalThis
  ? timerBySignal
  : timerBySetTimeout;

// But a signal's timer cannot be called off: it is kept until its time has come, some hundred bytes
// for five minutes. So only the first ones are made of signals, as many as a command needs.
const MOST_SIGNALS = 64;
let signals = 0;

function timerBySignal(ms: number, fire: () => void): () => void {
  if (++signals > MOST_SIGNALS) return timerBySetTimeout(ms, fire);
  const signal = AbortSignal.timeout(ms);
  signal.addEventListener("abort", fire, { once: true });
  return () => signal.removeEventListener("abort", fire);
}

function timerBySetTimeout(ms: number, fire: () => void): () => void {
  const id = setTimeout(fire, ms);
  return () => clearTimeout(id);
}

/**
 * Waits.
 *
 * @param clock Whose time.
 * @param ms How long, in milliseconds.
 * @param signal Ends the wait early.
 * @throws The signal's reason, when it is aborted before or while waiting.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** A signal that also ends by itself, and the way to call that off. */
export interface TimeLimit extends Disposable {
  /** Aborted with the caller's reason, or with the error that the limit was made with. */
  readonly signal: AbortSignal;
}

/**
 * Adds a time limit to a caller's signal. Dispose of it when the work is done: until then its
 * timer keeps the process alive. Where there is no limit the signal is the caller's own.
 *
 * @param clock Whose time.
 * @param ms The limit in milliseconds; `undefined` for none.
 * @param onTime Makes the abort's reason when the time is up.
 * @param signal The caller's own signal.
 */
export function timeLimit(
  clock: Clock,
  ms: number | undefined,
  onTime: () => unknown,
  signal?: AbortSignal,
): TimeLimit {
  if (ms === undefined && signal !== undefined) return { signal, [Symbol.dispose]() {} };
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const cancel = ms === undefined ? undefined : clock.after(ms, () => controller.abort(onTime()));
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      cancel?.();
      signal?.removeEventListener("abort", onAbort);
    },
  };
}
