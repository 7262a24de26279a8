/**
 * The credential file, kept so that a sign-in cannot be lost.
 *
 * One update at a time holds the lock, from before the file is read until after it is saved, the
 * network included. Nothing is asked of the network before the new file's place is proven, and
 * what cannot be saved all the same stays with this process. A process that is killed leaves a
 * whole file and no lock; what it had written beside the file is taken over by the next update.
 * What nobody can save is an answer that the process had not yet begun to write when it was
 * killed: if the service had rotated the token by then, the sign-in is over.
 */
import type { PendingWrite } from "../../base/atomic_write.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { checkUpdate } from "../../base/credential_check.ts";
import type { Credentials, CredentialStore } from "../../base/credentials.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import { machine, processEnv } from "../../base/platform.ts";
import type { LockHandle } from "../lock.ts";
import { profilesIn, providerKey, writeEntry } from "./auth_file.ts";
import { changedMeanwhile, isOverruled } from "./conflict.ts";
import { holdFile } from "./hold.ts";
import { settleLeftovers } from "./leftovers.ts";
import { withMaskedInspect } from "../../base/masked.ts";
import { tighten } from "./mode.ts";
import { authFilePath, isOpencodePath, pathText } from "./path.ts";
import { problemOf, refused, unavailable } from "./problems.ts";
import { commitWrite, type OnWriteStep, prepareWrite } from "./save.ts";
import { type FileState, readState } from "./state.ts";
import { findTarget, type Target, type UserId } from "./target.ts";

/** The steps of an update, each named when it is done; {@linkcode FileStoreParts.fault}. */
export type FaultPoint =
  | "locked"
  | "settled"
  | "read"
  | "before-fn"
  | "after-fn"
  | "saved"
  | Parameters<OnWriteStep>[0];

/** Where and how a sign-in is kept in a file. All have defaults. */
export interface FileStoreOptions {
  /** The file; that of the command unless given. */
  readonly path?: string | URL | undefined;
  /** The profile; `default` unless given. */
  readonly profile?: string | undefined;
  /** Told what is not as it should be without being in the way. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** How long to wait for another process, in milliseconds; 60 000 unless given. */
  readonly lockTimeoutMs?: number | undefined;
  /** Reads the environment variables that name the file. */
  readonly env?: ((name: string) => string | undefined) | undefined;
  /** Measures the waits. */
  readonly clock?: Clock | undefined;
}

/** What else a store is made of, for tests. */
export interface FileStoreParts extends FileStoreOptions {
  /** Random number from 0 up to 1, for the jitter. */
  readonly random?: (() => number) | undefined;
  /** Tells which user this is. */
  readonly uid?: UserId | undefined;
  /** Opens the lock file. */
  readonly openLock?: ((path: string) => Promise<LockHandle>) | undefined;
  /** Called at each step of an update; may stop there for ever, or throw. */
  readonly fault?: ((point: FaultPoint) => void | Promise<void>) | undefined;
}

/** A sign-in in a file. */
export interface FileStore extends CredentialStore {
  /** A file. */
  readonly origin: "file";
  /** A renewed sign-in is kept. */
  readonly renewable: true;
  /** The file. */
  readonly path: string;
  /** A sign-in that could not be saved: this process goes on with it, and tries again to save it. */
  readonly unsaved: Credentials | undefined;
  /** The profiles that the file has an entry for. */
  profiles(): Promise<readonly string[]>;
}

/** A sign-in that could not be saved. */
interface Unsaved {
  readonly credentials: Credentials;
  /** The entry that it was to replace. Once the file holds another one, that one counts. */
  readonly instead: string | undefined;
}

/**
 * Keeps a sign-in in a file, in the shape of opencode's, with mode 0600.
 *
 * Entries and members that are not known here are left as they are. A file that is damaged,
 * somebody else's or no regular file is never written. A file with several names (hard links) is
 * read but not updated: to replace it would part the names, and each name has a lock of its own.
 *
 * `fn` must not update the same file: it would wait for itself.
 *
 * @param place The file, or all options; the command's own file when absent.
 * @returns The store. Nothing is read or written before its first call.
 *
 * @example Keep a sign-in in a file of its own
 * ```ts
 * import { createClient, fileStore } from "@x/codex";
 *
 * const client = createClient({ store: fileStore("/srv/bot/auth.json") });
 * console.log(await client.account());
 * ```
 */
export function fileStore(place: string | URL | FileStoreOptions = {}): FileStore {
  return openFileStore(
    typeof place === "string" || place instanceof URL ? { path: place } : place,
  );
}

