/** Lines that a person types while something else is waited for. */
import type { Input } from "./cli.ts";

/** The longest line that is kept: an address is shorter, and more is no address. */
const MAX_LINE = 16_384;
const BUFFER_BYTES = 4096;

/**
 * Reads lines of stdin, one at a time.
 *
 * @param input Standard input. One that cannot be read has no more lines: what is waited for may
 * come all the same.
 * @returns A function that gives the next line, or `undefined` when there are no more. A read that
 * nobody waits for any more stays pending; the process ends with it.
 */
export function lineReader(input: Input): () => Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(BUFFER_BYTES);
  let held = "";
  let ended = false;

  async function more(): Promise<void> {
    const count = await input.read(buffer).catch(() => null);
    if (count === null) {
      ended = true;
      held += decoder.decode();
      if (held !== "") held += "\n";
    } else {
      held = (held + decoder.decode(buffer.subarray(0, count), { stream: true })).slice(-MAX_LINE);
    }
  }

  return async () => {
    for (;;) {
      const end = held.indexOf("\n");
      if (end >= 0) {
        const line = held.slice(0, end);
        held = held.slice(end + 1);
        return line;
      }
      if (ended) return undefined;
      await more();
    }
  };
}

/**
 * Reads stdin to its end and keeps nothing of it. Never rejects.
 *
 * @param input Standard input.
 */
export async function skipLines(input: Input): Promise<void> {
  const next = lineReader(input);
  while (await next() !== undefined);
}

/**
 * An input that tells of its end: Ctrl-D on a terminal. One that cannot be read has none.
 *
 * @param input Standard input.
 * @param onEnd Called at each read that finds the end.
 */
export function tellingEnd(input: Input, onEnd: () => void): Input {
  return {
    isTerminal: input.isTerminal,
    async read(buffer) {
      const count = await input.read(buffer);
      if (count === null) onEnd();
      return count;
    },
  };
}
