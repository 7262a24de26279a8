/**
 * Tells what a command prints from what was printed before it: complaints of bubblewrap and of the
 * shell. Both come the same way, so that no other way leads out of the sandbox; a line between
 * them says that the command begins, and nothing after it is taken for a complaint.
 */

/** The line, without its end. */
export const BEGUN = "codex: the command begins";

/** A stream of both. */
export interface BegunStream {
  /** What the command prints. */
  readonly output: AsyncIterable<Uint8Array>;
  /** What was printed before; of a command that never began, all of it. */
  readonly before: () => string;
  /** Whether the command has begun. */
  readonly begun: () => boolean;
}

/** As much of a complaint as is kept, in characters. */
const MOST_BEFORE = 4000;

/**
 * Splits a stream at the line.
 *
 * @param stream What comes out of the sandbox.
 */
export function splitAtBegun(stream: ReadableStream<Uint8Array>): BegunStream {
  let before = "";
  let begun = false;
  async function* rest(): AsyncGenerator<Uint8Array> {
    for await (const bytes of stream) {
      if (begun) {
        yield bytes;
        continue;
      }
      // One character a byte, so that places in the text are places in the bytes.
      const text = before + Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
      const at = `\n${text}`.indexOf(`\n${BEGUN}\n`);
      begun = at >= 0;
      if (!begun) {
        before = text.slice(0, MOST_BEFORE) + text.slice(MOST_BEFORE).slice(-BEGUN.length - 2);
        continue;
      }
      const output = bytes.subarray(at + BEGUN.length + 1 - before.length);
      before = text.slice(0, at);
      if (output.length > 0) yield output;
    }
  }
  return { output: rest(), before: () => before, begun: () => begun };
}
