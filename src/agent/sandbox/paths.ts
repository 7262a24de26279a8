/** Absolute POSIX paths as text: which lies in which. */

/** Whether a path is a folder itself or lies somewhere in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}

/** Whether a path is one of some folders, or lies somewhere in one. */
export function isInOne(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isWithin(path, folder));
}

/** An empty name, `.` or `..` somewhere in a path. */
const UNPLAIN = /\/\.{0,2}(?:\/|$)/;

/** A path without empty names, `.` and `..`; what links lead to is not looked at. */
export function plainPath(path: string): string {
  // Nearly all are plain, and hundreds are asked for before each command.
  if (path.startsWith("/") && !UNPLAIN.test(path)) return path;
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

/** The folder that something is in. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A name, or a path relative to a folder, as a path. */
export function inFolder(folder: string, name: string): string {
  return name.startsWith("/") ? plainPath(name) : plainPath(`${folder}/${name}`);
}

/** The folders between a root and something below it, the topmost first, neither of them among these. */
export function between(root: string, path: string): readonly string[] {
  const found: string[] = [];
  for (let at = folderOf(path); at !== root && isWithin(at, root); at = folderOf(at)) {
    found.push(at);
    if (at === "/") break;
  }
  return found.reverse();
}

/** Each path once, without those that lie in another one of them. */
export function outermost(paths: readonly string[]): readonly string[] {
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && isWithin(path, other)));
}

/** How deep a path is. */
export function depth(path: string): number {
  return path === "/" ? 0 : path.split("/").length - 1;
}
