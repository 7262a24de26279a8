/**
 * The names of the files that a patch makes on its way, and the removal of those that a run left
 * which was killed in the middle.
 *
 * New contents that never came to their place are nobody's: they are removed once they are old
 * enough that no patch can still be at work on them. What was set aside may be the only copy of
 * something, so that stays until a person has looked at it, unless the file still has its own name.
 */
import { TEMPORARY_SUFFIX } from "../../../base/atomic_write.ts";

const PREFIX = ".apply_patch.";
const ASIDE = ".old";
const PATTERN = /^\.apply_patch\.[0-9a-f]{16}(\.old)?\.tmp$/;

/** How old a file must be to be taken for a dead run's: a patch takes seconds. */
const DEAD_AFTER_MS = 60 * 60 * 1000;
/** How many folders are looked at, how many names in all, and how many files are removed. */
const MOST_FOLDERS = 50;
const MOST_NAMES = 5_000;
const MOST_REMOVED = 1_000;

/** A name in a folder for a content that is not in its place yet. */
export function temporaryIn(folder: string): string {
  return named(folder, "");
}

/** A name in a folder for what was set aside. */
export function asideIn(folder: string): string {
  return named(folder, ASIDE);
}

function named(folder: string, kind: string): string {
  const name = crypto.getRandomValues(new Uint8Array(8)).toHex();
  return `${folder === "/" ? "" : folder}/${PREFIX}${name}${kind}${TEMPORARY_SUFFIX}`;
}

/** Whether a file has such a name. */
export function isLeftoverName(name: string): boolean {
  return PATTERN.test(name);
}

/**
 * Removes what dead runs have left in folders. Nothing is made of a failure: it is in nobody's way.
 *
 * @param folders Where patches work; real paths.
 * @param now The time, in milliseconds.
 */
export function removeLeftovers(folders: Iterable<string>, now: number = Date.now()): void {
  let names = 0;
  let removed = 0;
  for (const folder of [...new Set(folders)].slice(0, MOST_FOLDERS)) {
    try {
      for (const { name } of Deno.readDirSync(folder)) {
        if (++names > MOST_NAMES || removed >= MOST_REMOVED) return;
        if (!isLeftoverName(name)) continue;
        const path = `${folder === "/" ? "" : folder}/${name}`;
        if (!isDead(path, name, now)) continue;
        Deno.removeSync(path);
        removed++;
      }
    } catch {
      // A folder that may not be listed, or a file that somebody else has removed meanwhile.
    }
  }
}

function isDead(path: string, name: string, now: number): boolean {
  const { isFile, mtime, ctime, nlink } = Deno.lstatSync(path);
  if (!isFile) return false;
  if (name.endsWith(ASIDE + TEMPORARY_SUFFIX) && (nlink ?? 1) < 2) return false;
  // A file keeps the time of its content when it gets another name, but not this one.
  const last = Math.max(mtime?.getTime() ?? now, ctime?.getTime() ?? 0);
  return now - last > DEAD_AFTER_MS;
}
