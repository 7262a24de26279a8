/**
 * Overwrites a file where it cannot be replaced: one that is mounted by itself into a container,
 * or one that belongs to somebody else and shall stay theirs.
 *
 * The file stays a whole one all the time, short of a power cut. Blanks behind its end claim the
 * space first, and are no change to JSON; the new content then takes the place of the old in one
 * write; what is left behind it is cut off last.
 */
import { type PendingWrite, syncFile, writeAll } from "../../base/atomic_write.ts";

/** The steps of a write in place, each named when it is done. */
export type InPlaceStep = "claimed" | "overwritten" | "cut";

/** How to overwrite a file. */
export interface InPlaceOptions {
  /** How many bytes to claim behind its end. */
  readonly reserve: number;
  /** Called after each step; what it throws is taken for a failure of the next one. For tests. */
  readonly onStep?: ((step: InPlaceStep) => void | Promise<void>) | undefined;
}

const BLANK = 0x20;

/**
 * Proves that a file can be overwritten.
 *
 * @param path The file.
 * @param expected Which file it must be.
 * @param options How much space to claim.
 * @returns The write; a file that was not written is cut back to what it was. `undefined` when
 * it is another file by now, be it that opening it made an overlay copy it.
 * @throws What the platform does; the file is then as it was.
 */
export async function prepareInPlace(
  path: string,
  expected: Deno.FileInfo,
  options: InPlaceOptions,
): Promise<PendingWrite | undefined> {
  const { reserve, onStep } = options;
  const file = await Deno.open(path, { write: true });
  let final: number | undefined;
  const dispose = async () => {
    if (final !== undefined) await file.truncate(final).catch(() => {});
    file.close();
  };
  try {
    const { isFile, dev, ino, size, uid, mode } = await file.stat();
    if (!isFile || dev !== expected.dev || ino !== expected.ino) {
      await dispose();
      return undefined;
    }
    final = size;
    await claim(file, size, size + reserve);
    await onStep?.("claimed");
    return {
      uid,
      async commit(content) {
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await claim(file, size + reserve, bytes.length);
        await file.seek(0, Deno.SeekMode.Start);
        await writeAll(file, padded(bytes, size));
        await syncFile(file);
        final = bytes.length;
        await onStep?.("overwritten");
        await file.truncate(final);
        await syncFile(file);
        if (mode !== null && (mode & 0o077) !== 0) await Deno.chmod(path, 0o600).catch(() => {});
        await onStep?.("cut");
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Fills a file with blanks from its end up to a length. */
async function claim(file: Deno.FsFile, from: number, to: number): Promise<void> {
  if (to <= from) return;
  await file.seek(from, Deno.SeekMode.Start);
  await writeAll(file, new Uint8Array(to - from).fill(BLANK));
  await syncFile(file);
}

/** Content with blanks behind it, so that one write covers all that was there. */
function padded(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes;
  const all = new Uint8Array(length).fill(BLANK);
  all.set(bytes);
  return all;
}
