/** Paths as text, by the rules of an operating system in Deno's names. Pure: no file is touched. */

/** Whether a path begins at the root of a file system. */
export function isAbsolute(os: string, path: string): boolean {
  return os === "windows" ? /^(?:[A-Za-z]:)?[\\/]/.test(path) : path.startsWith("/");
}

/** Puts names behind a folder. */
export function join(os: string, folder: string, ...names: readonly string[]): string {
  const separator = os === "windows" ? "\\" : "/";
  const base = folder.replace(os === "windows" ? /[\\/]+$/ : /\/+$/, "");
  return [base, ...names].join(separator);
}

/** The folder that something is in, and its name there. */
export function splitPath(os: string, path: string): { folder: string; name: string } {
  const at = os === "windows"
    ? Math.max(path.lastIndexOf("\\"), path.lastIndexOf("/"))
    : path.lastIndexOf("/");
  const name = path.slice(at + 1);
  if (at < 0) return { folder: ".", name };
  // The root keeps its separator: it is a name by itself.
  const folder = path.slice(0, at);
  return { folder: folder === "" || folder.endsWith(":") ? path.slice(0, at + 1) : folder, name };
}

/** Whether a path is a folder itself, or something in it. Both absolute and without links. */
export function isWithin(os: string, path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(os, folder, ""));
}
