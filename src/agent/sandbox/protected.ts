/**
 * The names that stay as they are: what other programs read and then run something of.
 *
 * They are looked for from a writable folder downwards, and found ones are mounted read-only; a
 * folder that could not be looked into is, as a whole (`withheld.ts`). What does not exist yet in
 * a folder below cannot be kept from being made there: it is looked for afterwards, and told.
 */
import { realPathOf } from "./files.ts";
import { gitWays } from "./git_places.ts";
import { type Way, wayOf } from "./links.ts";
import { folderOf, inFolder, isWithin } from "./paths.ts";
import {
  coarse,
  entriesOf,
  notProtectable,
  notSearchable,
  reachable,
  tooMuch,
  type Withheld,
} from "./withheld.ts";

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
 * Where the search ends; shallow folders come first. A folder takes 20 µs (ext4, warm), and the
 * search goes before and after each command.
 */
const MOST_FOLDERS = 50_000;
const MOST_MS = 5_000;
/** Each takes a mount, and so does each folder above: see `MOST_MOUNTS` in `layout.ts`. */
const MOST_FOUND = 1_000;
/** Deeper or longer ones are not looked into: all folders above them are mounts, too. */
const MOST_DEPTH = 48;
const MOST_PATH = 1_000;
/** How long other work waits while folders are read. */
const SLICE_MS = 15;
/** What stands in a name for bytes that are no UTF-8: it names nothing that we could open. */
const NOT_UTF8 = "\uFFFD";

/** What a search found. */
export interface ProtectedPaths {
  /** What is to be mounted read-only. */
  readonly paths: readonly string[];
  /** Links with such a name in folders below, with what they say: they can only be compared. */
  readonly links: ReadonlyMap<string, string>;
  /** Folders that are to be mounted read-only as a whole. */
  readonly withheld: readonly Withheld[];
}

/** How far a search goes. */
export interface SearchLimits {
  /** How many folders it reads. */
  readonly folders?: number;
  /** How long it takes. */
  readonly ms?: number;
}

/**
 * What is looked at in a folder. Of `node_modules`, the packages themselves but nothing in them:
 * there are far too many folders, and what a package was published with nobody opens.
 */
type Kind = "folder" | "node_modules" | "scope" | "package";

interface Place {
  readonly path: string;
  readonly kind: Kind;
  readonly depth: number;
}

/**
 * Finds what is to be protected in some folders. Links are never followed.
 *
 * @param roots The writable folders.
 * @param limits How far to go.
 * @throws SandboxError when something cannot be protected: a root with a link of such a name, or
 * one that cannot be searched; more than can be searched or mounted.
 */
export async function findProtected(
  roots: readonly string[],
  limits: SearchLimits = {},
): Promise<ProtectedPaths> {
  const { folders = MOST_FOLDERS, ms = MOST_MS } = limits;
  const search = new Search(roots);
  const queue: Place[] = roots.map((path) => ({ path, kind: "folder", depth: 0 }));
  const end = performance.now() + ms;
  let pause = performance.now() + SLICE_MS;
  for (let index = 0; index < queue.length; index++) {
    const place = queue[index];
    const now = performance.now();
    if (place === undefined || index >= folders || now > end) {
      search.leave(queue.slice(index).map(({ path }) => path));
      break;
    }
    if (now > pause) {
      // Reading synchronously is five times as fast; this lets other work have its turn.
      await Deno.lstat(place.path).catch(() => undefined);
      pause = performance.now() + SLICE_MS;
    }
    search.read(place, queue);
  }
  return search.result();
}

class Search {
  readonly #paths = new Set<string>();
  readonly #links = new Map<string, string>();
  readonly #withheld = new Map<string, Withheld>();
  readonly #roots: readonly string[];

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** Looks at what a folder holds, and adds the folders in it to the queue. */
  read(place: Place, queue: Place[]): void {
    const { path: folder, kind, depth } = place;
    if (depth > MOST_DEPTH || folder.length > MOST_PATH) return this.#withhold(folder);
    const entries = entriesOf(folder);
    if (entries === "gone") return;
    if (entries === "closed") return this.#withhold(folder);
    const bare = isBareRepository(entries);
    for (const { name, isDirectory, isSymlink } of entries) {
      const path = inFolder(folder, name);
      if (PROTECTED_NAMES.includes(name) || (bare && BARE_NAMES.includes(name))) {
        if (isSymlink) this.#addLink(path);
        else this.#add(path);
      } else if (isDirectory && kind !== "package") {
        if (name.includes(NOT_UTF8)) this.#withhold(folder);
        else queue.push({ path, kind: kindIn(kind, name), depth: depth + 1 });
      }
    }
  }

