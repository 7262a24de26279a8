/**
 * Server-sent events with the text that they came in, so that they can be handed on as they are.
 * Unlike `../sse.ts`, which only wants what they say.
 */
import { readWireEvent, type WireEvent } from "../../protocol/responses.ts";

/** A piece of the stream: one event, or a comment, with the blank line behind it. */
export interface Frame {
  /** Its text. */
  readonly text: string;
  /** What it says, where that is an event of the service. */
  readonly event: WireEvent | undefined;
}

// A carriage return at the end of what has come may be half of a line's end.
const BLANK_LINE = /(?:\r\n|\n|\r(?!\n|$))(?:\r\n|\n|\r(?!\n|$))/g;

/** Cuts a body into frames. All of them together are the body. */
export class FrameReader {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #rest = "";

  /** Reads a chunk; gives the frames that it completes. */
  feed(bytes: Uint8Array): readonly Frame[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    // What was looked at before is not looked at again, but for the beginning of a blank line.
    BLANK_LINE.lastIndex = Math.max(0, this.#rest.length - 3);
    const buffer = this.#rest + text;
    const frames: Frame[] = [];
    let start = 0;
    for (let found = BLANK_LINE.exec(buffer); found !== null; found = BLANK_LINE.exec(buffer)) {
      frames.push(frameOf(buffer.slice(start, BLANK_LINE.lastIndex)));
      start = BLANK_LINE.lastIndex;
    }
    this.#rest = buffer.slice(start);
    return frames;
  }

  /** Reads the end: an event that only lacks its blank line gets one. */
  end(): readonly Frame[] {
    const text = this.#rest + this.#decoder.decode();
    this.#rest = "";
    if (/\r\r$/.test(text)) return [frameOf(text)];
    const frame = frameOf(`${text}\n\n`);
    return frame.event === undefined ? [] : [frame];
  }
}

function frameOf(text: string): Frame {
  const data = text.split(/\r\n|\n|\r/).flatMap((line) =>
    line.startsWith("data:") ? [line.slice(line.startsWith("data: ") ? 6 : 5)] : []
  );
  return { text, event: data.length === 0 ? undefined : readWireEvent(data.join("\n")) };
}

/** A frame like another one that says something else. */
export function reworded({ text }: Frame, event: WireEvent): Frame {
  const end = /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
  const others = text.split(/\r\n|\n|\r/).filter((line) => line !== "" && !line.startsWith("data"));
  const lines = [...others, `data: ${JSON.stringify(event)}`, "", ""];
  return { text: lines.join(end), event };
}
