/**
 * Finds the Git work tree that a folder is in, by looking: no git is started, since a repository's
 * own configuration can make git run what it likes.
 */
import { isAbsolute, isWithin, join, splitPath } from "../../base/path.ts";
import { processEnv } from "../../base/platform.ts";
import type { SandboxMode } from "../sandbox/sandbox.ts";
import { readFileStart } from "./regular_file.ts";

/** The longest `HEAD`, and the longest `.git` that is a file, in bytes. */
const MAX_BYTES = 4096;

/** A Git work tree. */
export interface WorkTree {
  /** Its folder, without links. */
  readonly root: string;
  /** Whether it is this user's, and no more than a project: see {@linkcode defaultMode}. */
  readonly trusted: boolean;
  /** Why it is not trusted, in a few words. */
  readonly why?: string;
  /** The branch, as `HEAD` names it; absent when it names none. */
  readonly branch?: string;
}

/** What is known of the user. */
export interface UserFacts {
  /** The user's home folder; by default as the environment says. */
  readonly home?: string | undefined;
  /** The user's number; by default that of this process. `null` where there are none. */
  readonly uid?: number | null | undefined;
}

/**
 * Finds the work tree that a folder is in.
 *
 * A `.git` folder without a `HEAD` is passed over, as git does. Where `.git` is a file, only the
 * `HEAD` in the folder that it names is read.
 *
 * @param cwd The folder.
 * @param user What is known of the user.
 * @returns `undefined` when it is in none.
 */
export async function findWorkTree(
  cwd: string,
  user: UserFacts = {},
): Promise<WorkTree | undefined> {
  const { os } = Deno.build;
  let root = Deno.realPathSync(cwd);
  for (;;) {
    const found = await repositoryAt(root);
    if (found === "broken") return undefined;
    if (found !== undefined) return { root, ...trust(root, found, user), ...branchOf(found) };
    const { folder } = splitPath(os, root);
    if (folder === root) return undefined;
    root = folder;
  }
}

/**
 * What commands may change where nobody has said so: the folder that is worked in, where a change
 * can be seen and undone; else nothing.
 */
export function defaultMode(tree: WorkTree | undefined): SandboxMode {
  return tree?.trusted === true ? "workspace-write" : "read-only";
}

interface Repository {
  /** What makes it one, and has an owner. */
  readonly owned: readonly string[];
  /** Whether `.git` is a link, which anybody could have put anywhere. */
  readonly linked: boolean;
  /** What `HEAD` says; empty when it cannot be read. */
  readonly head: string;
}

/** The repository at a folder; `broken` where git would give up rather than look further up. */
async function repositoryAt(root: string): Promise<Repository | "broken" | undefined> {
  const { os } = Deno.build;
  const git = join(os, root, ".git");
  const info = lookAt(git);
  if (info === undefined) return undefined;
  if (info.isFile) {
    const named = /^gitdir: ([^\0\r\n]+)\r?\n?$/.exec(await smallText(git) ?? "")?.[1];
    if (named === undefined) return "broken";
    const folder = isAbsolute(os, named) ? named : join(os, root, named);
    const head = await smallText(join(os, folder, "HEAD"));
    return head === undefined ? "broken" : { owned: [git, folder], linked: false, head };
  }
  const head = await smallText(join(os, git, "HEAD"));
  if (head === undefined) return undefined;
  return { owned: [git], linked: info.isSymlink, head };
}

/** Asked at each start, for each folder up to the root: at once, as a thread's turn takes longer. */
function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** The text of a small regular file; `undefined` for anything else. */
async function smallText(path: string): Promise<string | undefined> {
  const start = await readFileStart(path, MAX_BYTES).catch(() => undefined);
  return start?.whole ? new TextDecoder().decode(start.bytes) : undefined;
}

function trust(
  root: string,
  { owned, linked }: Repository,
  user: UserFacts,
): { trusted: boolean; why?: string } {
  // Where users have no numbers (Windows) nothing is known of the owner, so that nothing is
  // trusted: whoever wants changes there names the mode.
  const uid = user.uid === undefined ? Deno.uid() : user.uid;
  const isMine = uid !== null && owned.every((path) => lookAt(path)?.uid === uid);
  if (linked) return { trusted: false, why: "its .git is a link" };
  if (!isMine) return { trusted: false, why: "its .git is not known to belong to this user" };
  const home = user.home ?? processEnv("HOME") ?? "";
  const realHome = realOr(home);
  // A folder above the home folder, `/` first of all, is no project either.
  if (isWithin(Deno.build.os, realHome, root) || splitPath(Deno.build.os, root).folder === root) {
    return { trusted: false, why: "it holds the home folder, or all there is" };
  }
  return { trusted: true };
}

function realOr(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** The branch that a `HEAD` names: of letters that can do no harm in a prompt or on a screen. */
function branchOf({ head }: Repository): { branch?: string } {
  const name = /^ref: refs\/heads\/([^\s\p{C}<>&"'`\\]{1,200})\s*$/u.exec(head)?.[1];
  // With reftable, HEAD names a branch that cannot be: the real one is elsewhere.
  return name === undefined || name.startsWith(".") ? {} : { branch: name };
}
