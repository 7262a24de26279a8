/** Text out of bytes that arrive in pieces, with the place of the first byte that is no UTF-8. */
import { CodexError } from "../base/errors.ts";

/** Collects UTF-8, strictly: a byte order mark stays, a broken sequence is an error. */
export class Utf8Text {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #take: ((text: string) => void) | undefined;
  readonly #pieces: string[] = [];
  /** The last bytes of the piece before: an unfinished sequence may begin there. */
  #tail: Uint8Array = new Uint8Array();
  readonly #what: string;
  #bytes = 0;

  /**
   * @param what What it is the text of, for the error.
   * @param take Given the text as it comes; it is not collected then.
   */
  constructor(what: string = "Stdin", take?: (text: string) => void) {
    this.#what = what;
    this.#take = take;
  }

  /** How many bytes were added. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds bytes; they are copied.
   *
   * @throws CodexError `invalid_usage` with the offset of the first byte that is no UTF-8.
   */
  add(bytes: Uint8Array): void {
    try {
      this.#keep(this.#decoder.decode(bytes, { stream: true }));
    } catch {
      throw this.#broken(bytes);
    }
    this.#bytes += bytes.length;
    this.#tail = (bytes.length < 3 ? join(this.#tail, bytes) : bytes).slice(-3);
  }

  /**
   * The text.
   *
   * @throws CodexError `invalid_usage` when it ends in the middle of a character.
   */
  end(): string {
    try {
      this.#keep(this.#decoder.decode());
    } catch {
      throw this.#broken(new Uint8Array());
    }
    return this.#pieces.join("");
  }

  #keep(text: string): void {
    if (this.#take === undefined) this.#pieces.push(text);
    else this.#take(text);
  }

  #broken(bytes: Uint8Array): CodexError {
    // The tail before may begin in the middle of a character that is whole: skip its rest.
    let start = 0;
    while (start < this.#tail.length && isContinuation(this.#tail[start])) start++;
    const carried = this.#tail.subarray(start);
    const offset = this.#bytes - carried.length + firstInvalid(join(carried, bytes));
    return new CodexError(
      "invalid_usage",
      `${this.#what} is not UTF-8: byte ${offset} is not valid`,
      {
        hint: "Convert it first, for example with: iconv -t UTF-8",
      },
    );
  }
}

function join(one: Uint8Array, two: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + two.length);
  both.set(one);
  both.set(two, one.length);
  return both;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/**
 * The offset of the first byte of a sequence that is no UTF-8 (RFC 3629, 4), or the length.
 *
 * @param bytes Begins at the beginning of a sequence.
 */
export function firstInvalid(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead >> 5 === 6 ? 2 : lead >> 4 === 14 ? 3 : 4;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4) return at;
    const second = bytes[at + 1] ?? 0;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (length > 1 && (second < low || second > high)) return at;
    for (let rest = 2; rest < length; rest++) {
      if (!isContinuation(bytes[at + rest])) return at;
    }
    at += length;
  }
  return bytes.length;
}
