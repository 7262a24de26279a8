/**
 * The instructions that a project brings along: `AGENTS.md` in the work tree's root and in each
 * folder from there down to the one that is worked in. Text from others: it is read with care, and
 * what it says is a convention at most.
 */
import { isWithin, join, splitPath } from "../../base/path.ts";
import { namedBlock } from "./block.ts";
import { type FileStart, readFileStart } from "./regular_file.ts";

const NAME = "AGENTS.md";

/** How much is read in all, in bytes: the official tool's limit. */
const MAX_PROJECT_DOC_BYTES = 32 * 1024;

/** What a project says. */
export interface ProjectDoc {
  /** For the model, each file between tags of its own; empty when there is nothing. */
  readonly text: string;
  /** The files that are in it, relative to the root, the root's own first. */
  readonly files: readonly string[];
  /** What was left out and why, a sentence each. */
  readonly warnings: readonly string[];
}

/** Options of {@linkcode readProjectDoc}. */
export interface ProjectDocOptions {
  /** What must not be read, though it be in the work tree: paths without links. */
  readonly hidden?: readonly string[] | undefined;
  /** How much to read in all, in bytes; 32 KiB by default. */
  readonly maxBytes?: number | undefined;
}

/**
 * Reads the project's instructions. Never fails: what cannot be read is told in a warning.
 *
 * @param root The root of the work tree, without links.
 * @param cwd The folder that is worked in, without links; nothing is read when it lies elsewhere.
 * @param options What not to read, and how much.
 */
export async function readProjectDoc(
  root: string,
  cwd: string,
  { hidden = [], maxBytes = MAX_PROJECT_DOC_BYTES }: ProjectDocOptions = {},
): Promise<ProjectDoc> {
  const blocks: string[] = [];
  const files: string[] = [];
  const warnings: string[] = [];
  let left = maxBytes;
  for (const folder of foldersDown(root, cwd)) {
    const path = join(Deno.build.os, folder, NAME);
    const name = path.slice(join(Deno.build.os, root, "").length);
    const skip = (why: string) => warnings.push(`The project file "${path}" is not read: ${why}`);
    const found = await read(path, root, hidden, left);
    if (found === undefined) continue;
    if (typeof found === "string") {
      skip(found);
      continue;
    }
    const text = textOf(found);
    if (text === undefined) skip("it is no UTF-8");
    else if (left === 0) skip(`the ones above have ${maxBytes} bytes already`);
    else {
      left -= found.bytes.length;
      if (!found.whole) {
        left = 0;
        warnings.push(`The project file "${path}" is cut: ${maxBytes} bytes are read in all`);
      }
      blocks.push(namedBlock("project_doc", name, text));
      files.push(name);
    }
  }
  return { text: blocks.join("\n\n"), files, warnings };
}

/** The folders from the root down to another one; none when that is not in it. */
function foldersDown(root: string, cwd: string): readonly string[] {
  const { os } = Deno.build;
  if (!isWithin(os, cwd, root)) return [];
  const folders: string[] = [];
  for (let folder = cwd; folder !== root; ({ folder } = splitPath(os, folder))) {
    folders.unshift(folder);
  }
  return [root, ...folders];
}

/** The file's beginning, why it is not read, or `undefined` when there is none with something in it. */
async function read(
  path: string,
  root: string,
  hidden: readonly string[],
  most: number,
): Promise<FileStart | string | undefined> {
  const { os } = Deno.build;
  try {
    await Deno.lstat(path);
    const real = await Deno.realPath(path);
    if (!isWithin(os, real, root)) return "it is a link that leads out of the work tree";
    // A link to `.git/config`, to a secret, would send it to the service.
    const isKept = /(?:^|[\\/])\.git(?:[\\/]|$)/i.test(real.slice(root.length)) ||
      hidden.some((folder) => isWithin(os, real, folder));
    if (isKept) return "it is a link to what is not to be read";
    const start = await readFileStart(real, most);
    if (start === undefined) return "it is no regular file";
    return start.bytes.length === 0 && start.whole ? undefined : start;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return await missing(path);
    return "it cannot be opened";
  }
}

/** A link to nothing is not the same as nothing. */
async function missing(path: string): Promise<string | undefined> {
  const info = await Deno.lstat(path).catch(() => undefined);
  return info === undefined ? undefined : "it is a link to nothing";
}

/** Its text; where it was cut, without the character that was cut, too. */
function textOf({ bytes, whole }: FileStart): string | undefined {
  const longest = whole ? 0 : 3;
  for (let cut = 0; cut <= longest; cut++) {
    try {
      const kept = bytes.subarray(0, Math.max(0, bytes.length - cut));
      return new TextDecoder("utf-8", { fatal: true }).decode(kept);
    } catch {
      // The end may be in the middle of a character.
    }
  }
  return undefined;
}