/** Makes a {@linkcode fileStore} of parts that a test may choose. */
export function openFileStore(options: FileStoreParts): FileStore {
  const { env = processEnv, clock = systemClock, uid = () => Deno.uid(), fault } = options;
  const { os } = machine();
  const path = options.path === undefined ? authFilePath({ env, os }) : pathText(options.path, os);
  const key = providerKey(options.profile);
  const told = new Set<string>();
  let unsaved: Unsaved | undefined;

  function warn(message: string): void {
    if (told.has(message)) return;
    told.add(message);
    options.onWarning?.(message);
  }

  /** The file under the lock, and what is in it. */
  async function inspect(path: string): Promise<{ target: Target; state: FileState }> {
    const target = await findTarget(path, uid);
    await tighten(target, uid, warn);
    const state = await readState(target, key, clock);
    await fault?.("read");
    return { target, state };
  }

  /** Makes good what an earlier update could not save, unless somebody has signed in since. */
  async function saveUnsaved(
    { credentials, instead }: Unsaved,
    { target, state }: { target: Target; state: FileState },
    inPlace: boolean,
  ): Promise<void> {
    if (state.raw !== instead) return;
    await using pending = await prepareWrite(target, inPlace, fault);
    const text = writeEntry(state.text, key, credentials);
    try {
      await commitWrite(pending, target.path, text, fault);
    } catch (error) {
      throw cannotSave(target.path, credentials, error);
    }
  }

  /** Saves what an update has decided. From here on nobody else has it. */
  async function keep(
    next: Credentials | undefined,
    before: FileState,
    target: Target,
    pending: PendingWrite,
  ): Promise<void> {
    let now = before;
    try {
      // Programs that take no lock may have written meanwhile: their entries are kept.
      now = await readState(await findTarget(target.path, uid), key, clock);
      if (!isOverruled(before, now, next)) {
        const text = writeEntry(now.text, key, next);
        if (text === now.text) return;
        if (await commitWrite(pending, target.path, text, fault)) warn(MOUNTED(target.path));
        return;
      }
    } catch (error) {
      if (next !== undefined) {
        unsaved = { credentials: withMaskedInspect(next), instead: now.raw };
      }
      throw cannotSave(target.path, next, error);
    }
    throw changedMeanwhile(target.path, now);
  }

  return {
    origin: "file",
    renewable: true,
    path,
    get unsaved() {
      return unsaved?.credentials;
    },

    async read() {
      let state: FileState;
      try {
        const target = await findTarget(path, uid);
        await tighten(target, uid, warn);
        state = await readState(target, key, clock);
      } catch (error) {
        if (unsaved !== undefined) return unsaved.credentials;
        throw error;
      }
      if (unsaved !== undefined && state.raw === unsaved.instead) return unsaved.credentials;
      unsaved = undefined;
      return state.credentials && withMaskedInspect(state.credentials);
    },

    async update(fn, { signal } = {}) {
      signal?.throwIfAborted();
      using held = await holdFile(path, {
        uid,
        signal,
        clock,
        timeoutMs: options.lockTimeoutMs,
        random: options.random,
        open: options.openLock,
      });
      await fault?.("locked");
      if (isOpencodePath(held.target.path)) warn(OPENCODE(held.target.path));
      if (held.mounted) warn(MOUNTED(held.target.path));
      refuseSecondName(held.target);
      await settleLeftovers(held.target);
      await fault?.("settled");
      let found = await inspect(held.target.path);
      if (unsaved !== undefined) {
        await saveUnsaved(unsaved, found, held.mounted);
        unsaved = undefined;
        found = await inspect(held.target.path);
      }
      const { target, state } = found;
      await using pending = await prepareWrite(target, held.mounted, fault);
      const current = state.credentials && withMaskedInspect(state.credentials);
      await fault?.("before-fn");
      const decided = await fn(current);
      checkUpdate(decided, current);
      const { next, value } = decided;
      await fault?.("after-fn");
      if (next !== current) await keep(next, state, target, pending);
      await fault?.("saved");
      return value;
    },

    async profiles() {
      // What an entry holds does not matter here, and none has this key.
      return profilesIn((await readState(await findTarget(path, uid), "", clock)).text);
    },
  };
}

const OPENCODE = (path: string) =>
  `"${path}" is opencode's own file, and opencode takes no lock: do not refresh from both at once`;

const MOUNTED = (path: string) =>
  `"${path}" is mounted by itself and cannot be replaced: better mount its folder`;

function refuseSecondName({ path, info }: Target): void {
  if ((info?.nlink ?? 1) <= 1) return;
  throw refused(
    path,
    "it has a second name (a hard link), and replacing it would part the two",
    "Remove the other name, or use a symbolic link",
  );
}

function cannotSave(path: string, next: Credentials | undefined, error: unknown): unknown {
  if (next === undefined) return unavailable("Cannot take the sign-in out of", path, error);
  const { said, hint } = isCodexError(error)
    ? { said: `: ${error.message}`, hint: error.hint ?? "Make it writable" }
    : { said: ` in "${path}": ${problemOf(error).why}`, hint: problemOf(error).hint };
  return new CodexError("store_unavailable", `Cannot save the sign-in${said}`, {
    hint: hint.includes(LOGIN) ? hint : `${hint}, then sign in again with: ${LOGIN}`,
    cause: error,
  });
}

const LOGIN = "codex login";
