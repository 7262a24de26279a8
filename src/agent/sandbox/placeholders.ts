/**
 * Keeps protected names from being made at the top of a writable folder where they do not exist,
 * and folders of secrets from being made in it.
 *
 * Only something that exists can be mounted over, so an empty folder is made for the time of a
 * command. A mount in another running sandbox goes away when the folder below it does: nobody may
 * remove it while somebody else works in the same place. So everybody holds a shared lock on the
 * writable folder itself, and whoever can get it alone afterwards removes what is marked. A
 * process that was killed loses its lock, and the next one tidies up. Where the file system has no
 * locks or no modes, the empty folders stay.
 */
import { sleep, systemClock } from "../../base/clock.ts";
import { isAbsence, lookAt, mayExist } from "./files.ts";
import { folderOf, inFolder, isWithin } from "./paths.ts";
import { PROTECTED_NAMES } from "./protected.ts";
import { notSearchable, notWritable } from "./withheld.ts";

/**
 * The mode of a folder of ours: nobody writes to it, and it is sticky, which makes no sense for
 * such a folder. With that, its name and being empty, it is nothing that anybody misses.
 */
const MARK = 0o1555;

/** How often, and after how long, a lock is tried for. */
const MOST_TRIES = 50;
const PAUSE_MS = 10;

/** Held while a command runs. */
export interface Placeholders extends Disposable {
  /** The folders that stand for what does not exist. */
  readonly paths: readonly string[];
}

/**
 * Makes what is missing, and holds the places.
 *
 * @param roots The writable folders.
 * @param secrets Folders of secrets in them, whether they are there or not.
 * @throws SandboxError when a writable folder of this user's cannot be read or written to.
 */
export async function holdPlaces(
  roots: readonly string[],
  secrets: readonly string[] = [],
): Promise<Placeholders> {
  using stack = new DisposableStack();
  const paths: string[] = [];
  for (const root of roots) {
    const lock = await lockShared(root);
    const places = [
      ...PROTECTED_NAMES.map((name) => inFolder(root, name)),
      ...secrets.filter((path) => isWithin(path, root)),
    ];
    stack.defer(() => release(places, lock));
    const there = new Set(mayExist(places));
    for (const path of places) {
      if (there.has(path) && lookAt(path) !== undefined) continue;
      if (make(path)) paths.push(path);
    }
  }
  const held = stack.move();
  return { paths, [Symbol.dispose]: () => held.dispose() };
}

function make(path: string): boolean {
  try {
    Deno.mkdirSync(path, { mode: 0o555 });
  } catch (error) {
    // Made meanwhile by somebody else who works here: it is there, which is what counts.
    if (error instanceof Deno.errors.AlreadyExists) return true;
    // A folder that we cannot write to, the command cannot either, unless it gives itself the right.
    if (error instanceof Deno.errors.PermissionDenied && isOurs(folderOf(path))) {
      throw notWritable(folderOf(path));
    }
    if (isAbsence(error) || isReadOnly(error)) return false;
    throw error;
  }
  Deno.chmodSync(path, MARK);
  return true;
}

/** Whether this user may change the mode of a folder. */
function isOurs(folder: string): boolean {
  return lookAt(folder)?.uid === Deno.uid();
}

/** Whoever tidies up holds the lock for a moment; a stranger who keeps it is not waited for. */
async function lockShared(root: string): Promise<Deno.FsFile | undefined> {
  const folder = open(root);
  try {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (folder.tryLockSync(false)) return folder;
      await sleep(systemClock, PAUSE_MS);
    }
  } catch {
    // A file system without locks.
  }
  folder.close();
  return undefined;
}

function open(root: string): Deno.FsFile {
  try {
    return Deno.openSync(root);
  } catch (cause) {
    const error = notSearchable(root);
    error.cause = cause;
    throw error;
  }
}

function release(places: readonly string[], lock: Deno.FsFile | undefined): void {
  if (lock === undefined) return;
  try {
    lock.unlockSync();
    if (!lock.tryLockSync(true)) return;
    places.forEach(removeMarked);
  } finally {
    // Closing gives the lock back.
    lock.close();
  }
}

function removeMarked(path: string): void {
  const info = lookAt(path);
  if (info?.isDirectory !== true || ((info.mode ?? 0) & 0o7777) !== MARK) return;
  try {
    // Not recursive: one with something in it is not removed.
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && /read-only file system|EROFS/i.test(error.message);
}
