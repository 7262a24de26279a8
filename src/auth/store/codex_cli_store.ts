/** The official tool's sign-in, borrowed: read, and never written, locked or renewed. */
import type { CredentialStore } from "../../base/credentials.ts";
import { CodexError } from "../../base/errors.ts";
import { parseJson } from "../../base/json.ts";
import { type Env, machine, processEnv } from "../../base/platform.ts";
import { notRenewable } from "../errors.ts";
import { withMaskedInspect } from "../../base/masked.ts";
import { readOfficialAuth } from "./official_auth.ts";
import { officialAuthPath } from "./path.ts";
import { refused, unavailable } from "./problems.ts";
import { readTarget } from "./target.ts";

/** Where the official tool keeps its sign-in. */
export interface CodexCliStoreOptions {
  /** The file; `auth.json` in `CODEX_HOME`, else in `~/.codex`, unless given. */
  readonly path?: string | undefined;
  /** Reads the environment variables that name it. */
  readonly env?: Env | undefined;
}

/** The official tool's sign-in. */
export interface CodexCliStore extends CredentialStore {
  /** The official tool's file. */
  readonly origin: "codex-cli";
  /** Nothing is ever renewed. */
  readonly renewable: false;
  /** The file. */
  readonly path: string;
}

const SIGN_IN = "Sign in with the official tool, or here with: codex login";

/**
 * Borrows the official tool's ChatGPT sign-in while its access token is valid.
 *
 * Its refresh token is left out: the service takes each one once, and the tool whose token
 * somebody else has spent is signed out.
 *
 * @param options Where it is.
 * @returns The store, whose `update` always rejects with `sign_in_expired`.
 */
export function codexCliStore(options: CodexCliStoreOptions = {}): CodexCliStore {
  const { env = processEnv } = options;
  const path = options.path ?? officialAuthPath(env, machine().os);
  return {
    origin: "codex-cli",
    renewable: false,
    path,
    async read() {
      const found = readOfficialAuth(parseJson(await readBorrowed(path)));
      if (found === undefined) {
        throw refused(path, "it is damaged or something else: it is no JSON object", SIGN_IN);
      }
      if (found.kind === "chatgpt") {
        return withMaskedInspect({ ...found.credentials, refresh: "" });
      }
      throw notBorrowed(path, found);
    },
    update: () => Promise.reject(notRenewable("codex-cli")),
  };
}

async function readBorrowed(path: string): Promise<string> {
  let info: Deno.FileInfo | undefined;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unavailable("Cannot read", path, error);
  }
  if (info !== undefined && !info.isFile) {
    throw refused(path, "it is no regular file", SIGN_IN);
  }
  const bytes = await readTarget({ path, info });
  if (bytes === undefined) {
    throw new CodexError("not_signed_in", `The official tool has no sign-in in "${path}"`, {
      hint: SIGN_IN,
    });
  }
  return new TextDecoder().decode(bytes);
}

function notBorrowed(
  path: string,
  found: { readonly kind: "api-key" | "empty" } | { readonly kind: "other"; readonly what: string },
): CodexError {
  switch (found.kind) {
    case "empty":
      return new CodexError("not_signed_in", `The official tool is not signed in ("${path}")`, {
        hint: SIGN_IN,
      });
    case "api-key":
      return new CodexError(
        "not_signed_in",
        `The official tool uses an API key ("${path}"), and only a ChatGPT sign-in is borrowed`,
        { hint: "Store the key here with: codex login --with-api-key" },
      );
    case "other":
      return new CodexError(
        "not_signed_in",
        `The official tool uses ${found.what} ("${path}"), and only a ChatGPT sign-in is borrowed`,
        { hint: SIGN_IN },
      );
  }
}
