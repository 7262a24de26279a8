/** A place for one sign-in that several processes share, as a file with a lock beside it is. */
import type { Credentials, CredentialStore, StoreUpdate } from "../../src/base/credentials.ts";
import { CodexError } from "../../src/base/errors.ts";
import { memoryStore } from "../../src/base/memory_store.ts";

/** What the place holds, and what was done to it. */
export class SharedStore {
  /** What it holds now. */
  held: Credentials | undefined;
  /** How often it was changed under the lock. */
  saves = 0;
  /** Set to make every read fail, as a file does that is being written. */
  damaged = false;
  /** Set to make every save fail; the process that saved keeps the sign-in for itself. */
  full = false;
  /** Set for a store that overwrites what a program without the lock has put there meanwhile. */
  careless = false;
  /** Called when a process has got the lock, before it reads. */
  onLock: () => void | Promise<void> = () => {};
  // It holds nothing here: what it lends is the order in which updates are let in.
  readonly #lock = memoryStore();

  constructor(held?: Credentials) {
    this.held = held;
  }

  /** What one process works with. */
  open(): CredentialStore {
    let unsaved: Credentials | undefined;
    return {
      read: () => {
        if (this.damaged) return Promise.reject(damaged());
        return Promise.resolve(unsaved ?? this.held);
      },
      update: (fn, options) =>
        this.locked(async () => {
          const found = this.held;
          const before = unsaved ?? found;
          const { next, value } = await fn(before);
          if (next === before) return value;
          const overruled = this.held !== found && refreshOf(next) === refreshOf(before);
          if (overruled && !this.careless) throw changed();
          if (this.full) {
            unsaved = next;
            throw full();
          }
          this.held = next;
          this.saves++;
          return value;
        }, options?.signal),
    };
  }

  /** Does something with the lock held. */
  locked<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#lock.update<T>(async (): Promise<StoreUpdate<T>> => {
      await this.onLock();
      return { next: undefined, value: await work() };
    }, { signal });
  }
}

function refreshOf(credentials: Credentials | undefined): string | undefined {
  return credentials?.type === "oauth" ? credentials.refresh : undefined;
}

/** As a file store has it: what a program without the lock has put there counts, if it is newer. */
function changed(): CodexError {
  return new CodexError("store_unavailable", "Another program has changed the sign-in meanwhile");
}

function damaged(): CodexError {
  return new CodexError("store_unavailable", "The store is damaged");
}

function full(): CodexError {
  return new CodexError("store_unavailable", "Cannot save the sign-in: no space is left", {
    hint: "Free some space",
  });
}
