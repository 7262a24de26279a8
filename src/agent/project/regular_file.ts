/**
 * Reads a file that a project brings along, which can be anything: a pipe that never says a word,
 * a device without an end, a file of a terabyte. Nothing here waits, or reads more than it is told.
 */

/** The beginning of a regular file. */
export interface FileStart {
  /** Its first bytes. */
  readonly bytes: Uint8Array;
  /** Whether that is all of it. */
  readonly whole: boolean;
}

/**
 * Reads the beginning of a regular file.
 *
 * @param path Where it is; a link there is not followed.
 * @param most How much to read, in bytes.
 * @returns `undefined` when it is no regular file, or another one was put in its place meanwhile.
 * @throws What the platform throws, such as NotFound.
 */
export async function readFileStart(path: string, most: number): Promise<FileStart | undefined> {
  // Looked at before it is opened, since opening a pipe waits for its other end.
  const seen = await Deno.lstat(path);
  if (!seen.isFile) return undefined;
  using file = await Deno.open(path, { read: true });
  const opened = await file.stat();
  if (!opened.isFile || opened.dev !== seen.dev || opened.ino !== seen.ino) return undefined;
  // One byte more tells whether there is more; a small file costs no large buffer.
  const buffer = new Uint8Array(Math.min(most, opened.size) + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return { bytes: buffer.slice(0, Math.min(length, most)), whole: length < buffer.length };
}
