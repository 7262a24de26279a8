/** What a credential file holds at one moment. */
import { type Clock, sleep } from "../../base/clock.ts";
import type { Credentials } from "../../base/credentials.ts";
import { type Entry, readEntry } from "./auth_file.ts";
import { refused } from "./problems.ts";
import { readTarget, type Target } from "./target.ts";

/** What a credential file holds at one moment. */
export interface FileState {
  /** The whole text; empty when there is no file. */
  readonly text: string;
  /** The sign-in under our key, if there is one. */
  readonly credentials: Credentials | undefined;
  /** The text of that entry, if there is one. */
  readonly raw: string | undefined;
}

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 40;
const MOVE_AWAY = "Move it away, then sign in again with: codex login";
const NO_TEXT: Entry = {
  usable: false,
  why: "it is damaged or something else: it is no UTF-8 text",
};

/**
 * Reads a credential file.
 *
 * @param target The file.
 * @param key The key of our entry.
 * @param clock Measures the pauses, of which there are none unless the file looks damaged.
 * @throws CodexError `store_unavailable` when it is damaged or somebody else's.
 */
export async function readState(target: Target, key: string, clock: Clock): Promise<FileState> {
  for (let pause = FIRST_PAUSE_MS;; pause *= 2) {
    const bytes = await readTarget(target);
    if (bytes === undefined) return { text: "", credentials: undefined, raw: undefined };
    const text = decode(bytes);
    const entry = text === undefined ? NO_TEXT : readEntry(text, key);
    // Empty or damaged: opencode and editors write in place, and may be in the middle of it.
    if (pause <= LAST_PAUSE_MS && (!entry.usable || bytes.length === 0)) {
      await sleep(clock, pause);
    } else if (entry.usable) {
      return { text: text ?? "", credentials: entry.credentials, raw: entry.raw };
    } else {
      throw refused(target.path, entry.why, MOVE_AWAY);
    }
  }
}

/** The text, a byte order mark included: it stays in the file when that is written again. */
function decode(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(withoutClaim(bytes));
  } catch {
    return undefined;
  }
}

const BLANK = 0x20;
const CLAIM_BYTES = 1024;

/** Leaves out the blanks with which a write in place claims its space; see `in_place.ts`. */
function withoutClaim(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const end = bytes.findLastIndex((byte) => byte !== BLANK) + 1;
  return bytes.length - end < CLAIM_BYTES ? bytes : bytes.subarray(0, end);
}
