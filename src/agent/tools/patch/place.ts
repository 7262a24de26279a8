/**
 * Where a path really is, and whether it is one that may be worked with.
 *
 * A path is taken apart as text, `..` included, and then the folders that exist are followed to
 * where they really are. What counts is the result: it lies under the workspace or one of the
 * writable folders, or it is refused. A link on the way is fine as long as it leads to such a
 * place; a path that itself is a link is refused, as the file meant by it has a name of its own.
 * Everything after this works with the real path only.
 */
import type { Environment } from "../../sandbox/environment.ts";
import { namedSignInFolder, usualSecrets } from "../../sandbox/hidden.ts";
import type { SandboxPolicy } from "../../sandbox/sandbox.ts";
import { type FileFacts, type PatchFiles, platformFiles, slashed } from "./files.ts";
import { PatchError, quoted, reasonOf } from "./patch_error.ts";
import { protectedNameIn } from "./protected_names.ts";

/** What bounds the places. */
export interface PlaceOptions {
  /** Says what may be worked with; its mode does not matter here. */
  readonly policy: Pick<SandboxPolicy, "workspace" | "writable" | "hidden">;
  /** Where relative paths begin, absolute. */
  readonly cwd: string;
  /** The file system; the platform's when absent. */
  readonly files?: PatchFiles | undefined;
  /** Says where secrets are, beside what the policy hides; this process's when absent. */
  readonly environment?: Environment | undefined;
}

/** A place that may be worked with. */
export interface Place {
  /** As it was given. */
  readonly given: string;
  /** The real path. */
  readonly path: string;
  /** The real path for a reader: relative to the working directory where it lies in that. */
  readonly shown: string;
  /** The folder that it is in, or is to be in. */
  readonly folder: string;
  /** The folders that are not there yet, the outermost first. */
  readonly missingFolders: readonly string[];
  /** What stands there; `undefined` when nothing does. */
  readonly facts: FileFacts | undefined;
}

/** The limits of the common file systems, in bytes. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 4095;

/**
 * Finds out where a file is.
 *
 * @param given The path: relative to the working directory, absolute, or with `..`.
 * @param options What bounds it.
 * @param access What for: what is only read may have a protected name.
 * @param secrets What {@linkcode secretPlaces} gave, where many files are looked for.
 * @throws PatchError with the path and the reason, for instance that it is outside the workspace.
 */
export function findPlace(
  given: string,
  options: PlaceOptions,
  access: "read" | "write",
  secrets: readonly string[] = secretPlaces(options),
): Place {
  const { policy, files = platformFiles } = options;
  const cwd = realCwd(files, slashed(options.cwd));
  const roots = [policy.workspace, ...policy.writable].map(slashed);
  const name = `"${quoted(given)}"`;
  checkText(given, name);
  const wanted = absolute(slashed(given), cwd);
  if (access === "write") checkNames(namedParts(slashed(given), wanted, [...roots, cwd]), name);
  const { path, existing, missing, facts } = follow(wanted, files, name);
  const within = roots.filter((root) => isUnder(path, root));
  // The shortest one shows the most of the path.
  const [root] = within.sort((a, b) => a.length - b.length);
  if (root === undefined) throw new PatchError(`${name} is outside the workspace`);
  if (access === "write") checkNames(path.slice(root.length), name);
  if (hiddenFor(root, options.policy, secrets).some((place) => holds(place, path))) {
    throw new PatchError(`${name} is kept from tools`);
  }
  if (facts?.kind === "folder") throw new PatchError(`${name} is a folder`);
  if (facts?.kind === "other") throw new PatchError(`${name} is no regular file`);
  const missingFolders = missing.slice(0, -1).map((_, index) =>
    joined(existing, missing.slice(0, index + 1))
  );
  const shown = isUnder(path, cwd) ? path.slice(below(cwd).length) : path;
  return { given, path, shown, folder: folderOf(path), missingFolders, facts };
}

/** Whether a path lies somewhere below a folder. */
export function isUnder(path: string, folder: string): boolean {
  return path.startsWith(below(folder)) && path.length > below(folder).length;
}

/**
 * Where secrets are, beside what the policy hides: the usual places, and the sign-in's.
 *
 * @param options The environment that names them, and where relative names begin.
 * @returns Real paths, where there is something at them.
 */
export function secretPlaces(options: PlaceOptions): readonly string[] {
  const { cwd, files = platformFiles, environment = processEnvironment() } = options;
  const signIn = namedSignInFolder(environment, cwd);
  const { CODEX_AUTH_FILE: authFile } = environment;
  const places = [
    ...usualSecrets(environment),
    ...(signIn === undefined ? [] : [signIn]),
    // It may lie in the workspace itself.
    ...(authFile ? [absolute(slashed(authFile), slashed(cwd))] : []),
  ];
  return [...new Set(places.map((place) => realOrSame(files, place)))];
}

