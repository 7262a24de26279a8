/** Which store a call uses: the caller's own, a borrowed sign-in, the environment's, or the file. */
import { notSignedIn } from "../auth/errors.ts";
import { codexCliStore } from "../auth/store/codex_cli_store.ts";
import {
  ACCESS_TOKEN_VARIABLE,
  AUTH_JSON_VARIABLE,
  hasEnvCredentials,
} from "../auth/store/env_credentials.ts";
import { envStore } from "../auth/store/env_store.ts";
import { fileStore } from "../auth/store/file_store.ts";
import { authFilePath } from "../auth/store/path.ts";
import type { Clock } from "../base/clock.ts";
import type { CredentialStore } from "../base/credentials.ts";
import { CodexError } from "../base/errors.ts";
import { memoryStore } from "../base/memory_store.ts";
import { type Env, machine, needDeno } from "../base/platform.ts";
import { guardedStore } from "./guarded_store.ts";

/** Another source of the sign-in, which has to be asked for by name. */
export type AuthSource = "codex-cli" | "api-key";

/** What decides which store is used. */
export interface StoreChoiceOptions {
  /** The caller's own store. */
  readonly store?: CredentialStore | undefined;
  /** Another source, asked for by name. */
  readonly auth?: AuthSource | undefined;
  /** The credential file, asked for by name. */
  readonly authFile?: string | undefined;
  /** Where a renewed sign-in of the environment goes. */
  readonly rotateTo?: string | undefined;
  /** Keeps to the file, whatever the environment holds: for signing in and out. */
  readonly fileOnly?: boolean | undefined;
  /** The profile. */
  readonly profile: string;
  /** Reads the environment. */
  readonly env: Env;
  /** Measures waits. */
  readonly clock: Clock;
  /** Told what is not as it should be without being in the way. */
  readonly onWarning: ((message: string) => void) | undefined;
}

/** A store, and the file behind it where it is the command's own kind. */
export interface StoreChoice {
  /** The store. */
  readonly store: CredentialStore;
  /** The credential file, for what is kept beside it. */
  readonly path: string | undefined;
}

/** Whole sign-ins in the environment; keys for billing are no part of them. */
export const SIGN_IN_VARIABLES: readonly string[] = [ACCESS_TOKEN_VARIABLE, AUTH_JSON_VARIABLE];

/** API keys in the environment, which count only when asked for. */
const KEY_VARIABLES: readonly string[] = ["CODEX_API_KEY", "OPENAI_API_KEY"];

/**
 * Chooses the store. What is asked for by name comes first, then a sign-in of the environment,
 * then the file. An API key of the environment is never used by itself: it is billed.
 *
 * @param options What is asked for, and what there is.
 * @throws CodexError `invalid_usage` for choices that exclude each other.
 */
export function chooseStore(options: StoreChoiceOptions): StoreChoice {
  const { store, auth, authFile, rotateTo, profile, env, clock, onWarning } = options;
  if (store !== undefined) return { store: guardedStore(store), path: pathOf(store) };
  refuseTwoSources(options);
  if (auth === "codex-cli") return { store: codexCliStore({ env }), path: undefined };
  if (auth === "api-key") return { store: keyStore(env), path: undefined };
  if (hasEnvCredentials(env) && authFile === undefined && !options.fileOnly) {
    const kept = rotateTo === undefined
      ? undefined
      : fileStore({ path: rotateTo, profile, clock, env, onWarning });
    return { store: envStore({ env, profile, rotateTo: kept }), path: undefined };
  }
  needDeno("The credential file", "Give a store: memoryStore(), or one of your own");
  const path = authFilePath({ authFile, env, os: machine().os });
  return { store: fileStore({ path, profile, clock, env, onWarning }), path };
}

/** Refuses to choose between two sources that were both asked for by name. */
function refuseTwoSources({ auth, authFile, rotateTo, env }: StoreChoiceOptions): void {
  const named = [
    ...(auth === undefined ? [] : [`--auth ${auth}`]),
    ...(authFile === undefined ? [] : ["--auth-file"]),
    ...(rotateTo === undefined ? [] : ["--rotate-to"]),
  ];
  if (named.length > 1) {
    throw new CodexError("invalid_usage", `${named.join(" and ")} exclude each other`, {
      hint: "Give one of them",
    });
  }
  if (rotateTo !== undefined && env(AUTH_JSON_VARIABLE) === undefined) {
    throw new CodexError("invalid_usage", "There is no whole sign-in in the environment to renew", {
      hint: `Set ${AUTH_JSON_VARIABLE}, or leave --rotate-to out`,
    });
  }
}

/** Where a store of the caller's keeps its file, if it is one of ours. */
function pathOf(store: CredentialStore): string | undefined {
  return store.origin === "file" && "path" in store && typeof store.path === "string"
    ? store.path
    : undefined;
}

function keyStore(env: Env): CredentialStore {
  const key = KEY_VARIABLES.map(env).find((value) => value !== undefined);
  const inMemory = memoryStore(key === undefined ? undefined : { type: "api", key });
  return {
    origin: "environment",
    renewable: false,
    async read() {
      const credentials = await inMemory.read();
      if (credentials === undefined) {
        throw new CodexError("not_signed_in", "There is no API key in the environment", {
          hint: `Set ${KEY_VARIABLES.join(" or ")}`,
        });
      }
      return credentials;
    },
    update: () => Promise.reject(notSignedIn()),
  };
}
