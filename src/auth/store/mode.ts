/** Keeps a credential file to its owner. */
import { hasModes, machine } from "../../base/platform.ts";
import type { Target, UserId } from "./target.ts";

const OTHERS = 0o077;

/**
 * Takes away what others may do with a credential file, and tells it.
 *
 * Nothing is changed where the file is somebody else's or a permission of Deno's is missing: no
 * prompt shall appear for this. Where modes mean nothing, nothing is said either.
 *
 * @param target The file.
 * @param uid Asked only when the file is open to others.
 * @param warn Told of it.
 * @param os The operating system, in Deno's names.
 */
export async function tighten(
  { path, info }: Target,
  uid: UserId,
  warn: (message: string) => void,
  os: string = machine().os,
): Promise<void> {
  if (info === undefined || !hasModes(os) || !isOpen(info)) return;
  const mode = ((info.mode ?? 0) & 0o777).toString(8);
  const open = `"${path}" is open to other users (mode ${mode})`;
  warn(await close(path, info, uid) ? `${open}: tightened to 600` : `${open}: chmod 600 it`);
}

function isOpen(info: Deno.FileInfo): boolean {
  return info.mode !== null && (info.mode & OTHERS) !== 0;
}

async function close(path: string, info: Deno.FileInfo, uid: UserId): Promise<boolean> {
  if (!isGranted({ name: "sys", kind: "uid" }) || !isGranted({ name: "write", path })) return false;
  if (uid() !== info.uid) return false;
  try {
    await Deno.chmod(path, 0o600);
    // Some file systems know no modes and only say that they obey.
    return !isOpen(await Deno.lstat(path));
  } catch {
    return false;
  }
}

/** Whether Deno allows something without asking. */
export function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
