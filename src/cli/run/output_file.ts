/**
 * The file that the answer goes to beside stdout: proven before anything is asked, so that no
 * answer is paid for that cannot be kept, and replaced as a whole, so that a failure leaves the old
 * one. A device or a pipe is written as it is: it cannot be replaced, only broken.
 */
import { checkFolder, realPlace } from "../../agent/real_place.ts";
import { untilAborted } from "../../base/abort.ts";
import { atomicWrite, prepareAtomicWrite, writeAll } from "../../base/atomic_write.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import type { Cli } from "../cli.ts";
import { deviceHint } from "../device_hint.ts";
import { visible } from "../output.ts";
import { openFile } from "./open_file.ts";

/** A file that the answer can be written to. */
export interface OutputFile {
  /**
   * Writes the answer.
   *
   * @throws CodexError `internal` when that fails; the old file is then as it was.
   */
  write(text: string): Promise<void>;
  /** Called when all else is written: a stream of ours gets the answer only then. */
  end?(): Promise<void>;
}

/** What else the run writes to. */
export interface OutputFileOptions {
  /** Our own streams, which Deno opens for nobody who was not given every permission. */
  readonly streams?: Pick<Cli, "stdout" | "stderr"> | undefined;
  /** Where the conversation is kept, as a real path. */
  readonly session?: string | undefined;
}

/** Where programs find their own streams; what stands there is never a file of its own. */
const STREAMS = /^\/(?:dev|proc)\//;
/** Our own ones. */
const OWN = /^\/(?:dev\/std(?:(out)|err)|(?:dev|proc\/self)\/fd\/(?:(1)|2))$/;

/**
 * Proves that a file can be written.
 *
 * @param path The file.
 * @param signal Ends the wait for the reader of a pipe.
 * @param options What else the run writes to.
 * @returns It, untouched until it is written.
 * @throws CodexError `invalid_usage` when it cannot be written, or is the session's file.
 */
export async function openOutputFile(
  path: string,
  signal: AbortSignal,
  { streams, session }: OutputFileOptions = {},
): Promise<OutputFile> {
  if (path === "-") {
    throw new CodexError("invalid_usage", "The answer goes to stdout anyway", {
      hint: "Leave --output-last-message out; a file of that name is ./-",
    });
  }
  const own = Deno.build.os === "windows" ? null : OWN.exec(path);
  if (own !== null && streams !== undefined) {
    return ofStream(streams, (own[1] ?? own[2]) !== undefined);
  }
  try {
    const info = await infoOf(path);
    if (info?.isDirectory) throw new Deno.errors.IsADirectory();
    if (info === undefined && STREAMS.test(path)) throw new Deno.errors.NotFound();
    if (STREAMS.test(path) || (info !== undefined && !info.isFile)) return direct(path, signal);
    const target = info === undefined ? realPlace(path) : await Deno.realPath(path);
    if (session !== undefined) await refuseSession(target, info, session);
    // The folder may let us make a file where the old one is not ours to change.
    if (info !== undefined) (await Deno.open(target, { write: true })).close();
    const mode = typeof info?.mode === "number" ? info.mode & 0o777 : undefined;
    // Proven and removed again: commands of the run may work in the same folder, and what lies there
    // until the answer comes would be theirs to remove, to change or to wonder about.
    await (await prepareAtomicWrite(target, { mode }))[Symbol.asyncDispose]();
    return replaced(path, target, mode);
  } catch (cause) {
    if (isCodexError(cause)) throw cause;
    throw new CodexError("invalid_usage", `Cannot write "${path}": ${reason(cause)}`, {
      cause,
      hint: deviceHint(cause) ?? "Give another --output-last-message, or make room for it",
    });
  }
}

/** The answer would take the place of the conversation, or go with its lock. */
async function refuseSession(
  target: string,
  info: Deno.FileInfo | undefined,
  session: string,
): Promise<void> {
  const kept = info === undefined ? undefined : await Deno.stat(session).catch(() => undefined);
  const isSame = kept !== undefined && kept.ino !== null && kept.ino === info?.ino &&
    kept.dev === info.dev;
  if (!isSame && target !== session && target !== `${session}.lock`) return;
  throw new CodexError(
    "invalid_usage",
    "--session and --output-last-message name the same file",
    { hint: "Give each a file of its own; the session has the answer, too" },
  );
}

async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // A link that leads nowhere would be replaced by the file.
    const link = await Deno.readLink(path).catch(() => undefined);
    if (link === undefined) return undefined;
    throw new CodexError(
      "invalid_usage",
      `Cannot write "${path}": it is a link that leads to no file`,
      {
        hint: "Make what it leads to, or give another --output-last-message",
      },
    );
  }
}

/** A file that is replaced: `target` is its real path, in a folder that has to be there still. */
function replaced(path: string, target: string, mode: number | undefined): OutputFile {
  return {
    async write(text) {
      try {
        await checkFolder(target);
        await atomicWrite(target, text, { mode });
      } catch (error) {
        if (!isMountPoint(error)) throw unwritten(path, error);
        // A file that is mounted by itself, as into a container, can be overwritten alone.
        await Deno.writeTextFile(target, text).catch((cause) => {
          throw unwritten(path, cause);
        });
      }
    },
  };
}

/** The answer's own line on stdout is not ended before all is told, so this waits until then. */
function ofStream(
  { stdout, stderr }: Pick<Cli, "stdout" | "stderr">,
  isStdout: boolean,
): OutputFile {
  let kept = "";
  return {
    write(text) {
      kept = text;
      return Promise.resolve();
    },
    async end() {
      if (isStdout) await stdout.write(kept);
      else stderr.write(stderr.isTerminal ? visible(kept) : kept);
    },
  };
}

function direct(path: string, signal: AbortSignal): OutputFile {
  return {
    async write(text) {
      try {
        using file = await openFile(path, { write: true }, signal);
        await untilAborted(writeAll(file, new TextEncoder().encode(text)), signal);
      } catch (error) {
        signal.throwIfAborted();
        throw unwritten(path, error);
      }
    },
  };
}

function isMountPoint(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EBUSY";
}

function unwritten(path: string, cause: unknown): CodexError {
  return new CodexError(
    "internal",
    `Cannot write the answer to "${path}": ${reason(cause)}`,
    {
      cause,
      hint: "Make room for it, or take the answer from stdout",
    },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  NotFound: "its folder does not exist",
  PermissionDenied: "permission is denied",
  NotCapable: "Deno does not let this program write it",
  IsADirectory: "it is a folder",
  NotADirectory: "what should be its folder is a file",
  FilesystemLoop: "a link was put where its folder was",
};

function reason(error: unknown): string {
  if (!(error instanceof Error)) return "it cannot be written";
  if ("code" in error && error.code === "ENOSPC") return "no space is left";
  if ("code" in error && error.code === "ELOOP") return "its links form a circle";
  if ("code" in error && error.code === "EROFS") return "it is on a read-only file system";
  return REASONS[error.name] ?? "it cannot be written";
}
