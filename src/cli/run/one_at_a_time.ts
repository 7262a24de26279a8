/** One question at a time, whichever run asks it: an answer counts for the question that it stands under. */
import { acquireLock } from "../../auth/lock.ts";
import type { Clock } from "../../base/clock.ts";
import type { Messages } from "../output.ts";

/** After how long the wait is told, in milliseconds. */
const NOTICE_MS = 300;

/** Waits until no other run of this user asks. What it gives ends the turn. */
export type Turn = (signal: AbortSignal) => Promise<Disposable>;

/**
 * Makes turns of a lock file. Where there can be none, nobody waits.
 *
 * @param path The lock file; its folder is there.
 * @param clock Measures the wait.
 * @param messages Where it is told.
 */
export function turnsBy(path: string, clock: Clock, messages: Messages): Turn {
  return async (signal) => {
    const cancel = clock.after(NOTICE_MS, () => {
      messages.line("codex: another run is asking; this one waits for its turn");
    });
    try {
      return await acquireLock(path, { clock, signal, timeoutMs: Infinity });
    } catch {
      signal.throwIfAborted();
      return { [Symbol.dispose]() {} };
    } finally {
      cancel();
    }
  };
}
