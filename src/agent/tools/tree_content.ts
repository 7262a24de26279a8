/**
 * What files hold, as far as that is needed to tell whether and how they have changed: a checksum
 * of small ones, since many programs write a file anew and change nothing, and their text where it
 * is to be shown. It is bounded in time and size; what is not read is told by its facts alone.
 */
import { factsOf, type FileFacts, isSame } from "./patch/files.ts";

/** The largest file that is read, how much in all, and for how long. */
const LARGEST_FILE = 256 * 1024;
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_MS = 300;

/** What a file holds. */
export interface FileContent {
  /** Tells contents apart, by accident at least. */
  readonly sum: string;
  /** It, where texts are kept and it is one: of a link, where it leads. */
  readonly text?: string;
}

/** How to read. */
export interface ContentOptions {
  /** Whether texts are kept. */
  readonly keepsTexts: boolean;
  /** The time, in milliseconds, that only goes forward. */
  readonly now?: (() => number) | undefined;
}

/** Reads files as long as there is time and room. */
export class ContentReader {
  readonly #keepsTexts: boolean;
  readonly #now: () => number;
  readonly #end: number;
  #left = MOST_BYTES;

  /** Begins the time. */
  constructor({ keepsTexts, now = () => performance.now() }: ContentOptions) {
    this.#keepsTexts = keepsTexts;
    this.#now = now;
    this.#end = now() + MOST_MS;
  }

  /**
   * Reads a file, or where a link leads.
   *
   * @param path Where it is.
   * @param facts What was found there.
   * @returns `undefined` when it is too large, too much by now, not readable, or another one.
   */
  read(path: string, facts: FileFacts): FileContent | undefined {
    if (facts.kind === "link") return linkContent(path, this.#keepsTexts);
    const { size } = facts;
    if (size > LARGEST_FILE || size > this.#left || this.#now() >= this.#end) return undefined;
    const content = readContent(path, facts, this.#keepsTexts);
    if (content !== undefined) this.#left -= size;
    return content;
  }
}

/**
 * Reads a file, whatever its size, or where a link leads.
 *
 * @param path Where it is.
 * @param facts What was found there: what is no regular file is not opened, as a pipe would wait.
 * @param keepsText Whether its text is wanted.
 * @returns `undefined` when it cannot be read, or is another one by now.
 */
export function readContent(
  path: string,
  facts: FileFacts,
  keepsText: boolean,
): FileContent | undefined {
  if (facts.kind === "link") return linkContent(path, keepsText);
  if (facts.kind !== "file") return undefined;
  try {
    using file = Deno.openSync(path, { read: true });
    if (!isSame(factsOf(file.statSync()), facts)) return undefined;
    const bytes = new Uint8Array(facts.size);
    let length = 0;
    while (length < bytes.length) {
      const count = file.readSync(bytes.subarray(length));
      if (count === null) return undefined;
      length += count;
    }
    const text = keepsText ? textOf(bytes) : undefined;
    return { sum: sumOf(bytes), ...(text === undefined ? {} : { text }) };
  } catch {
    return undefined;
  }
}

/** The sum of a text, as of a file that holds it in UTF-8. */
export function sumOfText(text: string): string {
  return sumOf(new TextEncoder().encode(text));
}

function linkContent(path: string, keepsText: boolean): FileContent | undefined {
  try {
    const text = Deno.readLinkSync(path);
    return { sum: `link ${text}`, ...(keepsText ? { text } : {}) };
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  // No text has one, and many a binary file has no other sign at its beginning.
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Two sums of 32 bits (FNV-1a, from two beginnings) and the length: there is no adversary here. */
function sumOf(bytes: Uint8Array): string {
  let one = 0x811c9dc5;
  let two = 0x2f0b4c47;
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193);
    two = Math.imul(two ^ byte, 0x85ebca6b);
    two ^= two >>> 13;
  }
  return `${bytes.length} ${one >>> 0} ${two >>> 0}`;
}
