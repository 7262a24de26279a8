/**
 * What the simulated model does next, as plain data: a scenario file can hold every turn, and the
 * functions in turn_builders.ts only write them down.
 */
import type { Json } from "./json.ts";
import type { TextPattern } from "./text_pattern.ts";

/** What the simulated model does with one request. */
export type Turn = AnswerTurn | HttpTurn | UsageLimitTurn | ConnectionTurn | RawTurn;

/** What every turn may say. */
export interface TurnBase {
  /**
   * Answers only a request whose last user text contains this, or matches it when it is written
   * as a regular expression between slashes, such as `/^sum/i`; or fits a pattern in words.
   */
  readonly when?: string | TextPattern;
  /** How many requests it answers, 1 by default. */
  readonly times?: number | "always";
  /** Headers to add to the answer's, or to replace there. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A streamed answer, whole or broken. */
export interface AnswerTurn extends TurnBase {
  /** Tells the kinds of turn apart. */
  readonly type: "answer";
  /** What the answer holds, in order. One that breaks and holds nothing gets the fixed sentence. */
  readonly items: readonly AnswerItem[];
  /** How it ends; completed by default. */
  readonly ending?: Ending;
  /** What goes wrong on the way. */
  readonly breaks?: Break;
  /** How it is written to the wire. */
  readonly wire?: Wire;
  /** The figures of the last event, where they shall not be counted from the text. */
  readonly usage?: TurnUsage;
}

/** One part of an answer. */
export type AnswerItem =
  | TextItem
  | ReasoningItem
  | ToolCallItem
  | CustomToolCallItem
  | RefusalItem
  | RawItem;

/** A message. */
export interface TextItem {
  /** Tells the kinds of item apart. */
  readonly type: "text";
  /** The whole text. */
  readonly text: string;
  /**
   * Into how many deltas it is cut, or the deltas themselves; word by word by default, and 0 for
   * none at all.
   */
  readonly chunks?: number | readonly string[];
  /** The pause before each delta, in milliseconds of the simulator's clock. */
  readonly delayMs?: number;
  /**
   * Which part of the conversation it is; with `none` the message does not say. Absent, the last
   * message of an answer without calls is announced as `final_answer` where the request offers
   * tools, and no other one says.
   */
  readonly phase?: "commentary" | "partial_answer" | "final_answer" | "none";
  /** Leaves out the finished item, so that the deltas are all there is. */
  readonly deltasOnly?: boolean;
}

/** A summary of what the model thought. */
export interface ReasoningItem {
  /** Tells the kinds of item apart. */
  readonly type: "reasoning";
  /** The parts of the summary. */
  readonly summary: readonly string[];
}

/** A call of a function tool. */
export interface ToolCallItem {
  /** Tells the kinds of item apart. */
  readonly type: "tool-call";
  /** The tool. */
  readonly name: string;
  /** Its arguments; a string is sent as it is, so that broken JSON can be tried too. */
  readonly input: Json;
  /** The call's id; made up by default. */
  readonly callId?: string;
}

/** A call of a tool that takes free text. */
export interface CustomToolCallItem {
  /** Tells the kinds of item apart. */
  readonly type: "custom-tool-call";
  /** The tool. */
  readonly name: string;
  /** The text. */
  readonly input: string;
  /** The call's id; made up by default. */
  readonly callId?: string;
}

/** A message in which the model declines. */
export interface RefusalItem {
  /** Tells the kinds of item apart. */
  readonly type: "refusal";
  /** What it says. */
  readonly text: string;
}

/** Any other item, sent as it is, with an id where it has none. */
export interface RawItem {
  /** Tells the kinds of item apart. */
  readonly type: "item";
  /** The item in the service's own shape. */
  readonly item: { readonly [key: string]: Json };
}

/** How a stream ends. */
export type Ending =
  | CompletedEnding
  | IncompleteEnding
  | FailedEnding
  | ErrorEventEnding;

/** With `response.completed`. */
export interface CompletedEnding {
  /** Tells the endings apart. */
  readonly type: "completed";
  /** `false` asks for another request at once. */
  readonly endTurn?: boolean;
  /** Puts the items into the last event instead of sending them one by one. */
  readonly outputOnlyHere?: boolean;
  /** Members of the last event's response to replace; `null` leaves one out. */
  readonly replace?: { readonly [key: string]: Json };
}

/** With `response.incomplete`. */
export interface IncompleteEnding {
  /** Tells the endings apart. */
  readonly type: "incomplete";
  /** Such as `max_output_tokens` or `content_filter`; `null` leaves the details out. */
  readonly reason: string | null;
}

/** With `response.failed`. */
export interface FailedEnding {
  /** Tells the endings apart. */
  readonly type: "failed";
  /** The error's code; `null` sends no error at all. */
  readonly code: string | null;
  /** What it says. */
  readonly message: string;
  /** More members of the error. */
  readonly extra?: { readonly [key: string]: Json };
}

/** With a top-level `error` event, which the official client overlooks. */
export interface ErrorEventEnding {
  /** Tells the endings apart. */
  readonly type: "error-event";
  /** The event as it is sent, without its `type`. */
  readonly event: { readonly [key: string]: Json };
}

/** What goes wrong while an answer streams. */
export interface Break {
  /**
   * What happens: the stream just ends, the connection breaks, or nothing comes for a while.
   */
  readonly kind: "close" | "reset" | "silence";
  /** After so many deltas. */
  readonly afterChunks?: number;
  /** After so many events. */
  readonly afterEvents?: number;
  /** After so many bytes, also in the middle of a character. */
  readonly afterBytes?: number;
  /** How long the silence lasts, in milliseconds of the simulator's clock; for ever by default. */
  readonly ms?: number;
  /** Lets the silence begin before the headers. */
  readonly beforeHeaders?: boolean;
  /** What is sent meanwhile: nothing, comments, or events that mean nothing. */
  readonly keepalive?: "comment" | "event";
  /** How often, in milliseconds; 15,000 by default. */
  readonly keepaliveMs?: number;
}

/** How a stream is written: all of it is the same stream to a client that reads by the standard. */
export interface Wire {
  /** The end of a line. */
  readonly lineEnd?: "lf" | "crlf" | "cr";
  /** Whether each event has an `event:` line; it does by default. */
  readonly eventLines?: boolean;
  /** Sends so many bytes at a time, whatever they cut apart. */
  readonly bytesPerWrite?: number;
  /** The pause between two writes, in milliseconds. */
  readonly writeEveryMs?: number;
  /** Sends a comment before each event. */
  readonly comments?: boolean;
}

/** The figures of a last event. */
export interface TurnUsage {
  /** All input. */
  readonly inputTokens?: number;
  /** The part of it that came from the cache. */
  readonly cachedInputTokens?: number;
  /** All output. */
  readonly outputTokens?: number;
  /** The part of it that was reasoning. */
  readonly reasoningTokens?: number;
}

/** An answer that is no stream. */
export interface HttpTurn extends TurnBase {
  /** Tells the kinds of turn apart. */
  readonly type: "http";
  /** The status. */
  readonly status: number;
  /** The body: a string as it is, anything else as JSON; none by default. */
  readonly body?: Json;
}

/** The plan's allowance is used up. */
export interface UsageLimitTurn extends TurnBase {
  /** Tells the kinds of turn apart. */
  readonly type: "usage-limit";
  /** Seconds until it resets; absent leaves the reset out. */
  readonly resetsIn?: number;
  /** The plan that is named; the account's own by default, none when `null`. */
  readonly plan?: string | null;
}

/** No answer at all. */
export interface ConnectionTurn extends TurnBase {
  /** Tells the kinds of turn apart. */
  readonly type: "connection";
  /** What happens to the connection. */
  readonly how: ConnectionFault;
}

/**
 * What can happen to a connection before the headers of an answer. A server that already listens
 * cannot refuse one: over loopback all but `hang` are a reset.
 */
export type ConnectionFault = "refused" | "reset" | "dns" | "certificate" | "hang";

/** Bytes as they are. */
export interface RawTurn extends TurnBase {
  /** Tells the kinds of turn apart. */
  readonly type: "raw";
  /** The body as text. */
  readonly text?: string;
  /** The body as base64, where it is no text. */
  readonly base64?: string;
  /** The status, 200 by default. */
  readonly status?: number;
  /** The content type, `text/event-stream` by default. */
  readonly contentType?: string;
  /** Ends the body with a broken connection. */
  readonly reset?: boolean;
}
