/** What a command prints as text that does no harm: bytes in pieces in, clean text out. */

const ESC = "\x1b";
const BEL = "\x07";

/** The longest escape sequence that is taken for one, in characters. */
const MAX_SEQUENCE = 4096;

/** What sets a window's title or makes a link: to its end, or as far as the piece goes. */
const OSC = `${ESC}\\][^${BEL}${ESC}\\n]{0,${MAX_SEQUENCE}}`;

/** What moves the cursor or sets a colour (ECMA-48, 5.4), without its last character. */
const CSI = `${ESC}\\[[0-?]*[ -/]*`;

/** Sequences for a terminal, which say nothing to a reader. */
const SEQUENCES = new RegExp(
  `${CSI}[@-~]|${OSC}(?:${BEL}|${ESC}\\\\)|${ESC}[()*+][0-9A-Za-z]`,
  "g",
);

/** The end of a piece that the next one may complete: the beginning of a sequence. */
const UNFINISHED = new RegExp(`(?:${ESC}|${CSI}|${OSC}${ESC}?|${ESC}[()*+])$`);

/** Control characters other than the line end and the tab. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/**
 * Cleans output as it comes. Bytes that are no UTF-8 and control characters become U+FFFD, so that
 * a reader sees that something was there; a terminal's colours and movements are left out; every
 * line end is `\n`.
 */
export class OutputText {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #take: (text: string) => void;
  #held = "";
  /** Whether what was given ends within a line end, of which more may come. */
  #inLineEnd = false;

  /** @param take Given the text, in pieces that are never empty. */
  constructor(take: (text: string) => void) {
    this.#take = take;
  }

  /** Adds bytes. What they begin and do not finish waits for the next ones. */
  add(bytes: Uint8Array): void {
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    const ending = text.slice(-MAX_SEQUENCE);
    const unfinished = ending.length - (UNFINISHED.exec(ending)?.index ?? ending.length);
    this.#held = text.slice(text.length - unfinished);
    this.#give(text.slice(0, text.length - unfinished));
  }

  /** Gives what waits: no more will come. */
  end(): void {
    const rest = this.#held + this.#decoder.decode();
    this.#held = "";
    this.#give(rest);
  }

  #give(text: string): void {
    let bare = text.replace(SEQUENCES, "");
    if (this.#inLineEnd) {
      bare = bare.replace(/^\r+/, "");
      // Nothing but what a terminal obeys, or still the same line end.
      if (bare === "") return;
      if (bare.startsWith("\n")) bare = bare.slice(1);
    }
    if (text !== "") this.#inLineEnd = bare.endsWith("\r");
    const clean = bare.replace(/\r+\n?/g, "\n").replace(CONTROLS, "\ufffd");
    if (clean !== "") this.#take(clean);
  }
}
