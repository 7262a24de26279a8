import type { Credentials, CredentialStore } from "./credentials.ts";

/** A {@linkcode CredentialStore} in memory, with a look inside for tests. */
export interface MemoryStore extends CredentialStore {
  /** What the store holds now. */
  snapshot(): Credentials | undefined;
}

/**
 * Keeps a sign-in in memory, for this process alone.
 *
 * @param initial What it holds at first.
 * @returns The store.
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
  let held = initial;
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: () => Promise.resolve(held),
    snapshot: () => held,
    async update(fn, options) {
      const before = last;
      const { promise: done, resolve } = Promise.withResolvers<void>();
      last = done;
      try {
        await settled(before, options?.signal);
        const { next, value } = await fn(held);
        held = next;
        return value;
      } finally {
        // Whoever queued behind us still waits for the one before us, should we have given up.
        before.finally(resolve);
      }
    },
  };
}

/** Waits for a promise that never rejects, or until the signal ends the wait. */
async function settled(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (signal === undefined) return void await turn;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([turn, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
