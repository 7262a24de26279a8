/** A store of the caller's own, whose failures are told in our codes. */
import { untilAborted } from "../base/abort.ts";
import { credentialsProblem } from "../base/credential_check.ts";
import type { Credentials, CredentialStore, StoreUpdate } from "../base/credentials.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { redact } from "../base/redact.ts";

/**
 * Wraps a store so that what it throws by itself becomes `store_unavailable`, and what it gives
 * that is no sign-in too; null counts as none. What the callback of an update throws, and the
 * reason of an abort, pass through.
 *
 * A wait for the store's lock ends with the signal, whether the store heeds it or not. Once the
 * callback has begun it is waited for: it may have spent a token that must be kept.
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
        return signInOf(await store.read());
      } catch (error) {
        throw told(error);
      }
    },
    update: (fn, options) => new Update(fn, options?.signal).run(store),
  };
}

/** One update of a store of the caller's own. */
class Update<T> {
  readonly #fn: (current: Credentials | undefined) => Promise<StoreUpdate<T>>;
  readonly #signal: AbortSignal | undefined;
  #begun = false;
  #decided: { readonly value: T } | undefined;
  /** What the callback threw, or refused. */
  #own: { readonly error: unknown } | undefined;

  constructor(
    fn: (current: Credentials | undefined) => Promise<StoreUpdate<T>>,
    signal: AbortSignal | undefined,
  ) {
    this.#fn = fn;
    this.#signal = signal;
  }

  async run(store: CredentialStore): Promise<T> {
    const waiting = new AbortController();
    const onAbort = () => this.#begun || waiting.abort(this.#signal?.reason);
    this.#signal?.addEventListener("abort", onAbort, { once: true });
    if (this.#signal?.aborted) onAbort();
    try {
      const given = await untilAborted(this.#passOn(store), waiting.signal);
      return this.#checked(given);
    } catch (error) {
      if (this.#own !== undefined && this.#own.error === error) throw error;
      if (this.#signal?.aborted && this.#signal.reason === error) throw error;
      throw told(error);
    } finally {
      this.#signal?.removeEventListener("abort", onAbort);
    }
  }

  /** What the store throws at once is no different from what it rejects with. */
  async #passOn(store: CredentialStore): Promise<T> {
    const signal = this.#signal;
    return await store.update((current) => this.#decide(current), { signal });
  }

  async #decide(given: unknown): Promise<StoreUpdate<T>> {
    try {
      // Nobody waits any more for a lock that has come too late.
      this.#signal?.throwIfAborted();
      this.#begun = true;
      const decided = await this.#fn(signInOf(given));
      this.#decided = { value: decided.value };
      return decided;
    } catch (error) {
      this.#own = { error };
      throw error;
    }
  }

  /** Who loses the value may have lost what was to be kept, too. */
  #checked(given: T): T {
    const decided = this.#decided;
    if (decided === undefined) throw odd("its update() does not call what it is given");
    if (given === undefined && decided.value !== undefined) {
      throw odd("its update() does not give back the `value` of what it is given");
    }
    return decided.value;
  }
}

/** What a store gave, if it is a sign-in or nothing. */
function signInOf(given: unknown): Credentials | undefined {
  if (given === undefined || given === null) return undefined;
  const problem = credentialsProblem(given);
  if (problem !== undefined) throw odd(`what it gives is no sign-in: ${problem}`);
  // It has just been looked at.
  return given as Credentials;
}

function odd(how: string): CodexError {
  return new CodexError("store_unavailable", `The credential store does not work: ${how}`, {
    hint: "Hold it against storeContract() of the package's ./testing",
  });
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
