/** Where a command writes: stdout for the answer, stderr for the person. */
import { type Clock, sleep } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import { type Color, paint, paintPrefix } from "./color.ts";

/** The reader of stdout has gone. It ends the command quietly, with status 141. */
export class ClosedPipe extends Error {
  override readonly name: string = "ClosedPipe";
}

/** What a stream of the process must be able to do. */
export interface Sink {
  /** Writes some of the bytes, and says how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** How long to wait before writing again to a pipe that its owner made non-blocking, in ms. */
const FULL_PIPE_WAIT_MS = 5;

/** How many characters may wait behind a write before whoever has more waits too. */
const MOST_WAITING = 64 * 1024;

/** Standard output: everything is written, in order, or the command ends. */
export class Output {
  /** Whether a person sees it. */
  readonly isTerminal: boolean;
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #encoder = new TextEncoder();
  #last: Promise<void> = Promise.resolve();
  /** What goes with the next write. */
  #waiting = "";
  /** Whether a write is under way that takes up again what waits behind it. */
  #isBusy = false;
  #hasFailed = false;

  /** Makes an output of a stream of the process, and of the knowledge whether a person sees it. */
  constructor(sink: Sink, clock: Clock, isTerminal: boolean = false) {
    this.#sink = sink;
    this.#clock = clock;
    this.isTerminal = isTerminal;
  }

  /**
   * Writes a text; calls are served in order. A terminal gets it made harmless, anything else as
   * it is.
   *
   * @throws ClosedPipe when the reader has gone, CodexError `internal` when the disk is full or
   * the output cannot be written for another reason.
   */
  write(text: string): Promise<void> {
    return this.writeAsIs(this.#harmless(text));
  }

  /** Writes a text that was made harmless already, such as one with colours of ours. */
  writeAsIs(text: string): Promise<void> {
    const bytes = this.#encoder.encode(this.#waiting + text);
    this.#waiting = "";
    this.#last = this.#last.then(() => this.#writeAll(bytes));
    // Whoever looks at it only later is told then; until that it must not end the process.
    this.#last.catch(() => this.#hasFailed = true);
    return this.#last;
  }

  /**
   * Writes a text as soon as the writes before it are done: at once, or together with all that
   * comes until then. A write is a turn of another thread; words that come in one packet are not
   * worth one each.
   *
   * @returns What to wait for, where a write has failed or too much waits already.
   */
  push(text: string): Promise<void> | undefined {
    this.#waiting += this.#harmless(text);
    if (!this.#isBusy) this.#writeWaiting();
    return this.#hasFailed || this.#waiting.length > MOST_WAITING ? this.#last : undefined;
  }

  /** Waits until all that was pushed is written. */
  flush(): Promise<void> | undefined {
    return this.#isBusy || this.#waiting !== "" ? this.writeAsIs("") : undefined;
  }

  #writeWaiting(): void {
    this.#isBusy = true;
    this.writeAsIs("").then(() => {
      this.#isBusy = false;
      if (this.#waiting !== "") this.#writeWaiting();
    }, () => {});
  }

  #harmless(text: string): string {
    return this.isTerminal ? visible(text.replaceAll("\r\n", "\n")) : text;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      try {
        written += await this.#sink.write(bytes.subarray(written));
      } catch (error) {
        // A parent may have set O_NONBLOCK on the pipe: a full one then reports instead of waiting.
        if (error instanceof Error && error.name === "WouldBlock") {
          await sleep(this.#clock, FULL_PIPE_WAIT_MS);
        } else throw outputError(error);
      }
    }
  }
}

function outputError(error: unknown): unknown {
  if (error instanceof Error && error.name === "BrokenPipe") return new ClosedPipe();
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const why = code === "ENOSPC" ? "no space is left" : "it cannot be written";
  return new CodexError("internal", `Cannot write the output: ${why}`, {
    cause: error,
    hint: "Look at where stdout goes",
  });
}

/** Takes away what stands in the cursor's line of a terminal. */
const CLEAR_LINE = "\r\x1b[2K";

/** Standard error: what cannot be written there is dropped, since nobody could be told. */
export class Messages {
  readonly #write: (bytes: Uint8Array) => number;
  readonly #encoder = new TextEncoder();
  #status = "";
  /** Whether lines are coloured. */
  colored = false;
  /** Whether a person sees it. */
  readonly isTerminal: boolean;

  /** Makes it of a synchronous write and the knowledge where that goes. */
  constructor(write: (bytes: Uint8Array) => number, isTerminal: boolean) {
    this.#write = write;
    this.isTerminal = isTerminal;
  }

  /** Writes a text as it is. */
  write(text: string): void {
    try {
      const bytes = this.#encoder.encode(text);
      for (let written = 0; written < bytes.length;) {
        written += this.#write(bytes.subarray(written));
      }
    } catch {
      // Closed, full or gone: there is no better place to say so.
    }
  }

  /**
   * Writes a line, made harmless on a terminal, above the status if there is one.
   *
   * @param text The line.
   * @param color The whole line's, where there are colours; else our own words have theirs.
   */
  line(text: string, color?: Color): void {
    const status = this.#status;
    const shown = this.isTerminal ? visible(text) : text;
    const painted = color === undefined ? paintPrefix(shown) : paint(color, shown);
    const line = `${this.colored ? painted : shown}\n`;
    this.write(status === "" ? line : `${CLEAR_LINE}${line}${status}`);
  }

  /**
   * Shows a text in the last line of a terminal until the next one takes its place.
   *
   * @param text Harmless, and no wider than the terminal; nothing takes the last one away.
   */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.write(CLEAR_LINE + text);
  }
}

/**
 * Makes a text harmless on a terminal: control and bidirectional characters are shown as what
 * they are, such as `\x1b`.
 */
export function visible(text: string): string {
  // Control and format characters: they move the cursor, reorder or hide text. Tab, newline and the
  // two joiners that scripts and emoji need are let through.
  return text.replace(/(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
