/** A sign-in from the environment, which keeps nothing by itself. */
import type { Credentials, CredentialStore, StoreUpdate } from "../../base/credentials.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import { memoryStore } from "../../base/memory_store.ts";
import { processEnv } from "../../base/platform.ts";
import { notRenewable } from "../errors.ts";
import { fingerprint, standingMark } from "../refresh.ts";
import { providerKey } from "./auth_file.ts";
import { readEnvCredentials } from "./env_credentials.ts";
import { withMaskedInspect } from "../../base/masked.ts";

/** What becomes of a renewed sign-in. Without either option none is ever renewed. */
export interface EnvStoreOptions {
  /**
   * Takes the renewed sign-in, before it is used. The old one is spent by then: what this does not
   * keep is lost when the process ends. {@linkcode EnvStoreOptions.rotateTo} is safer.
   */
  readonly onRotate?: ((credentials: Credentials) => void | Promise<void>) | undefined;
  /**
   * Keeps the renewed sign-in, under its own lock and with its place proven first. What it holds
   * already counts as long as it is the same account's, younger and not over.
   */
  readonly rotateTo?: CredentialStore | undefined;
  /** The entry to take from a whole credential file; `default` unless given. */
  readonly profile?: string | undefined;
  /** Reads an environment variable. */
  readonly env?: ((name: string) => string | undefined) | undefined;
}

/** A sign-in from the environment. */
export interface EnvStore extends CredentialStore {
  /** The environment. */
  readonly origin: "environment";
  /** Whether it is said where a renewed sign-in goes, and there is one that can be renewed. */
  readonly renewable: boolean;
}

/**
 * Takes the sign-in from `CODEX_ACCESS_TOKEN` or `CODEX_AUTH_JSON`.
 *
 * An access token alone can never be renewed. A whole sign-in can when it is said where the
 * renewed one goes; else `update` rejects with `sign_in_expired` before it asks its callback.
 *
 * @param options Where a renewed sign-in goes.
 * @returns The store. The environment is read at its first use.
 */
export function envStore(options: EnvStoreOptions = {}): EnvStore {
  const { env = processEnv, onRotate, rotateTo } = options;
  const key = providerKey(options.profile);
  let opened: CredentialStore | undefined;

  function open(): CredentialStore {
    if (opened === undefined) {
      const found = readEnvCredentials(env, key);
      const initial = found && withMaskedInspect(found);
      opened = rotateTo === undefined ? inMemory(initial, onRotate) : overlaid(initial, rotateTo);
    }
    return opened;
  }

  function isRenewable(): boolean {
    if (onRotate === undefined && rotateTo === undefined) return false;
    const found = readEnvCredentials(env, key);
    return found?.type === "oauth" && found.refresh !== "";
  }

  return {
    origin: "environment",
    get renewable() {
      return isRenewable();
    },
    read: async () => await open().read(),
    async update(fn, settings) {
      if (!isRenewable()) throw notRenewable("environment");
      return await open().update(fn, settings);
    },
  };
}

interface Outcome<T> {
  readonly value: T;
  /** Why the sign-in could not be handed on. */
  readonly failure?: unknown;
}

/** In memory, with every change handed on. */
function inMemory(
  initial: Credentials | undefined,
  onRotate: EnvStoreOptions["onRotate"],
): CredentialStore {
  const memory = memoryStore(initial);
  return {
    read: () => memory.read(),
    async update<T>(
      fn: (current: Credentials | undefined) => Promise<StoreUpdate<T>>,
      settings?: { readonly signal?: AbortSignal | undefined },
    ) {
      const outcome = await memory.update<Outcome<T>>(async (current) => {
        const { next, value } = await fn(current);
        if (next === undefined || next === current) return { next, value: { value } };
        const masked = withMaskedInspect(next);
        // A failure is told when the lock is free, as this process goes on with the new one.
        const failure = await handOver(masked, onRotate);
        return { next: masked, value: { value, failure } };
      }, settings);
      if (outcome.failure !== undefined) throw outcome.failure;
      return outcome.value;
    },
  };
}

async function handOver(
  credentials: Credentials,
  onRotate: EnvStoreOptions["onRotate"],
): Promise<unknown> {
  try {
    await onRotate?.(credentials);
    return undefined;
  } catch (error) {
    if (isCodexError(error)) return error;
    return new CodexError("store_unavailable", "The renewed sign-in could not be handed on", {
      hint: "Sign in again, and store the new sign-in where this one came from",
      cause: error,
    });
  }
}

/** A store whose content counts once it is a successor of the environment's. */
function overlaid(initial: Credentials | undefined, store: CredentialStore): CredentialStore {
  return {
    read: async () => await latest(initial, await store.read()),
    update: (fn, settings) =>
      store.update(async (stored) => {
        const current = await latest(initial, stored);
        const { next, value } = await fn(current);
        return { next: next === current ? stored : await withSource(next, initial), value };
      }, settings),
  };
}

/** The one that counts. A stored one that is over gives way to another secret than its own. */
async function latest(
  initial: Credentials | undefined,
  stored: Credentials | undefined,
): Promise<Credentials | undefined> {
  const isSuccessor = initial?.type === "oauth" && stored?.type === "oauth" &&
    stored.accountId === initial.accountId && stored.expires >= initial.expires;
  if (!isSuccessor) return initial;
  const mark = await standingMark(stored);
  const isOver = mark !== undefined && mark.from !== await fingerprint(initial.refresh);
  return isOver ? initial : stored;
}

/** Notes beside a sign-in that is over which secret it came from: that one is not tried again. */
async function withSource(
  next: Credentials | undefined,
  initial: Credentials | undefined,
): Promise<Credentials | undefined> {
  if (next?.type !== "oauth" || next.reauth === undefined || initial?.type !== "oauth") return next;
  return { ...next, reauth: { ...next.reauth, from: await fingerprint(initial.refresh) } };
}
