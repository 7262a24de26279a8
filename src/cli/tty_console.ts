/**
 * Questions on the console of Windows, which was not tried there: its two devices, read by the line.
 */
import { untilAborted } from "../base/abort.ts";
import type { Clock } from "../base/clock.ts";
import { noReply, type Reply, type Tty } from "./questions.ts";

/** What is needed of the terminal, opened for one use. */
export interface TtyDevice {
  /** Reads some bytes, a line at most; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some bytes, and says how many. */
  write(bytes: Uint8Array): number;
  /** Closes it; a pending read may settle, or not. */
  close(): void;
}

/** For how long nothing must come before a question is shown, in milliseconds. */
const QUIET_MS = 150;
/** How many reads are thrown away before it is given up. */
const MOST_READS = 200;
const BUFFER_BYTES = 4096;

/**
 * Makes a place for questions on the console of this process. It is opened for each use alone.
 *
 * @param clock Measures the silence before a question.
 * @param open Opens it, or throws.
 */
export function consoleTty(clock: Clock, open: () => TtyDevice = openConsole): Tty {
  const opened = () => {
    try {
      return open();
    } catch {
      return undefined;
    }
  };
  return {
    isThere() {
      const device = opened();
      device?.close();
      return Promise.resolve(device !== undefined);
    },
    show(text) {
      // Gone: then the question that follows says so.
      const device = opened();
      if (device !== undefined) writeAll(device, text);
      device?.close();
      return Promise.resolve();
    },
    async ask(prompt, signal) {
      signal.throwIfAborted();
      const device = opened();
      if (device === undefined) return noReply("there is no terminal to ask on");
      try {
        return await new Question(device, clock, signal).ask(prompt);
      } finally {
        device.close();
      }
    },
  };
}

/** One question on an open terminal. */
class Question {
  readonly #device: TtyDevice;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #pending: Promise<number | null> | undefined;

  constructor(device: TtyDevice, clock: Clock, signal: AbortSignal) {
    this.#device = device;
    this.#clock = clock;
    this.#signal = signal;
  }

  async ask(prompt: string): Promise<Reply> {
    try {
      if (!await this.#forgetTyped()) return noReply("the terminal gives no chance to answer");
      writeAll(this.#device, prompt);
      const line = await this.#line();
      if (line !== undefined) return { line };
      writeAll(this.#device, "\n");
      return noReply("nobody answered");
    } catch (error) {
      // The cursor stands behind the prompt, and perhaps behind a ^C.
      writeAll(this.#device, "\n");
      throw error;
    }
  }

  /** Throws away what was typed already; `false` when it does not end. */
  async #forgetTyped(): Promise<boolean> {
    for (let reads = 0; reads < MOST_READS; reads++) {
      if (await this.#isSilent(QUIET_MS)) return true;
      // Forgotten, whatever it was, an earlier end of input included.
      this.#pending = undefined;
    }
    return false;
  }

  /** Whether nothing can be read for so long. The read then goes on. */
  async #isSilent(ms: number): Promise<boolean> {
    const { promise: silent, resolve } = Promise.withResolvers<true>();
    const cancel = this.#clock.after(ms, () => resolve(true));
    try {
      const came = this.#read().then(() => false);
      return await untilAborted(Promise.race([came, silent]), this.#signal);
    } finally {
      cancel();
    }
  }

  async #line(): Promise<string | undefined> {
    const decoder = new TextDecoder();
    let line = "";
    while (line.length < BUFFER_BYTES) {
      const count = await untilAborted(this.#read(), this.#signal);
      this.#pending = undefined;
      // Ctrl-D behind some text gives that text without a line end: that is not an answer yet.
      if (count === null || count === 0) return undefined;
      line += decoder.decode(this.#buffer.subarray(0, count), { stream: true });
      const end = line.indexOf("\n");
      if (end >= 0) return line.slice(0, end);
    }
    return line;
  }

  /** The read that is under way, or a new one. A terminal that cannot be read has ended. */
  #read(): Promise<number | null> {
    return this.#pending ??= this.#device.read(this.#buffer).catch(() => null);
  }
}

function writeAll(device: TtyDevice, text: string): void {
  try {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) {
      written += device.write(bytes.subarray(written));
    }
  } catch {
    // A terminal that cannot be written to cannot be read either: that is what is told.
  }
}

function openConsole(): TtyDevice {
  // Two handles: a pending read holds its own (Deno 2.9.6).
  const input = Deno.openSync("CONIN$", { read: true });
  let output: Deno.FsFile;
  try {
    output = Deno.openSync("CONOUT$", { write: true });
  } catch (error) {
    input.close();
    throw error;
  }
  return {
    read: (buffer) => input.read(buffer),
    write: (bytes) => output.writeSync(bytes),
    close() {
      input.close();
      output.close();
    },
  };
}
