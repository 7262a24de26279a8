/**
 * What a process leaves behind that ended in the middle of a write.
 *
 * Its temporary file holds a token that the service has already exchanged for the one in the
 * credential file: to throw it away would lose the sign-in. So the next one that holds the lock
 * finishes the write, as long as the file has not been changed since.
 */
import { syncFile, TEMPORARY_SUFFIX } from "../../base/atomic_write.ts";
import { isObject } from "../../base/json.ts";
import { machine } from "../../base/platform.ts";
import { parseText } from "./json_members.ts";
import { splitPath } from "../../base/path.ts";
import type { Target } from "./target.ts";

/** The part of a temporary file's name that says which file it is the successor of. */
export function leftoverTag(info: Deno.FileInfo | undefined): string {
  return `${info?.ino ?? 0}-`;
}

/**
 * Finishes or removes what was left behind. Only for the holder of the lock: whatever temporary
 * file there is now belongs to nobody.
 *
 * @param target The credential file.
 * @returns Whether a write was finished, so that the file is another one now.
 */
export async function settleLeftovers(target: Target): Promise<boolean> {
  let finished = false;
  for (const path of await leftoversOf(target.path)) {
    try {
      if (!finished && await isSuccessor(path, target)) {
        await Deno.rename(path, target.path);
        finished = true;
      } else await Deno.remove(path);
    } catch {
      // It stays for the next one: what is wrong here will show when we write ourselves.
    }
  }
  return finished;
}

async function leftoversOf(path: string): Promise<string[]> {
  const { folder, name } = splitPath(machine().os, path);
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const rest = entry.name.startsWith(`${name}.`) ? entry.name.slice(name.length + 1) : "";
      if (!rest.endsWith(TEMPORARY_SUFFIX) || !entry.isFile) continue;
      const middle = rest.slice(0, -TEMPORARY_SUFFIX.length);
      if (/^\d+-[0-9a-f]{16}$/.test(middle)) {
        found.push(path.slice(0, path.length - name.length) + entry.name);
      }
    }
  } catch {
    // A folder that may not be listed keeps what is in it.
  }
  return found;
}

/** Whether a temporary file was completed, by the owner of the file, and for just this file. */
async function isSuccessor(path: string, { path: main, info }: Target): Promise<boolean> {
  // A file that was removed stays removed.
  if (info === undefined || !path.startsWith(`${main}.${leftoverTag(info)}`)) return false;
  const left = await Deno.lstat(path);
  if (left.uid !== info.uid || (left.mtime ?? 0) < (info.mtime ?? 0)) return false;
  const bytes = await Deno.readFile(path);
  const text = new TextDecoder().decode(bytes);
  // No part of an object's text is an object, so this tells that it was written to its end.
  if (!isObject(parseText(text))) return false;
  // Blanks had claimed the space.
  const size = bytes.findLastIndex((byte) => byte !== 0x20) + 1;
  using file = await Deno.open(path, { write: true });
  await file.truncate(size);
  await syncFile(file);
  return true;
}
