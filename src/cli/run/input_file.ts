/** Reads a file that somebody named: with a bound, and no longer than the run may take. */
import { untilAborted } from "../../base/abort.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import { deviceHint } from "../device_hint.ts";
import { Utf8Text } from "../utf8.ts";
import { openFile } from "./open_file.ts";

const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a text file.
 *
 * @param path The file; a pipe is waited for.
 * @param most The most that it may hold, in bytes.
 * @param signal Ends the wait.
 * @returns Its text, byte for byte.
 * @throws CodexError `invalid_usage` when it cannot be read or is no UTF-8, `input_too_large`.
 */
export async function readFileText(
  path: string,
  most: number,
  signal: AbortSignal,
): Promise<string> {
  const text = new Utf8Text(`"${path}"`);
  text.add(await readFileBytes(path, most, signal));
  return text.end();
}

/** The same for bytes. Read in pieces, since a device or a pipe tells no size, and may have no end. */
export async function readFileBytes(
  path: string,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  try {
    using file = await openFile(path, { read: true }, signal);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let size = 0;;) {
      const count = await untilAborted(file.read(buffer), signal);
      if (count === null) return await joined(pieces);
      size += count;
      if (size > most) throw tooLarge(`"${path}"`, most);
      pieces.push(buffer.slice(0, count));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw isCodexError(error) ? error : unreadable(path, error);
  }
}

/** Puts pieces together. */
export async function joined(pieces: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function unreadable(path: string, cause: unknown): CodexError {
  const name = cause instanceof Error ? cause.name : "";
  const why = REASONS[name] ?? "it cannot be read";
  return new CodexError("invalid_usage", `Cannot read "${path}": ${why}`, {
    cause,
    hint: deviceHint(cause) ?? "Check the path",
  });
}

const REASONS: Readonly<Record<string, string>> = {
  NotFound: "there is no such file",
  PermissionDenied: "permission is denied",
  NotCapable: "Deno does not let this program read it",
  IsADirectory: "it is a folder",
};

/**
 * Refuses what is larger than anything of its kind may be.
 *
 * @param what What holds it, as it is named in a message.
 * @param most The most bytes.
 */
export function tooLarge(what: string, most: number): CodexError {
  return new CodexError("input_too_large", `${what} holds more than ${most} bytes`, {
    hint: "Give a smaller one",
  });
}
