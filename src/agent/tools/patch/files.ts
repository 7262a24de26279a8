/**
 * The file system as a patch uses it: nothing here follows a link by accident, and what moves files
 * is synchronous, so that no other work of this process comes between two moves.
 */
import { writeAll } from "../../../base/atomic_write.ts";
import { machine } from "../../../base/platform.ts";
import { PatchError, reasonOf } from "./patch_error.ts";

/** What is known of what stands at a path. */
export interface FileFacts {
  /** What it is; a link is a link, wherever it leads. */
  readonly kind: "file" | "folder" | "link" | "other";
  /** The file system that it is on. */
  readonly dev: number | null;
  /** Its number there, where the platform knows one. */
  readonly ino: number | null;
  /** Its length in bytes. */
  readonly size: number;
  /** When its content was last changed, in milliseconds, where known. */
  readonly mtime: number | null;
  /** Its permissions, where the platform knows any. */
  readonly mode: number | null;
  /** Its owner, where the platform knows one. */
  readonly uid: number | null;
  /** Its group, where the platform knows one. */
  readonly gid: number | null;
}

/** What a patch asks of a file system. Paths are absolute, with `/` between their parts. */
export interface PatchFiles {
  /** What stands at a path; `undefined` when nothing does. */
  facts(path: string): FileFacts | undefined;
  /** The path without links. Throws when something of it is missing. */
  realPath(path: string): string;
  /**
   * The content of a file.
   *
   * @throws PatchError when it is another file by now, or longer than it was.
   */
  read(path: string, facts: FileFacts): Promise<Uint8Array>;
  /**
   * Makes sure that a file is one that may be written to, and leaves it as it is.
   *
   * @throws PatchError when it may not.
   */
  checkWritable(path: string, facts: FileFacts): void;
  /** Makes a folder, in one that is there. */
  makeFolder(path: string): void;
  /**
   * Makes a file where nothing may be.
   *
   * Its content is not brought to the disk at once, which takes milliseconds for each file: what a
   * patch promises is that whoever reads a file finds the old one or the new one, and renaming does
   * that by itself. A power cut may take a patch back, as it does with any other edit.
   *
   * @param like Whose permissions and owner it gets.
   */
  create(path: string, content: Uint8Array, like: FileFacts | undefined): Promise<void>;
  /** Gives a file a second name. Throws where the file system has none. */
  link(from: string, to: string): void;
  /** Moves a file over whatever file is there. */
  rename(from: string, to: string): void;
  /** Removes a file or an empty folder. */
  remove(path: string): void;
}

/** Permissions of a file of ours, before the umask. */
const NEW_MODE = 0o644;

/** The platform's file system. */
export const platformFiles: PatchFiles = {
  facts(path) {
    try {
      return factsOf(Deno.lstatSync(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      // Something above it is no folder.
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      throw error;
    }
  },
  realPath(path) {
    return slashed(Deno.realPathSync(path));
  },
  async read(path, facts) {
    using file = await Deno.open(path, { read: true });
    const found = factsOf(await file.stat());
    if (!isSame(found, facts)) throw new PatchError("it changed while it was read");
    const bytes = new Uint8Array(facts.size + 1);
    let length = 0;
    for (let count: number | null = 0; count !== null && length < bytes.length; length += count) {
      count = await file.read(bytes.subarray(length));
      if (count === null) break;
    }
    if (length !== facts.size) throw new PatchError("it changed while it was read");
    return bytes.subarray(0, length);
  },
  checkWritable(path, { mode }) {
    // Root may open these, too, and yet somebody has said that they shall stay as they are.
    if (mode !== null && (mode & 0o222) === 0) {
      throw new PatchError("permission denied: it is read-only");
    }
    try {
      Deno.openSync(path, { write: true }).close();
    } catch (error) {
      const isDenied = error instanceof Deno.errors.PermissionDenied;
      throw new PatchError(isDenied ? "permission denied" : reasonOf(error));
    }
  },
  makeFolder(path) {
    Deno.mkdirSync(path);
  },
  async create(path, content, like) {
    // Nobody may read what the file that it replaces did not let them read.
    const file = await Deno.open(path, {
      write: true,
      createNew: true,
      mode: like === undefined ? NEW_MODE : 0o600,
    });
    try {
      using open = file;
      if (like !== undefined) await resemble(path, factsOf(await open.stat()), like);
      await writeAll(open, content);
    } catch (error) {
      await Deno.remove(path).catch(() => {});
      throw error;
    }
  },
  link: (from, to) => Deno.linkSync(from, to),
  rename: (from, to) => Deno.renameSync(from, to),
  remove: (path) => Deno.removeSync(path),
};

/** Whether two looks at a path have seen the same file with the same content. */
export function isSame(one: FileFacts | undefined, other: FileFacts | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.kind === other.kind && one.dev === other.dev && one.ino === other.ino &&
    one.size === other.size && one.mtime === other.mtime;
}

/** A path of the platform with `/` between its parts. */
export function slashed(path: string): string {
  return machine().os === "windows" ? path.replaceAll("\\", "/") : path;
}

/** What the platform tells of a file, as facts. */
export function factsOf(info: Deno.FileInfo): FileFacts {
  const { dev, ino, size, mtime, mode, uid, gid } = info;
  const kind = info.isSymlink
    ? "link"
    : info.isFile
    ? "file"
    : info.isDirectory
    ? "folder"
    : "other";
  return { kind, dev, ino, size, mtime: mtime?.getTime() ?? null, mode, uid, gid };
}

/** Gives a file the owner and the group, where that is allowed, and the permissions of another one. */
async function resemble(path: string, made: FileFacts, like: FileFacts): Promise<void> {
  let hasGroup = made.gid === like.gid;
  if (made.uid !== like.uid || !hasGroup) {
    const take = async (uid: number | null) => {
      await Deno.chown(path, uid, like.gid);
      hasGroup = true;
    };
    // Only root may give a file away: anybody else's becomes theirs, as with `sed -i`. Its group
    // may be any that one belongs to.
    await take(like.uid).catch(() => take(null)).catch(() => {});
  }
  if (like.mode === null || machine().os === "windows") return;
  await Deno.chmod(path, hasGroup ? like.mode & 0o777 : withoutGroup(like.mode));
}

/**
 * Permissions for a file whose group is another one by now: the new group was among all others
 * before, and the old one is now, so neither gets more than it had.
 */
function withoutGroup(mode: number): number {
  const others = mode & 0o007;
  return (mode & 0o700) | others << 3 | (others & mode >> 3);
}
