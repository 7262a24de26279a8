/** Opens a file that somebody named, no longer than the run may take. */
import { untilAborted } from "../../base/abort.ts";

/**
 * Opens a file. A pipe is waited for until its other end is opened, too.
 *
 * @param path The file.
 * @param options How to open it.
 * @param signal Ends the wait.
 * @returns The file, to be disposed of.
 * @throws The signal's reason, or what the platform throws.
 */
export async function openFile(
  path: string,
  options: Deno.OpenOptions,
  signal: AbortSignal,
): Promise<Deno.FsFile> {
  signal.throwIfAborted();
  const opening = Deno.open(path, options);
  try {
    return await untilAborted(opening, signal);
  } catch (error) {
    // What opens after all has nobody left to close it.
    opening.then((late) => late.close()).catch(() => {});
    throw error;
  }
}