  /** Gives up what has not been read. */
  leave(unread: readonly string[]): void {
    for (const path of coarse(unread, this.#roots)) this.#withhold(path);
  }

  /** Adds what the found ones point to, as far as a command could write to it there. */
  result(): ProtectedPaths {
    const gits = [...this.#paths].filter(isGit);
    for (const link of this.#links.keys()) {
      if (isGit(link)) gits.push(...this.#keepWay(wayOf(link)));
      else this.#addTarget(realPathOf(link));
    }
    for (const git of gits) gitWays(git).forEach((way) => this.#keepWay(way));
    return {
      paths: [...this.#paths],
      links: this.#links,
      withheld: [...this.#withheld.values()],
    };
  }

  #add(path: string): void {
    // In a folder that can be read but not gone through, it can be seen and not mounted over.
    if (reachable(path, this.#roots) === path) this.#paths.add(path);
    else this.#withhold(path);
    if (this.#paths.size > MOST_FOUND) throw tooMuch("names");
  }

  #addLink(link: string): void {
    const folder = folderOf(link);
    if (this.#roots.includes(folder)) throw notProtectable(link);
    this.#links.set(link, targetOf(link));
  }

  /** What Git's way leads to, and each link on it: whoever replaces one decides what Git runs. */
  #keepWay({ real, links, left }: Way): readonly string[] {
    for (const link of links) {
      const path = folderOf(link);
      if (this.#roots.includes(path)) throw notProtectable(link);
      if (this.#roots.some((root) => isWithin(path, root))) {
        this.#withheld.set(path, { path, link });
      }
    }
    for (const path of [real, ...left]) this.#addTarget(path);
    return real === undefined ? [] : [real];
  }

  #addTarget(path: string | undefined): void {
    if (path === undefined || this.#roots.includes(path)) return;
    if (this.#roots.some((root) => isWithin(path, root))) this.#add(path);
  }

  #withhold(folder: string): void {
    if (this.#roots.includes(folder)) throw notSearchable(folder);
    const path = reachable(folder, this.#roots);
    if (path !== undefined) this.#withheld.set(path, { path });
  }
}

/** What of a repository without a folder of its own makes Git run something. */
const BARE_NAMES: readonly string[] = ["config", "hooks"];

/** Whether Git takes a folder itself for a repository. */
function isBareRepository(
  entries: readonly { readonly name: string; readonly isDirectory: boolean }[],
): boolean {
  const has = (wanted: string, isFolder: boolean) =>
    entries.some(({ name, isDirectory }) => name === wanted && (isDirectory || !isFolder));
  return has("HEAD", false) && has("objects", true) && has("refs", true);
}

function kindIn(kind: Kind, name: string): Kind {
  if (kind === "folder") return name === "node_modules" ? "node_modules" : "folder";
  return kind === "node_modules" && name.startsWith("@") ? "scope" : "package";
}

function isGit(path: string): boolean {
  return path.endsWith("/.git");
}

function targetOf(link: string): string {
  try {
    return Deno.readLinkSync(link);
  } catch {
    // Replaced meanwhile, or closed: not what it will be.
    return "";
  }
}

/**
 * What has appeared since a search: new paths, and links that became something else. A command
 * may have left a hook there that waits for somebody to use git in that folder.
 *
 * @param before What was there.
 * @param after What is there now.
 */
export function appearedSince(before: ProtectedPaths, after: ProtectedPaths): readonly string[] {
  const known = new Set(before.paths);
  const found = [...after.paths, ...after.links.keys()].filter((path) => {
    const link = before.links.get(path);
    if (link !== undefined) return link !== after.links.get(path);
    // What a search did not see the first time was read-only.
    return !known.has(path) && !before.withheld.some((folder) => isWithin(path, folder.path));
  });
  return [...new Set(found)].sort();
}