/**
 * What is kept from tools that work in a folder of the policy.
 *
 * @param root That folder.
 * @param policy What is hidden by name.
 * @param secrets What {@linkcode secretPlaces} gave.
 */
export function hiddenFor(
  root: string,
  policy: Pick<SandboxPolicy, "hidden">,
  secrets: readonly string[],
): readonly string[] {
  // Who works in such a folder wants it to be seen, as in the sandbox.
  return [...policy.hidden.map(slashed), ...secrets.filter((place) => !holds(place, root))];
}

/** Whether a path is a folder itself or lies somewhere below it. */
export function holds(folder: string, path: string): boolean {
  return path === folder || isUnder(path, folder);
}

function realOrSame(files: PatchFiles, path: string): string {
  try {
    return files.realPath(path);
  } catch {
    return slashed(path);
  }
}

function processEnvironment(): Environment {
  try {
    return Deno.env.toObject();
  } catch {
    // Without the permission to read it, what the policy hides has to do.
    return {};
  }
}

function below(folder: string): string {
  return folder.endsWith("/") ? folder : `${folder}/`;
}

function realCwd(files: PatchFiles, cwd: string): string {
  try {
    return files.realPath(cwd);
  } catch {
    throw new PatchError(`The working directory "${cwd}" is not there`);
  }
}

/** Refuses what is no path anywhere. */
function checkText(given: string, name: string): void {
  if (given === "") throw new PatchError("A path is empty");
  if (/\p{Cc}/u.test(given)) throw new PatchError(`${name} has a control character in it`);
  if (!given.isWellFormed()) throw new PatchError(`${name} is not well-formed Unicode`);
  const encoder = new TextEncoder();
  const size = (text: string) => encoder.encode(text).length;
  if (size(given) > LONGEST_PATH || given.split("/").some((part) => size(part) > LONGEST_NAME)) {
    throw new PatchError(`${name} is too long for a path`);
  }
  if (/(?:^|\/)\.{0,2}$/.test(given)) throw new PatchError(`${name} is a folder`);
}

function checkNames(parts: string, name: string): void {
  const found = protectedNameIn(parts);
  if (found === undefined) return;
  throw new PatchError(`${name} is protected: nothing named "${found}", or in it, may be changed`);
}

/** What of a given path the one who gave it chose: what lies above the workspace was chosen by others. */
function namedParts(given: string, wanted: string, above: readonly string[]): string {
  if (!isAbsolute(given)) return given;
  const within = above.filter((folder) => isUnder(wanted, folder));
  const [root = ""] = within.sort((a, b) => a.length - b.length);
  return wanted.slice(root.length);
}

function isAbsolute(path: string): boolean {
  return /^(?:[A-Za-z]:)?\//.test(path);
}

/** A path without `.` and `..`. */
function absolute(given: string, cwd: string): string {
  const whole = isAbsolute(given) ? given : `${cwd}/${given}`;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return /^[A-Za-z]:\//.test(whole) ? parts.join("/") : `/${parts.join("/")}`;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function joined(folder: string, parts: readonly string[]): string {
  return below(folder) + parts.join("/");
}

interface Followed {
  readonly path: string;
  /** The deepest part of it that exists, without links. */
  readonly existing: string;
  /** The names behind that. */
  readonly missing: readonly string[];
  readonly facts: FileFacts | undefined;
}

/** Follows what exists of a path to where it really is. */
function follow(wanted: string, files: PatchFiles, name: string): Followed {
  const missing: string[] = [];
  let at = wanted;
  let facts = look(at, files, name);
  while (facts === undefined && at !== "/") {
    const folder = folderOf(at);
    missing.unshift(at.slice(below(folder).length));
    at = folder;
    facts = look(at, files, name);
  }
  if (missing.length === 0 && facts?.kind === "link") {
    throw new PatchError(`${name} is a symbolic link; name the file that it leads to`);
  }
  let existing: string;
  try {
    existing = files.realPath(at);
  } catch {
    // A link that leads nowhere, or round in a circle.
    throw new PatchError(`${name} lies behind a symbolic link that leads nowhere`);
  }
  if (missing.length === 0) return { path: existing, existing, missing, facts };
  if (look(existing, files, name)?.kind !== "folder") {
    throw new PatchError(`${name} cannot be there: "${at}" is no folder`);
  }
  return { path: joined(existing, missing), existing, missing, facts: undefined };
}

function look(path: string, files: PatchFiles, name: string): FileFacts | undefined {
  try {
    return files.facts(path);
  } catch (error) {
    throw new PatchError(`${name} cannot be looked at: ${reasonOf(error)}`);
  }
}
