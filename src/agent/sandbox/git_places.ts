/** Where Git keeps hooks and settings of a work tree whose `.git` is a file: by looking, not by git. */
import { isFolder, lookAt, readStart } from "./files.ts";
import { type Way, wayOf } from "./links.ts";
import { folderOf } from "./paths.ts";

/** A `.git` file has one line with a path. */
const LINE_BYTES = 8192;

/**
 * The ways to the folder that a `.git` file names, and to the one that this one shares with other
 * work trees.
 *
 * @param file The file, in a real folder; for anything else there are none.
 */
export function gitWays(file: string): readonly Way[] {
  // As Git reads it: blanks at the end are a part of the name.
  const named = /^gitdir: ([^\0]+?)[\r\n]*$/.exec(readStart(file, LINE_BYTES) ?? "")?.[1];
  if (named === undefined) return [];
  const way = wayOf(named, folderOf(file));
  if (way.real === undefined) return [way];
  const shared = readStart(`${way.real}/commondir`, LINE_BYTES)?.replace(/[\r\n]+$/, "");
  return shared ? [way, wayOf(shared, way.real)] : [way];
}

/**
 * The folders without which Git does not find the repository of a work tree, as far as they look
 * like Git's: whatever a `.git` file says, it does not bring anything else into view.
 *
 * @param tree The work tree.
 */
export function repositoryFolders(tree: string): readonly string[] {
  const [folder, common = folder] = gitWays(`${tree}/.git`).map(({ real }) => real);
  if (folder === undefined || common === undefined) return [];
  const looksRight = lookAt(`${folder}/HEAD`)?.isFile === true && isFolder(`${common}/objects`);
  return looksRight ? [folder, common] : [];
}
