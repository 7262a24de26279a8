/** Where Git keeps hooks and settings of a work tree whose `.git` is a file: by looking, not by git. */
import { isFolder, lookAt, readStart, realPathOf } from "./files.ts";
import { folderOf, inFolder } from "./paths.ts";

/** A `.git` file has one line with a path. */
const LINE_BYTES = 8192;

/**
 * The folder that a `.git` file names, and the one that this one shares with other work trees.
 *
 * @param file The file; for anything else there are none.
 */
export function gitPlaces(file: string): readonly string[] {
  const named = /^gitdir: (.+?)\s*$/m.exec(readStart(file, LINE_BYTES) ?? "")?.[1];
  if (named === undefined) return [];
  const folder = realPathOf(inFolder(folderOf(file), named));
  if (folder === undefined) return [];
  const shared = (readStart(`${folder}/commondir`, LINE_BYTES))?.trim();
  const common = shared ? realPathOf(inFolder(folder, shared)) : undefined;
  return common === undefined ? [folder] : [folder, common];
}

/**
 * The folders without which Git does not find the repository of a work tree, as far as they look
 * like Git's: whatever a `.git` file says, it does not bring anything else into view.
 *
 * @param tree The work tree.
 */
export function repositoryFolders(tree: string): readonly string[] {
  const [folder, common = folder] = gitPlaces(`${tree}/.git`);
  if (folder === undefined || common === undefined) return [];
  const looksRight = lookAt(`${folder}/HEAD`)?.isFile === true && isFolder(`${common}/objects`);
  return looksRight ? [folder, common] : [];
}
