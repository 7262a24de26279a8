/**
 * The terminal itself, for a question while stdin is a pipe: `/dev/tty`, read by the line.
 *
 * Only what is typed after the question was shown answers it. What was typed or pasted before is
 * read and thrown away until nothing has come for a moment; a paste with pauses longer than that
 * cannot be told from a person. Nothing here puts the terminal into another mode for longer than
 * two system calls, so that there is nothing to be put back when the command ends.
 */
import { untilAborted } from "../base/abort.ts";
import type { Clock } from "../base/clock.ts";
import type { Cli } from "./cli.ts";

/** What came of a question: a line as it was typed, or why there is none. */
export type Reply =
  | { readonly line: string }
  | { readonly line: undefined; readonly why: string };

/** A place for questions. */
export interface Tty {
  /** Shows a text, which was made harmless. */
  show(text: string): void;
  /**
   * Asks, and reads one line. Ctrl-D is no line.
   *
   * @param prompt What stands before the answer.
   * @param signal Ends the question at once.
   * @throws The signal's reason.
   */
  ask(prompt: string, signal: AbortSignal): Promise<Reply>;
}

/** What is needed of the terminal, opened for one use. */
export interface TtyDevice {
  /** Reads some bytes, a line at most; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some bytes, and says how many. */
  write(bytes: Uint8Array): number;
  /** Hands a line that was begun to the reader, so that it can be thrown away. */
  release(): void;
  /** Closes it; a pending read may settle, or not. */
  close(): void;
}

/** How the terminal is reached. */
export interface TtyAccess {
  /** Opens it, or throws. */
  open(): TtyDevice;
  /** Whether the terminal belongs to another job: reading it would stop this process. */
  inBackground(): boolean;
}

/** For how long nothing must come before a question is shown, in milliseconds. */
const QUIET_MS = 150;
/** How long a line that was begun may take to come through, in milliseconds. */
const RELEASE_MS = 20;
/** How many reads are thrown away before it is given up. */
const MOST_READS = 200;
const BUFFER_BYTES = 4096;

/**
 * Makes a place for questions on the terminal of this process. It is opened for each use alone.
 *
 * A command in the background gets no answer, where the system tells that (Linux with all
 * permissions); elsewhere the system stops it, as any program that reads the terminal from there,
 * and it goes on in the foreground.
 *
 * @param clock Measures the silence before a question.
 * @param access How the terminal is reached.
 */
export function createTty(clock: Clock, access: TtyAccess = platformAccess): Tty {
  return {
    show(text) {
      try {
        const device = access.open();
        try {
          writeAll(device, text);
        } finally {
          device.close();
        }
      } catch {
        // Gone: then the question that follows says so.
      }
    },
    async ask(prompt, signal) {
      signal.throwIfAborted();
      if (access.inBackground()) return none("the command runs in the background");
      let device: TtyDevice;
      try {
        device = access.open();
      } catch {
        return none("there is no terminal to ask on");
      }
      try {
        return await new Question(device, clock, signal).ask(prompt);
      } finally {
        device.close();
      }
    },
  };
}

/**
 * Whether a person can be asked: stderr is a terminal, so that somebody looks, and the process has
 * one to ask on.
 *
 * @param cli The command's world.
 * @param flags Whether asking was ruled out.
 */
export function mayAsk(
  cli: Pick<Cli, "stderr">,
  flags: { readonly askForApproval?: "on-request" | "never" },
  access: TtyAccess = platformAccess,
): boolean {
  if (flags.askForApproval === "never" || !cli.stderr.isTerminal) return false;
  try {
    access.open().close();
    return true;
  } catch {
    return false;
  }
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
      if (!await this.#forgetTyped()) return none("the terminal gives no chance to answer");
      writeAll(this.#device, prompt);
      const line = await this.#line();
      if (line !== undefined) return { line };
      writeAll(this.#device, "\n");
      return none("nobody answered");
    } catch (error) {
      // The cursor stands behind the prompt, and perhaps behind a ^C.
      writeAll(this.#device, "\n");
      throw error;
    }
  }

  /** Throws away what was typed already; `false` when it does not end. */
  async #forgetTyped(): Promise<boolean> {
    for (let reads = 0; reads < MOST_READS; reads++) {
      if (await this.#isSilent(QUIET_MS)) {
        // While a read waits already: one that begins outside of line mode takes no Ctrl-D (Linux).
        this.#device.release();
        if (await this.#isSilent(RELEASE_MS)) return true;
      }
      // Forgotten, whatever it was, an earlier Ctrl-D included.
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

function none(why: string): Reply {
  return { line: undefined, why };
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

const platformAccess: TtyAccess = { open: openTerminal, inBackground };

/** The names of the terminal of this process. Those of Windows were not tried. */
const [INPUT, OUTPUT] = Deno.build.os === "windows"
  ? ["CONIN$", "CONOUT$"] as const
  : ["/dev/tty", "/dev/tty"] as const;

function openTerminal(): TtyDevice {
  // Two handles: a pending read holds its own (Deno 2.9.6).
  const input = Deno.openSync(INPUT, { read: true });
  let output: Deno.FsFile;
  try {
    output = Deno.openSync(OUTPUT, { write: true });
  } catch (error) {
    input.close();
    throw error;
  }
  return {
    read: (buffer) => input.read(buffer),
    write: (bytes) => output.writeSync(bytes),
    release() {
      // Leaving line mode makes a begun line readable, and entering it again keeps it so (seen on
      // Linux; not tried on macOS, where the begun line may stay what it was).
      if (Deno.build.os === "windows") return;
      output.setRaw(true, { cbreak: true });
      output.setRaw(false);
    },
    close() {
      input.close();
      output.close();
    },
  };
}

/** The job in the terminal's foreground, and our own, are in `/proc/self/stat` (proc(5)). */
function inBackground(): boolean {
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    // Behind the name, which may hold anything: state, parent, group, session, terminal, foreground.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return foreground !== "-1" && foreground !== group;
  } catch {
    // Another system, or not every permission.
    return false;
  }
}
