/** Holds a credential file against every other process. */
import { isCodexError } from "../../base/errors.ts";
import { machine } from "../../base/platform.ts";
import { acquireLock, type LockOptions, openForLock } from "../lock.ts";
import { splitPath } from "../../base/path.ts";
import { isGranted } from "./mode.ts";
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
 * The file itself is locked as well. One that is mounted by itself is seen in other containers
 * under other folders, and its lock file is not; and whether it is mounted does not always show
 * (see {@linkcode isMountedAlone}). It is then never replaced, which is what makes that lock hold.
 * A file that is replaced has another one each time, and there the lock beside it is what counts.
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
      const lock = { ...options, ...await forOwner(found, options.uid) };
      neighbour = locks.use(await acquireLock(`${found.path}.lock`, lock)).dev;
    } catch (error) {
      if (!isClosedFolder(error) || !await isMountedAlone(found)) throw error;
    }
    // Whoever had the lock may have made the file, or removed it.
    const locked = await findTarget(path, options.uid);
    const mounted = await isMountedAlone(locked, neighbour);
    await lockItself(locked, mounted, options, locks);
    const target = await findTarget(path, options.uid);
    if (target.path === found.path && locked.path === found.path) {
      const held = locks.move();
      return { target, mounted, [Symbol.dispose]: () => held.dispose() };
    }
    // A link was turned to another file while we waited.
  }
}

/** Locks the file itself; where it is not known to be mounted, what keeps that from working is borne. */
async function lockItself(
  { path, info }: Target,
  mounted: boolean,
  options: HoldOptions,
  locks: DisposableStack,
): Promise<void> {
  // Windows lets nobody read what is locked, and has no mounts of this kind.
  if (info === undefined || machine().os === "windows") return;
  try {
    const open = mounted ? openToWrite : openForLock;
    using lock = new DisposableStack();
    lock.use(await acquireLock(path, { ...options, owner: undefined, open }));
    await tryReading(path);
    locks.use(lock.move());
  } catch (error) {
    const isBusy = isCodexError(error, "store_unavailable") && error.retryable;
    if (mounted || isBusy || options.signal?.aborted) throw error;
  }
}

/** As on Windows, a network drive (SMB) may keep a locked file from being read. */
async function tryReading(path: string): Promise<void> {
  const reader = await Deno.open(path, { read: true });
  try {
    await reader.read(new Uint8Array(1));
  } finally {
    reader.close();
  }
}

/**
 * Keeps root from shutting the user out whose file this is: its lock file can be opened by others
 * as long as it is there, and is removed in a folder that is not root's own.
 */
async function forOwner(
  { path, info }: Target,
  uid: UserId,
): Promise<Pick<LockOptions, "owner" | "mode">> {
  const { os } = machine();
  if (os === "windows") return {};
  const owner = (await Deno.stat(splitPath(os, path).folder).catch(() => undefined))?.uid;
  // No prompt shall appear for this.
  if (!isGranted({ name: "sys", kind: "uid" })) return { owner };
  const own = uid();
  return [owner, info?.uid ?? owner].every((id) => id === own)
    ? { owner }
    : { owner, mode: READABLE };
}

/** Enough to wait for a lock. */
const READABLE = 0o644;

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

async function openToWrite(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path, { write: true });
}
