/** How long a condition is waited for before the test counts as failed, in milliseconds. */
const LIMIT_MS = 30_000;
const LOOK_MS = 5;

/**
 * Waits until a condition holds that nothing announces, such as what another process has done.
 *
 * @param holds The condition.
 * @param what It in words, for the failure.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!await holds()) {
    if (Date.now() > end) throw new Error(`it did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
