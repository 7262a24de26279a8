/**
 * Replaces a file as a whole: whoever reads it finds the old content or the new, never a part.
 *
 * The work is split in two. First the place is proven: a temporary file is made beside the target
 * and filled with blanks, so that a read-only mount or a full disk shows before anything is spent
 * that could not be saved. Then the content is written, synced and renamed into place.
 */
import { machine } from "./platform.ts";
import { replaceFile } from "./replace_file.ts";

/** The steps of a write, each named when it is done; a test stops or fails at one. */
export type WriteStep = "temp-created" | "temp-written" | "temp-synced" | "renamed";

/** How to replace a file. */
export interface AtomicWriteOptions {
  /** The file's mode, exact whatever the umask; the platform's default when absent. */
  readonly mode?: number | undefined;
  /** How many bytes to claim beforehand; 0 when absent. */
  readonly reserve?: number | undefined;
  /** What stands between the target's name and the random part of the temporary file's. */
  readonly tag?: string | undefined;
  /** Called after each step; what it throws is taken for a failure of the next one. For tests. */
  readonly onStep?: ((step: WriteStep) => void | Promise<void>) | undefined;
}

/** A write whose place is proven. Dispose of it: what was not committed is removed then. */
export interface PendingWrite extends AsyncDisposable {
  /** The owner of what is written; `null` where the platform knows none. */
  readonly uid: number | null;
  /**
   * Writes, syncs and renames into place.
   *
   * @param content The whole new content.
   * @throws What the platform does; the target is then as it was.
   */
  commit(content: string | Uint8Array): Promise<void>;
}

/** The end of every temporary file's name. */
export const TEMPORARY_SUFFIX = ".tmp";

/**
 * Proves that a file can be replaced.
 *
 * @param path The file; it need not exist, its folder must.
 * @param options Mode and bytes to claim.
 * @returns The write, to be committed or dropped.
 * @throws What the platform does; nothing is left behind.
 */
export async function prepareAtomicWrite(
  path: string,
  options: AtomicWriteOptions = {},
): Promise<PendingWrite> {
  const { mode, reserve = 0, tag = "", onStep } = options;
  const temporary = `${path}.${tag}${randomName()}${TEMPORARY_SUFFIX}`;
  const file = await Deno.open(temporary, {
    write: true,
    createNew: true,
    ...(mode === undefined ? {} : { mode }),
  });
  let open = true;
  let renamed = false;
  const close = () => {
    if (open) file.close();
    open = false;
  };
  const dispose = async () => {
    close();
    // Where even this fails, the failure before it is the one to tell.
    if (!renamed) await Deno.remove(temporary).catch(() => {});
  };
  try {
    const info = await file.stat();
    const { uid, mode: made } = info;
    if (mode !== undefined && made !== null && (made & 0o777) !== mode) {
      await Deno.chmod(temporary, mode);
    }
    if (reserve > 0) {
      await writeAll(file, new Uint8Array(reserve).fill(BLANK));
      // Some file systems tell only now that they are full.
      await syncFile(file);
    }
    await onStep?.("temp-created");
    return {
      uid,
      async commit(content) {
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await file.seek(0, Deno.SeekMode.Start);
        await writeAll(file, bytes);
        await file.truncate(bytes.length);
        await onStep?.("temp-written");
        await syncFile(file);
        // Windows renames no file that is open.
        close();
        await onStep?.("temp-synced");
        if (await isAt(temporary, info)) await replaceFile(temporary, path);
        else {
          // Somebody has cleared the folder up, or edited all that is in it: once more, and quickly.
          await atomicWrite(path, content, { mode, tag });
        }
        renamed = true;
        await onStep?.("renamed");
        await syncFolderOf(path);
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * Replaces a file as a whole.
 *
 * @param path The file; it need not exist, its folder must.
 * @param content The whole new content.
 * @param options Its mode.
 * @throws What the platform does; the file is then as it was and nothing is left behind.
 */
export async function atomicWrite(
  path: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<void> {
  // Not `using`: the bundler would lose it, see tools/release/disposals.ts.
  const pending = await prepareAtomicWrite(path, options);
  try {
    await pending.commit(content);
  } finally {
    await pending[Symbol.asyncDispose]();
  }
}

/** Whether a file is still the one at its path. */
async function isAt(path: string, { dev, ino }: Deno.FileInfo): Promise<boolean> {
  try {
    const found = await Deno.lstat(path);
    return found.isFile && found.dev === dev && found.ino === ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const BLANK = 0x20;

/** Writes all of it: a single call may write a part. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** Brings a file's content to the disk, where its file system can be told to. */
export async function syncFile(file: Deno.FsFile): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
  }
}

/** Brings a rename to the disk. The file is in its place already, so nothing is made of a failure. */
async function syncFolderOf(path: string): Promise<void> {
  const os = machine().os;
  if (os === "windows") return;
  const folder = path.slice(0, path.lastIndexOf("/") + 1) || ".";
  try {
    const handle = await Deno.open(folder, { read: true });
    try {
      await handle.sync();
    } finally {
      handle.close();
    }
  } catch {
    // Not every file system syncs folders, and not every caller may read them.
  }
}

function randomName(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
