/**
 * One process at a time: a lock on a file, held by the kernel and given back by it when the
 * process ends, however it ends.
 *
 * `FsFile.tryLock(true)` is flock(2): it excludes every process of the machine that can see the
 * file, other containers and pid namespaces included, and the `flock` program. It is polled,
 * because nothing can end a pending `lock()` (Deno 2.9.6). The lock file stays where it is, but
 * for one that its folder's owner could not open: whoever waits on a deleted one finds that out,
 * and locks the one that is there then.
 */
import { type Clock, sleep, systemClock } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import { firstLine, refused, unavailable } from "./store/problems.ts";

/** An open file that can be locked; `Deno.FsFile` is one. */
export interface LockHandle {
  /** Tries to lock it. */
  tryLock(exclusive: boolean): Promise<boolean>;
  /** Which file it is. */
  stat(): Promise<
    { readonly dev: number; readonly ino: number | null; readonly uid?: number | null }
  >;
  /** Closes it, and with that gives the lock back. */
  close(): void;
}

/** How to lock. */
export interface LockOptions {
  /** Ends the wait; the rejection is its reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for another process, in milliseconds; 60 000 unless given. */
  readonly timeoutMs?: number | undefined;
  /** Measures the waits. */
  readonly clock?: Clock | undefined;
  /** Random number from 0 up to 1, for the jitter. */
  readonly random?: (() => number) | undefined;
  /** Whose the lock file shall be; one that is somebody else's does not outlive the lock. */
  readonly owner?: number | null | undefined;
  /** The mode of a lock file that is created; 0600 unless given. */
  readonly mode?: number | undefined;
  /** Opens the lock file, and creates it where it is missing. */
  readonly open?: ((path: string) => Promise<LockHandle>) | undefined;
}

/** A lock that is held until it is disposed of. */
export interface HeldLock extends Disposable {
  /** The lock file. */
  readonly path: string;
  /** The device that it is on. */
  readonly dev: number;
}

const FIRST_WAIT_MS = 5;
const MAX_WAIT_MS = 100;
const DEADLINE_MS = 60_000;
const OWN_MODE = 0o600;

/**
 * Locks a file against every other process, and against every other holder in this one.
 *
 * @param path The lock file; created where it is missing, and left there for its owner.
 * @param options How long to wait, and what ends the wait.
 * @returns The lock: `using lock = await acquireLock(path)`.
 * @throws CodexError `store_unavailable` when the deadline passes, when the file system has no
 * locks, or when the lock file cannot be opened.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<HeldLock> {
  const { signal, mode = OWN_MODE } = options;
  const { open = (path: string) => openLockFile(path, mode) } = options;
  const waits = waitsOf(path, options);
  for (;;) {
    signal?.throwIfAborted();
    const handle = await opened(path, open);
    let held: HeldLock | undefined;
    try {
      while (!await tryLock(handle, path)) await waits.next(signal);
      const { dev, ino, uid } = await handle.stat();
      const foreign = isForeign(uid, options.owner);
      if (await isAt(path, dev, ino)) held = heldLock(path, dev, handle, foreign);
    } finally {
      if (held === undefined) handle.close();
    }
    if (held !== undefined) return held;
    // Somebody deleted the file while we waited for it, and a new one may be locked already.
    await waits.next(signal);
  }
}

/** Whether a lock file is in the way of the one whose it shall be: root made it, as a rule. */
function isForeign(uid: number | null | undefined, owner: number | null | undefined): boolean {
  return typeof uid === "number" && typeof owner === "number" && uid !== owner;
}

function heldLock(path: string, dev: number, handle: LockHandle, foreign: boolean): HeldLock {
  let held = true;
  return {
    path,
    dev,
    [Symbol.dispose]() {
      if (!held) return;
      held = false;
      // While it is still locked, so that nobody can have locked this very file anew.
      if (foreign) removeQuietly(path);
      handle.close();
    },
  };
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Then it stays, and only whoever it is in the way of can tell.
  }
}

/** The waits between two tries, until the deadline. */
function waitsOf(
  path: string,
  { timeoutMs = DEADLINE_MS, clock = systemClock, random = Math.random }: LockOptions,
): { next(signal: AbortSignal | undefined): Promise<void> } {
  let pause = FIRST_WAIT_MS;
  // Counted by the waits and not by the wall clock, which jumps when a machine has slept.
  let waited = 0;
  return {
    async next(signal) {
      if (waited >= timeoutMs) throw busy(path, timeoutMs);
      const ms = Math.min(pause * (1 + random()), timeoutMs - waited);
      pause = Math.min(MAX_WAIT_MS, pause * 1.5);
      await sleep(clock, ms, signal);
      waited += ms;
    },
  };
}

function busy(path: string, timeoutMs: number): CodexError {
  return new CodexError(
    "store_unavailable",
    `Another process has kept "${path}" locked for ${timeoutMs / 1000} s`,
    { hint: "Wait for the other codex process, or end it, then try again", retryable: true },
  );
}

async function opened(
  path: string,
  open: (path: string) => Promise<LockHandle>,
): Promise<LockHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw unavailable("Cannot open the lock file", path, error);
  }
}

async function tryLock(handle: LockHandle, path: string): Promise<boolean> {
  for (;;) {
    try {
      return await handle.tryLock(true);
    } catch (error) {
      if (error instanceof Deno.errors.Interrupted) continue;
      // ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL: some come without a code, so none is told apart.
      throw new CodexError(
        "store_unavailable",
        `Cannot lock "${path}": its file system has no locks (${firstLine(error)})`,
        {
          hint: "Keep the sign-in on a local disk: --auth-file or CODEX_AUTH_FILE names the file",
          cause: error,
        },
      );
    }
  }
}

/** Whether the path still leads to the file that was locked. */
async function isAt(path: string, dev: number, ino: number | null): Promise<boolean> {
  try {
    const there = await Deno.lstat(path);
    return there.dev === dev && there.ino === ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw unavailable("Cannot use the lock file", path, error);
  }
}

/** Opens a lock file without following a link, and creates it where it is missing. */
async function openLockFile(path: string, mode: number): Promise<Deno.FsFile> {
  for (;;) {
    if (await exists(path)) {
      try {
        return await openForLock(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    try {
      return await Deno.open(path, { write: true, createNew: true, mode });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/**
 * Opens a file that is there, to lock it: for writing, as NFS locks nothing that is open for
 * reading alone, and else for reading.
 */
export async function openForLock(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    return await Deno.open(path, { read: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    const info = await Deno.lstat(path);
    if (info.isFile) return true;
    throw refused(path, "the lock file is not a regular file", "Remove it, then try again");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
