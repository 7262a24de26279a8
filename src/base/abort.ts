/** Waiting that can be ended, for work that does not heed a signal by itself. */

/**
 * Waits for work, or until a signal ends the wait. The work goes on; what comes of it later is
 * nobody's any more.
 *
 * @param work What is waited for.
 * @param signal Ends the wait.
 * @returns What the work resolves to.
 * @throws The signal's reason, or what the work rejects with.
 */
export async function untilAborted<T>(
  work: T | PromiseLike<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
