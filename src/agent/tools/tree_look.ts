/**
 * A look at folders: what files there are, by what `lstat` tells of them.
 *
 * It is bounded, and says when it has not seen all: nobody waits long before a command for the sake
 * of one line at the end. What tools make by themselves in large numbers is left out, by the usual
 * names of such folders; so is `.git`, which commands cannot change. Links are not followed. Each
 * step is synchronous, since thousands of small waits take longer than the work.
 *
 * A name that is no UTF-8 comes from Deno with U+FFFD in it, and leads nowhere: of what bears one it
 * is known that it is there, and no more. Two of them may read the same.
 */
import { type FileFacts, platformFiles } from "./patch/files.ts";
import { isLeftoverName } from "./patch/leftovers.ts";

/** Folders with what tools make: changes in them are not told. */
const MADE_BY_TOOLS: ReadonlySet<string> = new Set(
  ".git node_modules __pycache__ .pytest_cache .venv target dist build coverage .cache".split(" "),
);
/** The name of a file that this program writes before it takes the place of another one. */
const TEMPORARY = /\.(?:\d+-)?[0-9a-f]{16}\.tmp$/;

/** How many files are looked at, and for how long, in milliseconds. */
const MOST_FILES = 20_000;
const MOST_MS = 300;

/** What is known of something whose name leads nowhere. */
const LOST: FileFacts = {
  kind: "other",
  dev: null,
  ino: null,
  size: 0,
  mtime: null,
  mode: null,
  uid: null,
  gid: null,
};

/** What to look at. */
export interface LookOptions {
  /** The folders: real paths with `/` between their parts. They are looked at whatever their name. */
  readonly roots: readonly string[];
  /** Whether something is none of our business, such as a sign-in. */
  readonly isLeftOut?: ((path: string) => boolean) | undefined;
  /** The time, in milliseconds, that only goes forward. */
  readonly now?: (() => number) | undefined;
  /** How many files are looked at; 20,000 by default. */
  readonly mostFiles?: number | undefined;
}

/** What was seen. */
export interface Look {
  /** The files, by real path: everything that is no folder. */
  readonly files: ReadonlyMap<string, FileFacts>;
  /** Whether nothing was left out because there was too much of it. */
  readonly whole: boolean;
  /** Whether nothing was at a path; `undefined` where that was not looked at. */
  lacks(path: string): boolean | undefined;
}

/**
 * Looks at folders.
 *
 * @param options Which, and what bounds it.
 */
export function lookAtTree(options: LookOptions): Look {
  const { roots, isLeftOut = () => false, now = () => performance.now() } = options;
  const { mostFiles = MOST_FILES } = options;
  const end = now() + MOST_MS;
  const files = new Map<string, FileFacts>();
  const folders = new Set<string>();
  const unseen = new Set<string>();
  let whole = true;
  // Those near the root first: where there is too much, they are what matters.
  const waiting = roots.filter((root) => !isLeftOut(root));
  for (let next = 0; next < waiting.length; next++) {
    const folder = waiting[next] ?? "";
    if (folders.has(folder)) continue;
    whole &&= now() < end;
    const entries = whole ? listed(folder) : undefined;
    if (entries === undefined) {
      unseen.add(folder);
      continue;
    }
    for (const { name, isDirectory } of entries) {
      const path = `${folder === "/" ? "" : folder}/${name}`;
      const isLost = name.includes("\ufffd") && factsAt(path) === undefined;
      if (isDirectory && !isLost) {
        if (MADE_BY_TOOLS.has(name) || isLeftOut(path)) unseen.add(path);
        else waiting.push(path);
      } else if (name !== ".git" && !isOurs(name) && !isLeftOut(path)) {
        whole &&= files.size < mostFiles && now() < end;
        if (!whole) break;
        const facts = isLost ? LOST : factsAt(path);
        if (facts !== undefined) files.set(path, facts);
      }
    }
    (whole ? folders : unseen).add(folder);
  }
  return {
    files,
    whole,
    lacks(path) {
      if (files.has(path)) return false;
      // What lies in a folder that was not there was not there either.
      for (let at = path; at.includes("/");) {
        at = at.slice(0, at.lastIndexOf("/")) || "/";
        if (unseen.has(at)) return undefined;
        if (folders.has(at)) return isLeftOut(path) ? undefined : true;
        if (at === "/") return undefined;
      }
      return undefined;
    },
  };
}

function isOurs(name: string): boolean {
  return isLeftoverName(name) || TEMPORARY.test(name);
}

/** What is in a folder; `undefined` when it may not be listed. */
function listed(folder: string): readonly Deno.DirEntry[] | undefined {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return undefined;
  }
}

function factsAt(path: string): FileFacts | undefined {
  try {
    return platformFiles.facts(path);
  } catch {
    return undefined;
  }
}
