/**
 * The files that stdout and stderr go to: `codex run … > answer.md` in the folder that is worked in
 * is no change of the run. Deno tells nothing of its own streams without every permission, so this
 * asks Node's module, which is loaded only where there is something to be told from it.
 */
import type { FileNumber } from "./changes.ts";

/** The files of stdout and stderr, as far as those can be known. */
export async function ownStreams(): Promise<readonly FileNumber[]> {
  const { fstatSync } = await import("node:fs");
  return [1, 2].flatMap((stream) => {
    try {
      const info = fstatSync(stream);
      return info.isFile() ? [{ dev: info.dev, ino: info.ino }] : [];
    } catch {
      return [];
    }
  });
}
