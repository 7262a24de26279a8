/** Puts what a file system says into a sentence, and says what to do about it. */
import { CodexError, isCodexError } from "../../base/errors.ts";

/** What went wrong with a file, in words. */
export interface Problem {
  /** Why, as the end of a sentence. */
  readonly why: string;
  /** What to do about it. */
  readonly hint: string;
}

const ELSEWHERE = "or name another file with --auth-file or CODEX_AUTH_FILE";

// By the errno's name, which Deno 2.9.6 gives as `code` with each of these (tried one by one).
const PROBLEMS: Readonly<Record<string, Problem>> = {
  ENOSPC: { why: "no space is left on its disk", hint: `Free some space there, ${ELSEWHERE}` },
  EDQUOT: { why: "the disk quota is used up", hint: `Free some space there, ${ELSEWHERE}` },
  EROFS: { why: "its file system is read-only", hint: `Make it writable, ${ELSEWHERE}` },
  EACCES: {
    why: "permission is denied",
    hint: `Check who owns it and its folder, ${ELSEWHERE}`,
  },
  EPERM: {
    why: "the operation is not permitted",
    hint: `Check who owns it and its folder, ${ELSEWHERE}`,
  },
  EBUSY: {
    why: "it is mounted by itself and cannot be replaced",
    hint: `Mount the folder instead of the file, ${ELSEWHERE}`,
  },
  ENOENT: { why: "its folder is missing", hint: `Create the folder, ${ELSEWHERE}` },
  EISDIR: { why: "a folder is in its place", hint: `Move the folder away, ${ELSEWHERE}` },
  EEXIST: { why: "a file is in the place of its folder", hint: `Move it away, ${ELSEWHERE}` },
  ENOTDIR: { why: "a part of its path is not a folder", hint: `Correct the path, ${ELSEWHERE}` },
  ELOOP: { why: "its symbolic links form a circle", hint: `Correct the links, ${ELSEWHERE}` },
  ENAMETOOLONG: { why: "its name is too long", hint: `Name a shorter one, ${ELSEWHERE}` },
  EIO: { why: "its disk reports an error", hint: `Check the disk, ${ELSEWHERE}` },
};

/** The name of the errno behind an error, such as `ENOSPC`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** What went wrong, in words. */
export function problemOf(error: unknown): Problem {
  const code = errnoOf(error) ?? "";
  if (Object.hasOwn(PROBLEMS, code)) {
    const known = PROBLEMS[code];
    if (known) return known;
  }
  return { why: firstLine(error), hint: `Check the file and its folder, ${ELSEWHERE}` };
}

/**
 * The error for a file that cannot be used.
 *
 * @param what What could not be done, such as `Cannot read`.
 * @param path The file.
 * @param error What the platform threw.
 * @returns A `store_unavailable` error; an error of ours, a refused permission and anything that
 * is not an `Error` come back unchanged.
 */
export function unavailable(what: string, path: string, error: unknown): unknown {
  if (isCodexError(error) || !(error instanceof Error)) return error;
  if (error.name === "NotCapable" || error.name === "AbortError") return error;
  const { why, hint } = problemOf(error);
  return new CodexError("store_unavailable", `${what} "${path}": ${why}`, { hint, cause: error });
}

/** The error for a file that is not what it should be. */
export function refused(path: string, why: string, hint: string): CodexError {
  return new CodexError("store_unavailable", `Cannot use "${path}": ${why}`, { hint });
}

/** The platform's own words, without the backtrace that it may add. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}
