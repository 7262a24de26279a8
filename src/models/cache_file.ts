/** The model cache's file, beside the credential file. */
import { atomicWrite } from "../base/atomic_write.ts";
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
    async read() {
      try {
        return await Deno.readTextFile(path);
      } catch {
        return undefined;
      }
    },
    write: (text) => atomicWrite(path, text, { mode: 0o600 }),
  };
}
