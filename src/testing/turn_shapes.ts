/** The shapes of the turns, written out in full. */
import {
  anyObject,
  anything,
  base64,
  bodyFits,
  connection,
  count,
  duration,
  headers,
  nothing,
  onOff,
  pattern,
  status,
  text,
  times,
} from "./basic_shapes.ts";
import {
  either,
  list,
  may,
  type Members,
  must,
  named,
  object,
  oneOf,
  ruled,
  type Shape,
  variants,
} from "./shape.ts";
import type { TurnOptions } from "./turn_builders.ts";
import type {
  AnswerItem,
  AnswerTurn,
  Break,
  CompletedEnding,
  ConnectionTurn,
  CustomToolCallItem,
  Ending,
  ErrorEventEnding,
  FailedEnding,
  HttpTurn,
  IncompleteEnding,
  RawItem,
  RawTurn,
  ReasoningItem,
  RefusalItem,
  TextItem,
  ToolCallItem,
  Turn,
  TurnBase,
  TurnUsage,
  UsageLimitTurn,
  Wire,
} from "./turns.ts";

/** What every turn may say. */
export const TURN_BASE: Members<TurnBase> = {
  when: may(pattern, "Answers only a request whose last user text fits"),
  times: may(times, "How many requests it answers, 1 by default"),
  headers: may(headers, "Headers to add to the answer's, or to replace there"),
};

/** How a stream is written. */
export const wire: Shape<Wire> = named("Wire", () =>
  object<Wire>({
    lineEnd: may(oneOf("lf", "crlf", "cr"), "The end of a line"),
    eventLines: may(onOff, "Whether each event has an event: line; it does by default"),
    bytesPerWrite: may(count(1), "Sends so many bytes at a time, whatever they cut apart"),
    writeEveryMs: may(duration, "The pause between two writes"),
    comments: may(onOff, "Sends a comment before each event"),
  }));

/** The figures of a last event. */
export const usage: Shape<TurnUsage> = named("Usage", () =>
  object<TurnUsage>({
    inputTokens: may(count(), "All input"),
    cachedInputTokens: may(count(), "The part of it that came from the cache"),
    outputTokens: may(count(), "All output"),
    reasoningTokens: may(count(), "The part of it that was reasoning"),
  }));

/** What every streamed turn may say. */
export const STREAM_OPTIONS: Members<TurnOptions> = {
  ...TURN_BASE,
  usage: may(usage, "The figures of the last event"),
  wire: may(wire, "How it is written to the wire"),
};

/** How a text is streamed. */
export const TEXT_OPTIONS: Members<Omit<TextItem, "type" | "text">> = {
  chunks: may(
    either(count(), list(text)),
    "Into how many deltas it is cut, or the deltas themselves; word by word by default",
  ),
  delayMs: may(duration, "The pause before each delta"),
  phase: may(oneOf("commentary", "partial_answer", "final_answer", "none"), "Which part it is"),
  deltasOnly: may(onOff, "Leaves out the finished item"),
};

/** What goes wrong on the way, but for its kind. */
export const BREAK_OPTIONS: Members<Omit<Break, "kind">> = {
  afterChunks: may(count(), "After so many deltas"),
  afterEvents: may(count(), "After so many events"),
  afterBytes: may(count(), "After so many bytes, also in the middle of a character"),
  ms: may(duration, "How long the silence lasts; for ever by default"),
  beforeHeaders: may(onOff, "Lets the silence begin before the headers"),
  keepalive: may(oneOf("comment", "event"), "What is sent meanwhile"),
  keepaliveMs: may(duration, "How often, 15000 by default"),
};

