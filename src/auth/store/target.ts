/** Finds the file behind a path, and refuses what a credential file must not be. */
import { machine } from "../../base/platform.ts";
import { isAbsolute, join, splitPath } from "../../base/path.ts";
import { refused, unavailable } from "./problems.ts";

/** The file behind a path. */
export interface Target {
  /** Where it is, with the links at its own end followed. */
  readonly path: string;
  /** What it is; `undefined` when there is no file yet. */
  readonly info: Deno.FileInfo | undefined;
}

/** Tells which user this is; `null` where the platform has no numbers for users. */
export type UserId = () => number | null;

const MAX_LINKS = 16;
const OWN_FILE = "Name the file itself with --auth-file or CODEX_AUTH_FILE";

/**
 * Finds the file behind a path.
 *
 * A symbolic link is followed only when it, its target and the folders of both belong to this
 * user: somebody else's link could make us write anywhere. Links further up the path are not
 * looked at.
 *
 * @param path Where the file should be.
 * @param uid Asked only when there is a link.
 * @returns The file, regular or missing.
 * @throws CodexError `store_unavailable` for anything else.
 */
export async function findTarget(path: string, uid: UserId): Promise<Target> {
  let at = path;
  for (let links = 0; links <= MAX_LINKS; links++) {
    const info = await lookAt(at);
    if (links > 0) await checkOwner(at, info, uid);
    if (info === undefined || info.isFile) return { path: at, info };
    if (!info.isSymlink) throw refused(path, `it is ${kindOf(info)}`, "Name a regular file");
    if (links === 0) await checkOwner(at, info, uid);
    at = await follow(at);
  }
  throw refused(path, "it is behind too many symbolic links", OWN_FILE);
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unavailable("Cannot look at", path, error);
  }
}

async function follow(link: string): Promise<string> {
  const { os } = machine();
  const to = await Deno.readLink(link);
  return isAbsolute(os, to) ? to : join(os, splitPath(os, link).folder, to);
}

/** Refuses a link, or a target behind one, that is not this user's, or not in this user's folder. */
async function checkOwner(
  path: string,
  info: Deno.FileInfo | undefined,
  uid: UserId,
): Promise<void> {
  const own = uid();
  if (own === null) return;
  const { folder } = splitPath(machine().os, path);
  if (info !== undefined && info.uid !== own) {
    const what = info.isSymlink ? "a symbolic link" : "a file behind a symbolic link";
    throw refused(path, `it is ${what} and belongs to another user`, OWN_FILE);
  }
  let owner: number | null;
  try {
    owner = (await Deno.stat(folder)).uid;
  } catch (error) {
    throw unavailable("Cannot look at", folder, error);
  }
  if (owner !== own) {
    throw refused(path, "it is behind a symbolic link in another user's folder", OWN_FILE);
  }
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a named pipe";
  if (info.isSocket) return "a socket";
  return info.isBlockDevice || info.isCharDevice ? "a device" : "no regular file";
}

/**
 * Whether a file is mounted by itself, as into a container: it can be written but not replaced.
 *
 * Only /proc knows for certain, and Deno lets it be read with all permissions alone (2.9.6). Else
 * the device tells a mount from outside the container; another mount of the same device shows
 * only when the file is to be replaced. So nothing that keeps a sign-in safe hangs on this.
 *
 * @param target The file.
 * @param neighbour The device of a file beside it, or of its folder when absent. A file is the
 * better measure: on an overlay, files and folders may show different ones.
 */
export async function isMountedAlone(
  { path, info }: Target,
  neighbour?: number,
): Promise<boolean> {
  const { os } = machine();
  if (info === undefined || os === "windows") return false;
  try {
    const mounts = await readMounts(os);
    if (mounts !== undefined) return isMountPoint(mounts, await Deno.realPath(path));
    return info.dev !== (neighbour ?? (await Deno.stat(splitPath(os, path).folder)).dev);
  } catch {
    return false;
  }
}

async function readMounts(os: string): Promise<string | undefined> {
  if (os !== "linux") return undefined;
  try {
    return await Deno.readTextFile("/proc/self/mountinfo");
  } catch {
    return undefined;
  }
}

/** Whether a path is a mount point, by the text of /proc/self/mountinfo. */
export function isMountPoint(mountinfo: string, path: string): boolean {
  // Its fifth column, where the kernel writes blanks and backslashes as octal numbers.
  return mountinfo.split("\n").some((line) => {
    const column = line.split(" ", 5)[4] ?? "";
    if (!column.includes("\\")) return column === path;
    const name = column.replace(
      /\\([0-7]{3})/g,
      (_, digits) => String.fromCharCode(parseInt(digits, 8)),
    );
    return name === path;
  });
}

/** More than any credential file: what is larger is some other file, and not read into memory. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Reads a credential file.
 *
 * @returns Its bytes; `undefined` when there is none.
 * @throws CodexError `store_unavailable` when it cannot be read or is too large.
 */
export async function readTarget(
  { path, info }: Target,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (info === undefined) return undefined;
  if (info.size > MAX_BYTES) {
    throw refused(path, "it is too large for a credential file", OWN_FILE);
  }
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unavailable("Cannot read", path, error);
  }
}
