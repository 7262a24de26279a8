/**
 * What a search for protected names could not vouch for. Commands can only read such a folder: what
 * nobody looked into is not written to, and nothing of it is passed over in silence.
 */
import { isAbsence } from "./files.ts";
import { folderOf, isWithin } from "./paths.ts";
import { SandboxError } from "./sandbox.ts";

/** A folder that is read-only as a whole. */
export interface Withheld {
  /** The folder. */
  readonly path: string;
  /** The link in it that could be replaced; absent when the folder could not be searched. */
  readonly link?: string;
}

/** As many folders as stand for a part of the work that is too large to be searched. */
const MOST_COARSE = 100;
/** As much of a path as is shown. */
const MOST_SHOWN = 160;
/** How many folders a warning names. */
const MOST_NAMED = 2;

/**
 * The deepest folder on the way to a path that can be mounted over: one that we can reach.
 *
 * @param path Something that could not be looked at.
 * @param roots The writable folders; one of them is never the answer.
 * @returns `undefined` when it is gone.
 * @throws SandboxError when there is no such folder below the root.
 */
export function reachable(path: string, roots: readonly string[]): string | undefined {
  for (let at = path;; at = folderOf(at)) {
    if (roots.includes(at) || at === "/") throw notSearchable(at);
    try {
      Deno.lstatSync(at);
      return at;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
    }
  }
}

/**
 * Folders that stand for many: cut at the greatest depth at which they are few.
 *
 * @param paths Folders that nobody searched.
 * @param roots The writable folders that they lie in.
 * @throws SandboxError when there are too many at every depth.
 */
export function coarse(paths: readonly string[], roots: readonly string[]): readonly string[] {
  const parts = paths.map((path) => {
    const root = roots.find((folder) => isWithin(path, folder)) ?? "";
    return { root, names: path.slice(root.length).split("/").slice(1) };
  });
  let few: readonly string[] | undefined;
  for (let level = 1;; level++) {
    const found = new Set<string>();
    for (const { root, names } of parts) {
      // A root itself is never one of them.
      if (names.length === 0) throw tooMuch("folders");
      found.add([root, ...names.slice(0, level)].join("/"));
      if (found.size > MOST_COARSE) break;
    }
    if (found.size > MOST_COARSE) break;
    few = [...found];
    if (parts.every(({ names }) => names.length <= level)) break;
  }
  if (few !== undefined) return few;
  throw tooMuch("folders");
}

/**
 * Says which folders commands can only read, and why: a sentence for those that could not be
 * searched, and one for each link.
 */
export function withheldNotices(withheld: readonly Withheld[]): readonly string[] {
  const closed = withheld.filter(({ link }) => link === undefined).map(({ path }) => path);
  const named = closed.slice(0, MOST_NAMED).map((path) => `"${shortPath(path)}"`).join(", ");
  const more = closed.length - MOST_NAMED;
  return [
    ...(closed.length === 0 ? [] : [
      `${named}${more > 0 ? ` and ${more} more folders` : ""} could not be searched for .git and ` +
      `its like: commands can only read ${closed.length === 1 ? "it" : "them"}`,
    ]),
    ...withheld.flatMap(({ path, link }) =>
      link === undefined ? [] : [
        `"${
          shortPath(link)
        }" is a symbolic link, which could be replaced: commands can only read "${
          shortPath(path)
        }"`,
      ]
    ),
  ];
}

/** For a writable folder of which nothing can be protected. */
export function notSearchable(root: string): SandboxError {
  return new SandboxError(
    `"${
      shortPath(root)
    }" cannot be searched, so that nothing in it can be protected; check that you ` +
      "can read it and that the names in it are UTF-8",
  );
}

/** For a link at the top of a writable folder that decides where something leads. */
export function notProtectable(link: string): SandboxError {
  return new SandboxError(
    `"${shortPath(link)}" is a symbolic link, which cannot be kept from being replaced; ` +
      "use the read-only sandbox, or put what it leads to in its place",
  );
}

/** For a folder whose mode says that nothing can be made in it, which its owner can change. */
export function notWritable(folder: string): SandboxError {
  return new SandboxError(
    `"${
      shortPath(folder)
    }" cannot be written to, so that no name in it can be kept; give its owner ` +
      "that right (chmod u+w), or use the read-only sandbox",
  );
}

/** For more than can be looked at or mounted. */
export function tooMuch(what: "folders" | "names"): SandboxError {
  return new SandboxError(
    what === "folders"
      ? "The work has more folders than can be searched for .git and its like; " +
        "use a smaller folder (--cd)"
      : "The work has more of .git and its like than can be protected; use a smaller folder (--cd)",
  );
}

/** A path that fits into a sentence. */
export function shortPath(path: string): string {
  if (path.length <= MOST_SHOWN) return path;
  return `${path.slice(0, MOST_SHOWN / 2)}…${path.slice(-MOST_SHOWN / 2)}`;
}

/** What a folder holds; `gone` when there is none any more, `closed` when it cannot be read. */
export function entriesOf(folder: string): readonly Deno.DirEntry[] | "gone" | "closed" {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    // Whatever else it is (no right to read, a path too long, a broken disk), it was not searched.
    const gone = isAbsence(error) && !(error instanceof Deno.errors.PermissionDenied);
    return gone ? "gone" : "closed";
  }
}
