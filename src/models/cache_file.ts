/** The model cache's file, beside the credential file. */
import { TEMPORARY_SUFFIX } from "../base/atomic_write.ts";
import type { CacheFile } from "./cache.ts";

/**
 * The cache file that belongs to a credential file: `auth.json` has `auth.models.json`.
 *
 * It is written only when the folder is there, and for its owner alone, since it names accounts.
 *
 * @param authFile The path of the credential file.
 */
export function cacheFileBeside(authFile: string): CacheFile {
  const path = authFile.replace(/(\.json)?$/, ".models.json");
  return {
    read: () => Promise.resolve(textOf(path)),
    // At one go: an interruption comes before or after it, and leaves no temporary file behind.
    // Nothing is synced, as a list that is lost is asked for again.
    async write(text) {
      const temporary = `${path}.${crypto.randomUUID()}${TEMPORARY_SUFFIX}`;
      try {
        Deno.writeTextFileSync(temporary, text, { createNew: true, mode: 0o600 });
        Deno.renameSync(temporary, path);
      } catch (error) {
        await Deno.remove(temporary).catch(() => {});
        throw error;
      }
    },
  };
}

/** At once: for so small a file a thread's turn takes longer than the reading. */
function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
