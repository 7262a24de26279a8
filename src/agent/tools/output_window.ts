/** Keeps the head and the tail of a text of any length, in memory that does not grow with it. */

/** Bytes of a token, about: what the service counts in, and nothing here can count exactly. */
const BYTES_PER_TOKEN = 4;

/** How much of a command's output a model is given, in tokens, as by the official tool. */
const MAX_TOKENS = 10_000;

/** How far a cut may move to be between two lines, in bytes. */
const LINE_SEARCH = 2048;

/** What there is to see of a text. */
export interface Windowed {
  /** All of it, or head and tail with a line between them that says how much is missing. */
  readonly text: string;
  /** How many lines the whole has. */
  readonly lines: number;
  /** Whether something is missing. */
  readonly truncated: boolean;
}

/** Takes a text in pieces. */
export class OutputWindow {
  readonly #encoder = new TextEncoder();
  readonly #head: Uint8Array;
  /** A ring: the byte after the newest one is at `#total % length`, counted from the head's end. */
  readonly #tail: Uint8Array;
  #total = 0;
  #lineEnds = 0;
  #endsLine = true;

  /** @param maxBytes How much to keep, half of it as the head. */
  constructor(maxBytes: number = MAX_TOKENS * BYTES_PER_TOKEN) {
    this.#head = new Uint8Array(Math.ceil(maxBytes / 2));
    this.#tail = new Uint8Array(Math.floor(maxBytes / 2));
  }

  /** Adds a piece. */
  add(text: string): void {
    if (text === "") return;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lineEnds++;
    this.#endsLine = text.endsWith("\n");
    const bytes = this.#encoder.encode(text);
    const free = Math.max(0, this.#head.length - this.#total);
    this.#head.set(bytes.subarray(0, free), Math.min(this.#total, this.#head.length));
    this.#addToTail(bytes.subarray(free), Math.max(0, this.#total - this.#head.length));
    this.#total += bytes.length;
  }

  #addToTail(bytes: Uint8Array, before: number): void {
    const size = this.#tail.length;
    if (size === 0) return;
    // What would be overwritten by the same piece need not be written at all.
    const kept = bytes.subarray(Math.max(0, bytes.length - size));
    const at = (before + bytes.length - kept.length) % size;
    const first = kept.subarray(0, size - at);
    this.#tail.set(first, at);
    this.#tail.set(kept.subarray(first.length), 0);
  }

  /** What there is to see of what was added so far. */
  end(): Windowed {
    const lines = this.#lineEnds + (this.#endsLine ? 0 : 1);
    const { length } = this.#head;
    const inHead = Math.min(this.#total, length);
    const tail = this.#orderedTail(this.#total - inHead);
    if (inHead + tail.length === this.#total) {
      const whole = new Uint8Array(this.#total);
      whole.set(this.#head.subarray(0, inHead));
      whole.set(tail, inHead);
      return { text: decode(whole), lines, truncated: false };
    }
    const head = this.#head.subarray(0, headEnd(this.#head));
    const rest = tail.subarray(tailStart(tail));
    const missing = this.#total - head.length - rest.length;
    const tokens = Math.ceil(missing / BYTES_PER_TOKEN);
    const above = decode(head);
    const gap = `${above.endsWith("\n") ? "" : "\n"}…${tokens} tokens truncated…\n`;
    return { text: above + gap + decode(rest), lines, truncated: true };
  }

  /** The newest bytes of the tail, the oldest of them first. */
  #orderedTail(added: number): Uint8Array {
    const size = this.#tail.length;
    if (added <= size) return this.#tail.slice(0, added);
    const at = added % size;
    const ordered = new Uint8Array(size);
    ordered.set(this.#tail.subarray(at));
    ordered.set(this.#tail.subarray(0, at), size - at);
    return ordered;
  }
}

const NEWLINE = 0x0a;

/** Where a head can end: after a line, else before the character that would be cut. */
function headEnd(bytes: Uint8Array): number {
  const newline = bytes.lastIndexOf(NEWLINE);
  if (newline >= 0 && newline >= bytes.length - LINE_SEARCH) return newline + 1;
  let at = bytes.length;
  while (at > 0 && isContinuation(bytes[at - 1])) at--;
  // The character that begins here may be whole after all.
  const lead = bytes[at - 1] ?? 0;
  const wanted = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return bytes.length - (at - 1) >= wanted ? bytes.length : Math.max(0, at - 1);
}

/** Where a tail can begin: after a line end, else at a character. */
function tailStart(bytes: Uint8Array): number {
  const newline = bytes.indexOf(NEWLINE);
  if (newline >= 0 && newline < LINE_SEARCH && newline + 1 < bytes.length) return newline + 1;
  let at = 0;
  while (isContinuation(bytes[at])) at++;
  return at;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
