import { untilAborted } from "./abort.ts";
import { checkCredentials, checkUpdate } from "./credential_check.ts";
import type { Credentials, CredentialStore } from "./credentials.ts";
import { withMaskedInspect } from "./masked.ts";

/** A {@linkcode CredentialStore} in memory, with a look inside for tests. */
export interface MemoryStore extends CredentialStore {
  /** What the store holds now. */
  snapshot(): Credentials | undefined;
}

/**
 * Keeps a sign-in in memory, for this process alone. What it gives shows no secret when printed.
 *
 * @param initial What it holds at first.
 * @returns The store.
 * @throws CodexError `invalid_usage` for what is no sign-in.
 *
 * @example A store that begins with an API key
 * ```ts
 * import { memoryStore } from "@x/codex";
 *
 * const store = memoryStore({ type: "api", key: "sk-example" });
 * console.log((await store.read())?.type); // "api"
 * ```
 */
export function memoryStore(initial?: Credentials): MemoryStore {
  if (initial !== undefined) checkCredentials(initial, "What a store shall hold at first");
  let held = initial && withMaskedInspect(initial);
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: () => Promise.resolve(held),
    snapshot: () => held,
    async update(fn, options) {
      const before = last;
      const { promise: done, resolve } = Promise.withResolvers<void>();
      last = done;
      try {
        options?.signal?.throwIfAborted();
        await untilAborted(before, options?.signal);
        const decided = await fn(held);
        checkUpdate(decided, held);
        const { next, value } = decided;
        if (next !== held) held = next && withMaskedInspect(next);
        return value;
      } finally {
        // Whoever queued behind us still waits for the one before us, should we have given up.
        before.finally(resolve);
      }
    },
  };
}
