/** Where a file really is, and whether its folder is still there when the file is written. */
import { isAbsolute, join, splitPath } from "../base/path.ts";

/**
 * The real path of a file, or of the place of one that there is not yet.
 *
 * @throws Deno's error when its folder cannot be found.
 */
export function realPlace(path: string): string {
  const { os } = Deno.build;
  const { folder, name } = splitPath(os, path);
  return join(os, Deno.realPathSync(folder), name);
}

/** The same for a file whose folder may be missing: then its absolute path, as it is written. */
export function likelyPlace(path: string): string {
  const { os } = Deno.build;
  const absolute = isAbsolute(os, path) ? path : join(os, Deno.cwd(), path);
  try {
    return realPlace(absolute);
  } catch {
    return absolute;
  }
}

/**
 * Looks whether the folder of a file is what it was: a command of the run may have put a link to
 * somewhere else in its place.
 *
 * @param target The file's real path.
 * @throws FilesystemLoop when it is not, NotFound when it is gone.
 */
export async function checkFolder(target: string): Promise<void> {
  const { folder } = splitPath(Deno.build.os, target);
  if (await Deno.realPath(folder) !== folder) throw new Deno.errors.FilesystemLoop();
}
