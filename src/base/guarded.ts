/** Functions of the caller's that are told something, and whose failures are not ours to pass on. */

/**
 * A listener that cannot fail: what it is told of goes on whatever becomes of the telling.
 *
 * @param listener The caller's.
 */
export function guarded(
  listener: ((message: string) => void) | undefined,
): ((message: string) => void) | undefined {
  if (listener === undefined) return undefined;
  return (message) => {
    try {
      const told: unknown = listener(message);
      if (told instanceof Promise) told.catch(() => {});
    } catch {
      // A warning that nobody could show is no reason to end the work.
    }
  };
}