const item: Shape<AnswerItem> = named("Item", () =>
  variants<"type", AnswerItem>("type", {
    text: object<TextItem>({
      type: must(oneOf("text"), "A message"),
      text: must(text, "The whole text"),
      ...TEXT_OPTIONS,
    }),
    reasoning: object<ReasoningItem>({
      type: must(oneOf("reasoning"), "A summary of what the model thought"),
      summary: must(list(text), "The parts of the summary"),
    }),
    "tool-call": object<ToolCallItem>({
      type: must(oneOf("tool-call"), "A call of a function tool"),
      name: must(text, "The tool"),
      input: must(anything, "Its arguments; a text is sent as it is"),
      callId: may(text, "The call's id; made up by default"),
    }),
    "custom-tool-call": object<CustomToolCallItem>({
      type: must(oneOf("custom-tool-call"), "A call of a tool that takes free text"),
      name: must(text, "The tool"),
      input: must(text, "The text"),
      callId: may(text, "The call's id; made up by default"),
    }),
    refusal: object<RefusalItem>({
      type: must(oneOf("refusal"), "A message in which the model declines"),
      text: must(text, "What it says"),
    }),
    item: object<RawItem>({
      type: must(oneOf("item"), "Any other item"),
      item: must(anyObject, "The item in the service's own shape"),
    }),
  }));

const ending: Shape<Ending> = named("Ending", () =>
  variants<"type", Ending>("type", {
    completed: object<CompletedEnding>({
      type: must(oneOf("completed"), "With response.completed"),
      endTurn: may(onOff, "false asks for another request at once"),
      outputOnlyHere: may(onOff, "Puts the items into the last event alone"),
      replace: may(anyObject, "Members of the last response to replace; null leaves one out"),
    }),
    incomplete: object<IncompleteEnding>({
      type: must(oneOf("incomplete"), "With response.incomplete"),
      reason: must(either(text, nothing), "Such as max_output_tokens; null leaves it out"),
    }),
    failed: object<FailedEnding>({
      type: must(oneOf("failed"), "With response.failed"),
      code: must(either(text, nothing), "The error's code; null sends no error at all"),
      message: must(text, "What it says"),
      extra: may(anyObject, "More members of the error"),
    }),
    "error-event": object<ErrorEventEnding>({
      type: must(oneOf("error-event"), "With a top-level error event"),
      event: must(anyObject, "The event as it is sent, without its type"),
    }),
  }));

/** A turn in full. */
export const turn: Shape<Turn> = variants<"type", Turn>("type", {
  answer: object<AnswerTurn>({
    type: must(oneOf("answer"), "A streamed answer, whole or broken"),
    items: must(list(item), "What the answer holds, in order"),
    ending: may(ending, "How it ends; completed by default"),
    breaks: may(
      object<Break>({
        kind: must(oneOf("close", "reset", "silence"), "What happens"),
        ...BREAK_OPTIONS,
      }),
      "What goes wrong on the way",
    ),
    ...STREAM_OPTIONS,
  }),
  http: ruled(
    object<HttpTurn>({
      type: must(oneOf("http"), "An answer that is no stream"),
      status: must(status, "The status"),
      body: may(anything, "The body: a text as it is, anything else as JSON"),
      ...TURN_BASE,
    }),
    bodyFits("status", "body"),
  ),
  "usage-limit": object<UsageLimitTurn>({
    type: must(oneOf("usage-limit"), "The plan's allowance is used up"),
    resetsIn: may(count(), "Seconds until it resets; absent leaves the reset out"),
    plan: may(either(text, nothing), "The plan that is named; null for none"),
    ...TURN_BASE,
  }),
  connection: object<ConnectionTurn>({
    type: must(oneOf("connection"), "No answer at all"),
    how: must(connection, "What happens to the connection"),
    ...TURN_BASE,
  }),
  raw: ruled(
    object<RawTurn>({
      type: must(oneOf("raw"), "Bytes as they are"),
      text: may(text, "The body as text"),
      base64: may(base64, "The body as base64, where it is no text"),
      status: may(status, "The status, 200 by default"),
      contentType: may(text, "The content type, text/event-stream by default"),
      reset: may(onOff, "Ends the body with a broken connection"),
      ...TURN_BASE,
    }),
    bodyFits("status", "text", "base64"),
  ),
});
