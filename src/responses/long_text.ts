/**
 * A text so long that it must not be held several times: read, decoded, escaped and encoded piece
 * by piece, so that the body of a request can be put together without ever making one string of it.
 *
 * 32 MiB of stdin took 270 MB as a string, and take up to 120 MB so, of which 57 are the runtime's
 * own (Deno 2.9.6).
 */
import type { TextPart } from "./options.ts";

/** So much at a time is handed to the platform, which keeps it outside of the heap. */
const BLOB_BYTES = 64 * 1024;

/** A {@linkcode TextPart} that is kept as the inside of a JSON string, in UTF-8. */
export class LongText implements TextPart {
  /** As any other text. */
  readonly type = "text";
  readonly #encoder = new TextEncoder();
  readonly #blobs: Blob[] = [];
  // One buffer for all pieces: what is left to be collected counts against the memory too.
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array();
  #bytes = 0;

  /**
   * Adds some text.
   *
   * @param text Does not begin or end within a surrogate pair.
   */
  add(text: string): void {
    if (this.#buffer.length === 0) this.#buffer = new Uint8Array(BLOB_BYTES);
    let rest = JSON.stringify(text.toWellFormed()).slice(1, -1);
    while (rest !== "") {
      const { read, written } = this.#encoder.encodeInto(rest, this.#buffer.subarray(this.#bytes));
      this.#bytes += written;
      rest = rest.slice(read);
      if (rest !== "") this.#pack();
    }
  }

  /** Not to be had: whoever needs one string collects one. */
  get text(): string {
    throw new TypeError("A long text is not held as a string");
  }

  /** It as the inside of a JSON string, in pieces. */
  get json(): readonly Blob[] {
    if (this.#bytes > 0) this.#pack();
    return this.#blobs;
  }

  #pack(): void {
    this.#blobs.push(new Blob([this.#buffer.subarray(0, this.#bytes)]));
    this.#bytes = 0;
  }
}

/**
 * A value as JSON.
 *
 * @param value JSON, with a {@linkcode LongText} where a string may stand.
 * @returns A string, or a blob where there was a long text.
 */
export function jsonBody(value: unknown): string | Blob {
  const long: LongText[] = [];
  // Nobody can have typed it.
  const mark = crypto.randomUUID();
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (!(member instanceof LongText)) return member;
    long.push(member);
    return mark;
  });
  if (long.length === 0) return text;
  return new Blob(
    text.split(mark).flatMap((between, index) => [...long[index - 1]?.json ?? [], between]),
  );
}
