/** Holds a credential file against every other process. */
import { isCodexError } from "../../base/errors.ts";
import { machine } from "../../base/platform.ts";
import { acquireLock, type LockOptions } from "../lock.ts";
import { splitPath } from "../../base/path.ts";
import { errnoOf, unavailable } from "./problems.ts";
import { findTarget, isMountedAlone, type Target, type UserId } from "./target.ts";

/** A credential file that nobody else updates until this is disposed of. */
export interface HeldFile extends Disposable {
  /** The file, as it was once the lock was held. */
  readonly target: Target;
  /** Whether it is known to be mounted by itself. */
  readonly mounted: boolean;
}

/** How to hold a file. */
export interface HoldOptions extends LockOptions {
  /** Tells which user this is. */
  readonly uid: UserId;
}

/**
 * Locks the file behind a path, by a lock file beside it: beside the target of a link, so that
 * whoever uses the target's own path is kept out too.
 *
 * A file that is mounted by itself is seen in other containers under other folders, and its lock
 * file is not, so there the file itself is locked as well. It is never replaced, which is what
 * makes that safe; and where its folder cannot be written to, it does alone.
 *
 * @param path The credential file; its folder is created with mode 0700 where it is missing.
 * @param options How to lock.
 */
export async function holdFile(path: string, options: HoldOptions): Promise<HeldFile> {
  for (;;) {
    const found = await findTarget(path, options.uid);
    if (found.info === undefined) await makeFolderOf(found.path);
    using locks = new DisposableStack();
    let neighbour: number | undefined;
    try {
      neighbour = locks.use(await acquireLock(`${found.path}.lock`, options)).dev;
    } catch (error) {
      if (!isClosedFolder(error) || !await isMountedAlone(found)) throw error;
    }
    const mounted = await isMountedAlone(found, neighbour);
    if (mounted) locks.use(await acquireLock(found.path, { ...options, open: openExisting }));
    const target = await findTarget(path, options.uid);
    if (target.path === found.path) {
      const held = locks.move();
      return { target, mounted, [Symbol.dispose]: () => held.dispose() };
    }
    // A link was turned to another file while we waited.
  }
}

async function makeFolderOf(path: string): Promise<void> {
  const { folder } = splitPath(machine().os, path);
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unavailable("Cannot create the folder of", path, error);
  }
}

function isClosedFolder(error: unknown): boolean {
  const errno = isCodexError(error) ? errnoOf(error.cause) : undefined;
  return errno === "EROFS" || errno === "EACCES";
}

async function openExisting(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path, { write: true });
}
