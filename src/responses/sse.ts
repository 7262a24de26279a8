/**
 * Server-sent events: bytes in, wire events out, one array for each network chunk.
 *
 * The framing is `eventsource-parser`'s; this file is the only one that knows it. What the standard
 * leaves open is decided here: the `event:` line is not looked at, data that is no JSON is skipped
 * (`[DONE]` too), and at the end of the body an unfinished last event is tried as if its blank line
 * had come.
 */
import { createParser } from "eventsource-parser";
import { readWireEvent, type WireEvent } from "../protocol/responses.ts";
import { FastEventReader } from "../protocol/text_delta.ts";

/** The largest event by default: 64 MiB of text, more than any answer with an image in it. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;

/** How to read. */
export interface EventReaderOptions {
  /** The largest event. */
  readonly maxEventBytes?: number | undefined;
  /** Whether members that nothing here reads are kept. */
  readonly whole?: boolean | undefined;
}

/** Reads one body. */
export class EventReader {
  readonly #decoder = new TextDecoder();
  readonly #parser;
  #batch: WireEvent[] = [];
  #comments = 0;
  #overflow = false;
  // About the line that the last chunk left unfinished.
  #atLineStart = true;
  #inComment = false;

  /**
   * Makes a reader.
   *
   * @param options The largest event, in UTF-16 code units, of which no text has more than bytes;
   * and whether events are wanted with every member, for those who look at the wire.
   */
  constructor(options: EventReaderOptions = {}) {
    const { maxEventBytes = MAX_EVENT_BYTES, whole = false } = options;
    const fast = new FastEventReader();
    const read = whole ? readWireEvent : (data: string) => fast.read(data);
    this.#parser = createParser({
      maxBufferSize: maxEventBytes,
      onEvent: ({ data }) => {
        // The parser only bounds what it has to keep: not an event that comes in one piece.
        if (data.length > maxEventBytes) this.#overflow = true;
        if (this.#overflow) return;
        const event = read(data);
        if (event !== undefined) this.#batch.push(event);
      },
      onComment: () => {
        this.#comments++;
      },
      onError: ({ type }) => {
        if (type === "max-buffer-size-exceeded") this.#overflow = true;
      },
    });
  }

  /** Whether an event was larger than allowed; nothing is read from then on. */
  get overflow(): boolean {
    return this.#overflow;
  }

  /**
   * Whether the last chunk held any part of an event. Comments keep a connection open and say
   * nothing about an answer, so they are no sign of life.
   */
  alive = false;

  /** Reads a chunk; gives the events that it completes. */
  feed(bytes: Uint8Array): readonly WireEvent[] {
    return this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Reads the end of the body; gives the event that was left unfinished, if it is a whole one. */
  end(): readonly WireEvent[] {
    return this.#read(`${this.#decoder.decode()}\n\n`);
  }

  #read(text: string): readonly WireEvent[] {
    this.alive = false;
    if (this.#overflow || text === "") return [];
    this.#batch = [];
    this.#comments = 0;
    this.#parser.feed(text);
    this.#followLine(text);
    this.alive = this.#batch.length > 0 ||
      (this.#comments === 0 && !this.#inComment && text.trim() !== "");
    return this.#batch;
  }

  #followLine(text: string): void {
    const tail = text.slice(text.lastIndexOf("\n") + 1);
    // A line that goes on from an earlier chunk stays what it was.
    if (tail !== text || this.#atLineStart) this.#inComment = tail.startsWith(":");
    this.#atLineStart = tail === "";
  }
}
