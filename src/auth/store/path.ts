/** Where the credential file is: pure functions over names, no file is touched. */
import { CodexError } from "../../base/errors.ts";
import { isAbsolute, join } from "../../base/path.ts";
import { type Env, isHidden, processEnv } from "../../base/platform.ts";

/** What decides where the credential file is. */
export interface AuthPathOptions {
  /** What `--auth-file` says. */
  readonly authFile?: string | undefined;
  /** Reads an environment variable; an empty one counts as absent. */
  readonly env: Env;
  /** The operating system, in Deno's names. */
  readonly os: string;
}

/**
 * The path of the credential file: `--auth-file`, `CODEX_AUTH_FILE`, else `codex/auth.json` where
 * this system keeps a user's data.
 *
 * @param options The flag, the environment and the operating system.
 * @returns The path.
 * @throws CodexError `invalid_usage` when the environment names no home, or may not be read.
 */
export function authFilePath({ authFile, env, os }: AuthPathOptions): string {
  const named = authFile || env("CODEX_AUTH_FILE");
  if (named) return named;
  if (os === "windows") return join(os, home(env, os, "LOCALAPPDATA"), "codex", "auth.json");
  // The XDG specification has a relative path ignored.
  const data = env("XDG_DATA_HOME") ?? "";
  const folder = isAbsolute(os, data) ? data : join(os, home(env, os, "HOME"), ".local", "share");
  return join(os, folder, "codex", "auth.json");
}

/**
 * The path of the official tool's credential file: `auth.json` in `CODEX_HOME`, else in `.codex`
 * in the home folder.
 */
export function officialAuthPath(env: Env, os: string): string {
  const folder = env("CODEX_HOME") ||
    join(os, home(env, os, os === "windows" ? "USERPROFILE" : "HOME"), ".codex");
  return join(os, folder, "auth.json");
}

function home(env: Env, os: string, variable: string): string {
  const path = env(variable) ?? "";
  if (isAbsolute(os, path)) return path;
  if (env === processEnv && isHidden(variable)) {
    throw new CodexError(
      "invalid_usage",
      `Cannot tell where the sign-in is kept: Deno does not let this program read ${variable}`,
      { hint: `Run it with --allow-env=${variable}, or name the file: fileStore(path)` },
    );
  }
  throw new CodexError(
    "invalid_usage",
    `Cannot tell where the sign-in is kept: ${variable} is not set to an absolute path`,
    { hint: `Set ${variable}, or name the file with --auth-file or CODEX_AUTH_FILE` },
  );
}

/** Whether a path is opencode's own credential file, which its owner writes without a lock. */
export function isOpencodePath(path: string): boolean {
  return /(?:^|[\\/])opencode[\\/]auth\.json$/.test(path);
}

/**
 * A path as text.
 *
 * @throws CodexError `invalid_usage` for an address that is no file.
 */
export function pathText(path: string | URL, os: string): string {
  if (typeof path === "string") return path;
  if (path.protocol !== "file:") {
    throw new CodexError("invalid_usage", `A credential file cannot be at ${path.protocol}`, {
      hint: "Give a path or a file: address",
    });
  }
  const text = decodeURIComponent(path.pathname);
  return os === "windows" ? text.replace(/^\/(?=[A-Za-z]:)/, "").replaceAll("/", "\\") : text;
}
