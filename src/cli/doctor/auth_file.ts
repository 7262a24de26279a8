/** The place part of `codex doctor`: the credential file, who may touch it, and whether it can be renewed. */
import { splitPath } from "../../base/path.ts";
import { unavailable } from "../../auth/store/problems.ts";
import { type Clock, timeLimit } from "../../base/clock.ts";
import type { CredentialStore } from "../../base/credentials.ts";
import { CodexError } from "../../base/errors.ts";
import { hasModes, machine } from "../../base/platform.ts";
import { failed, type Finding, note, ok } from "./finding.ts";

/** Looks at the file and its folder, before anything else touches them. */
export async function checkFile(path: string): Promise<readonly Finding[]> {
  let target = path;
  let info: Deno.FileInfo;
  try {
    if ((await Deno.lstat(path)).isSymlink) target = await Deno.realPath(path);
    info = await Deno.stat(target);
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? [note("file", `${path} does not exist`)]
      : [failed("file", unavailable("Cannot look at", path, error))];
  }
  return [
    ok("file", target === path ? path : `${path}, a link to ${target}`),
    ...checkAccess(info),
    ...await checkFolder(target),
  ];
}

/** Whose the file is. A mode that is open to others is told by whoever reads it, and tightened. */
function checkAccess({ uid, mode }: Deno.FileInfo): readonly Finding[] {
  const own = ownId();
  const isOpen = mode === null || (mode & 0o077) !== 0;
  const whose = uid === null || own === null ? "unknown" : uid === own ? "own" : "theirs";
  return [
    ...(isOpen ? [] : [ok("mode", octal(mode) + (whose === "own" ? ", owned by this user" : ""))]),
    ...(whose === "theirs"
      ? [note("owner", `user ${uid}, while this is user ${own}`, "Check that this is meant")]
      : []),
  ];
}

/** This user's number; `null` where there is none, or Deno may not tell it. */
function ownId(): number | null {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() : null;
}

/** Who could put another file in its place. */
async function checkFolder(path: string): Promise<readonly Finding[]> {
  const { folder } = splitPath(machine().os, path);
  const { mode } = await Deno.stat(folder);
  if (!hasModes()) return [];
  // In a sticky folder, such as /tmp, only the owner of a file may replace it.
  if (mode === null || (mode & 0o022) === 0 || (mode & 0o1000) !== 0) return [];
  return [
    note(
      "folder",
      `${folder} is open to other users (mode ${octal(mode)}), who could replace the file`,
      `chmod go-w ${folder}`,
    ),
  ];
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}

/** How long the lock is waited for: another process may be renewing just now. */
const LOCK_TIMEOUT_MS = 2_000;

/**
 * Goes all the way of a renewal but the request: the lock, the file, the space for a new one.
 *
 * @returns What was found, and whether a renewed sign-in could be kept.
 */
export async function checkKeeping(
  store: CredentialStore,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly works: boolean }> {
  const busy = new CodexError("store_unavailable", "Another process holds the lock");
  using limit = timeLimit(clock, LOCK_TIMEOUT_MS, () => busy, signal);
  try {
    await store.update((current) => Promise.resolve({ next: current, value: undefined }), limit);
    return { finding: ok("lock", "works, and a renewed sign-in can be kept"), works: true };
  } catch (error) {
    signal.throwIfAborted();
    return error === busy
      ? { finding: note("lock", "held by another process, which may be renewing"), works: true }
      : { finding: failed("lock", error), works: false };
  }
}
