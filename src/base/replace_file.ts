/**
 * Puts a file in the place of another.
 *
 * Windows refuses that as long as anybody has the old one open, be it a reader or a virus scanner,
 * which is over in a moment as a rule. So there it is tried again for a while.
 */
import { type Clock, sleep, systemClock } from "./clock.ts";
import { machine } from "./platform.ts";

/** How to replace a file; a test gives its own. */
export interface ReplaceOptions {
  /** The operating system, in Deno's names. */
  readonly os?: string;
  /** Measures the waits. */
  readonly clock?: Clock;
  /** Renames a file. */
  readonly rename?: (from: string, to: string) => Promise<void>;
}

/** The waits between two tries, in milliseconds: two seconds in all. */
const WAITS_MS = [10, 20, 40, 80, 150, 200, 300, 500, 700];

/**
 * Renames a file over another.
 *
 * @param from The new file.
 * @param to The place of the old one.
 * @param options The platform.
 * @throws What the platform does, of the last try.
 */
export async function replaceFile(
  from: string,
  to: string,
  options: ReplaceOptions = {},
): Promise<void> {
  const { os = machine().os, clock = systemClock, rename = Deno.rename } = options;
  for (const wait of os === "windows" ? WAITS_MS : []) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!isInUse(error)) throw error;
    }
    await sleep(clock, wait);
  }
  await rename(from, to);
}

/** ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION, by the names that Deno has for them. */
function isInUse(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.Busy;
}
