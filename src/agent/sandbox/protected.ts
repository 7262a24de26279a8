/**
 * The names that stay as they are: what other programs read and then run something of.
 *
 * They are looked for from a writable folder downwards, and found ones are mounted read-only. What
 * does not exist yet in a folder below cannot be kept from being made there: it is looked for
 * afterwards, and told.
 */
import { SandboxError } from "./sandbox.ts";
import { isAbsence, readStart, realPathOf } from "./files.ts";
import { folderOf, inFolder, isWithin } from "./paths.ts";

/** Never written to by a command, in whatever folder they are. */
export const PROTECTED_NAMES: readonly string[] = [
  ".git",
  ".codex",
  ".agents",
  ".vscode",
  ".husky",
  ".envrc",
];

/**
 * Not looked into: its packages bring settings of their own that nobody uses, and a package with a
 * mount in it could no longer be replaced.
 */
const SKIPPED = "node_modules";

/** Where the search ends, so that a command never waits for long. Shallow folders come first. */
const MOST_FOLDERS = 20_000;
const MOST_MS = 2_000;
/** bubblewrap takes 9000 arguments; each protected path needs three, and as many for folders above. */
const MOST_FOUND = 400;
/** How long other work waits while folders are read. */
const SLICE_MS = 15;
/** A `.git` file has one line with a path. */
const LINE_BYTES = 8192;

/** What a search found. */
export interface ProtectedPaths {
  /** What is to be mounted read-only. */
  readonly paths: readonly string[];
  /** Links with such a name in folders below: they cannot be mounted over, only compared. */
  readonly links: readonly string[];
  /** Whether the search ended early: what lies deeper is not protected. */
  readonly cut: boolean;
}

/** How far a search goes. */
export interface SearchLimits {
  /** How many folders it reads. */
  readonly folders?: number;
  /** How long it takes. */
  readonly ms?: number;
}

/**
 * Finds what is to be protected in some folders. Links are never followed.
 *
 * @param roots The writable folders.
 * @param limits How far to go.
 * @throws SandboxError when a root has a link of such a name: it could be replaced.
 */
export async function findProtected(
  roots: readonly string[],
  limits: SearchLimits = {},
): Promise<ProtectedPaths> {
  const { folders = MOST_FOLDERS, ms = MOST_MS } = limits;
  const search = new Search(roots);
  const queue = [...roots];
  const end = performance.now() + ms;
  let pause = performance.now() + SLICE_MS;
  for (let index = 0; index < queue.length; index++) {
    const folder = queue[index] ?? "";
    const now = performance.now();
    if (index >= folders || now > end || search.paths.size >= MOST_FOUND) {
      return search.result(true);
    }
    if (now > pause) {
      // Reading synchronously is five times as fast; this lets other work have its turn.
      await Deno.lstat(folder).catch(() => undefined);
      pause = performance.now() + SLICE_MS;
    }
    search.read(folder, queue);
  }
  return search.result(false);
}

class Search {
  readonly paths: Set<string> = new Set();
  readonly #links: string[] = [];
  readonly #roots: readonly string[];

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  read(folder: string, queue: string[]): void {
    for (const { name, isDirectory, isSymlink } of entriesOf(folder)) {
      const path = inFolder(folder, name);
      if (PROTECTED_NAMES.includes(name)) {
        if (isSymlink) this.#links.push(path);
        else this.paths.add(path);
      } else if (isDirectory && name !== SKIPPED) queue.push(path);
    }
  }

  /** Adds what the found ones point to, as far as a command could write to it there. */
  result(cut: boolean): ProtectedPaths {
    for (const link of this.#links) {
      if (this.#roots.includes(folderOf(link))) throw notProtectable(link);
      this.#add(realPathOf(link));
    }
    for (const path of [...this.paths]) {
      if (!path.endsWith("/.git")) continue;
      for (const place of gitPlaces(path)) this.#add(place);
    }
    return { paths: [...this.paths], links: this.#links, cut };
  }

  #add(path: string | undefined): void {
    if (path === undefined || this.#roots.includes(path)) return;
    if (this.#roots.some((root) => isWithin(path, root))) this.paths.add(path);
  }
}

function entriesOf(folder: string): Iterable<Deno.DirEntry> {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    // Gone meanwhile, or closed to this user and so to its commands.
    if (isAbsence(error)) return [];
    throw error;
  }
}

/** Where Git keeps hooks and settings when `.git` is a file: in the folder that it names, or there. */
function gitPlaces(file: string): readonly string[] {
  const named = /^gitdir: (.+?)\s*$/m.exec(readStart(file, LINE_BYTES) ?? "")?.[1];
  if (named === undefined) return [];
  const folder = realPathOf(inFolder(folderOf(file), named));
  if (folder === undefined) return [];
  const shared = (readStart(`${folder}/commondir`, LINE_BYTES))?.trim();
  const common = shared ? realPathOf(inFolder(folder, shared)) : undefined;
  return common === undefined ? [folder] : [folder, common];
}

function notProtectable(link: string): SandboxError {
  return new SandboxError(
    `"${link}" is a symbolic link, which cannot be kept from being replaced; ` +
      "use the read-only sandbox, or put the folder itself there",
  );
}

/**
 * What has appeared since a search: new paths, and links that became something else. A command
 * may have left a hook there that waits for somebody to use git in that folder.
 *
 * @param before What was there.
 * @param after What is there now.
 */
export function appearedSince(before: ProtectedPaths, after: ProtectedPaths): readonly string[] {
  const known = new Set([...before.paths, ...before.links]);
  const replaced = before.links.filter((link) => after.paths.includes(link));
  const made = [...after.paths, ...after.links].filter((path) => !known.has(path));
  return [...new Set([...made, ...replaced])].sort();
}
