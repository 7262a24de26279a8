/** A store of the caller's own, whose failures are told in our codes. */
import type { Credentials, CredentialStore, StoreUpdate } from "../base/credentials.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { redact } from "../base/redact.ts";

/**
 * Wraps a store so that what it throws by itself becomes `store_unavailable`. What the callback of
 * an update throws, and the reason of an abort, pass through.
 *
 * @param store The caller's store.
 */
export function guardedStore(store: CredentialStore): CredentialStore {
  const { origin } = store;
  return {
    ...(origin === undefined ? {} : { origin }),
    // Asked each time: it may depend on what the environment holds then.
    get renewable() {
      return store.renewable ?? true;
    },
    async read() {
      try {
        return await store.read();
      } catch (error) {
        throw told(error);
      }
    },
    async update<T>(
      fn: (current: Credentials | undefined) => Promise<StoreUpdate<T>>,
      options: { readonly signal?: AbortSignal | undefined } = {},
    ): Promise<T> {
      let own: { readonly error: unknown } | undefined;
      try {
        return await store.update(async (current) => {
          try {
            return await fn(current);
          } catch (error) {
            own = { error };
            throw error;
          }
        }, options);
      } catch (error) {
        if (own !== undefined && own.error === error) throw error;
        if (options.signal?.aborted && options.signal.reason === error) throw error;
        throw told(error);
      }
    },
  };
}

function told(error: unknown): unknown {
  if (isCodexError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  const line = redact(why).split("\n", 1)[0]?.slice(0, 200) || "it gives no reason";
  return new CodexError("store_unavailable", `The credential store failed: ${line}`, {
    cause: error,
    hint: "Look at the store that was given, then try again",
  });
}
