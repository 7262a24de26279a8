/** The events of one item: added, its deltas, done. In the order and with the members of recorded streams. */
import type { Ids } from "../ids.ts";
import type {
  AnswerItem,
  CustomToolCallItem,
  RawItem,
  ReasoningItem,
  RefusalItem,
  TextItem,
  ToolCallItem,
} from "../turns.ts";

/** An event on the wire, before it is numbered. */
export interface WireEvent {
  /** What it is. */
  readonly type: string;
  /** Everything else. */
  readonly [member: string]: unknown;
}

/** A step of a stream. */
export interface Step {
  /** What is sent. */
  readonly event: WireEvent;
  /** Whether it is a delta of the answer's text. */
  readonly isChunk?: boolean;
  /** How long to wait before it, in milliseconds. */
  readonly delayMs?: number;
}

/** A finished item, as the service sends it. */
export type FinishedItem = Readonly<Record<string, unknown>>;

/** The steps of one item; what it returns is the finished item. */
export function itemSteps(
  item: AnswerItem,
  index: number,
  ids: Ids,
): Generator<Step, FinishedItem> {
  switch (item.type) {
    case "text":
      return textSteps(item, index, ids.make("msg"));
    case "reasoning":
      return reasoningSteps(item, index, ids.make("rs"));
    case "tool-call":
      return toolCallSteps(item, index, ids);
    case "custom-tool-call":
      return customToolCallSteps(item, index, ids);
    case "refusal":
      return refusalSteps(item, index, ids.make("msg"));
    case "item":
      return rawSteps(item, index, ids.make("item"));
  }
}

function* textSteps(item: TextItem, index: number, id: string): Generator<Step, FinishedItem> {
  const at = { item_id: id, output_index: index, content_index: 0 };
  const phase = item.phase === undefined || item.phase === "none" ? {} : { phase: item.phase };
  const part = (text: string) => ({ type: "output_text", annotations: [], logprobs: [], text });
  const begun = { id, type: "message", role: "assistant", content: [], status: "in_progress" };
  const done = { ...begun, content: [part(item.text)], status: "completed", ...phase };
  yield send("response.output_item.added", { output_index: index, item: { ...begun, ...phase } });
  yield send("response.content_part.added", { ...at, part: part("") });
  for (const delta of chunksOf(item)) {
    const event = { ...at, delta, logprobs: [], obfuscation: "x" };
    yield {
      ...send("response.output_text.delta", event),
      isChunk: true,
      ...(item.delayMs === undefined ? {} : { delayMs: item.delayMs }),
    };
  }
  if (item.deltasOnly === true) return done;
  yield send("response.output_text.done", { ...at, text: item.text, logprobs: [] });
  yield send("response.content_part.done", { ...at, part: part(item.text) });
  yield send("response.output_item.done", { output_index: index, item: done });
  return done;
}

/** Cuts a text into deltas: word by word, or into pieces of about the same length. */
export function chunksOf({ text, chunks }: TextItem): readonly string[] {
  if (typeof chunks === "object") return chunks;
  if (chunks === 0 || text === "") return [];
  if (chunks === undefined) return text.match(/\S+\s*|\s+/g) ?? [];
  // By characters and not by UTF-16 units: no delta ever ends in half a character.
  const characters = [...text];
  const size = Math.max(1, Math.ceil(characters.length / chunks));
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += size) {
    pieces.push(characters.slice(start, start + size).join(""));
  }
  return pieces;
}

function* refusalSteps(
  item: RefusalItem,
  index: number,
  id: string,
): Generator<Step, FinishedItem> {
  const at = { item_id: id, output_index: index, content_index: 0 };
  const begun = { id, type: "message", role: "assistant", content: [], status: "in_progress" };
  const part = { type: "refusal", refusal: item.text };
  const done = { ...begun, content: [part], status: "completed" };
  yield send("response.output_item.added", { output_index: index, item: begun });
  yield send("response.content_part.added", { ...at, part: { ...part, refusal: "" } });
  for (const delta of chunksOf({ type: "text", text: item.text })) {
    yield send("response.refusal.delta", { ...at, delta });
  }
  yield send("response.refusal.done", { ...at, refusal: item.text });
  yield send("response.content_part.done", { ...at, part });
  yield send("response.output_item.done", { output_index: index, item: done });
  return done;
}

function* reasoningSteps(
  item: ReasoningItem,
  index: number,
  id: string,
): Generator<Step, FinishedItem> {
  const summary = item.summary.map((text) => ({ type: "summary_text", text }));
  const begun = { id, type: "reasoning", summary: [], encrypted_content: "c2ltdWxhdGVkLQ" };
  const done = { ...begun, summary, encrypted_content: `c2ltdWxhdGVkLXJlYXNvbmluZy0${id}` };
  yield send("response.output_item.added", { output_index: index, item: begun });
  for (const [summaryIndex, text] of item.summary.entries()) {
    const at = { item_id: id, output_index: index, summary_index: summaryIndex };
    const part = { type: "summary_text", text };
    yield send("response.reasoning_summary_part.added", { ...at, part: { ...part, text: "" } });
    for (const delta of chunksOf({ type: "text", text })) {
      yield send("response.reasoning_summary_text.delta", { ...at, delta, obfuscation: "y" });
    }
    yield send("response.reasoning_summary_text.done", { ...at, text });
    yield send("response.reasoning_summary_part.done", { ...at, part });
  }
  yield send("response.output_item.done", { output_index: index, item: done });
  return done;
}

function* toolCallSteps(
  item: ToolCallItem,
  index: number,
  ids: Ids,
): Generator<Step, FinishedItem> {
  const id = ids.make("fc");
  const at = { item_id: id, output_index: index };
  const text = typeof item.input === "string" ? item.input : JSON.stringify(item.input);
  const call = { id, type: "function_call", name: item.name };
  const callId = item.callId ?? ids.make("call");
  const begun = { ...call, arguments: "", call_id: callId, status: "in_progress" };
  const done = { ...begun, arguments: text, status: "completed" };
  yield send("response.output_item.added", { output_index: index, item: begun });
  for (const delta of pieces(text)) {
    yield send("response.function_call_arguments.delta", { ...at, delta });
  }
  yield send("response.function_call_arguments.done", { ...at, arguments: text });
  yield send("response.output_item.done", { output_index: index, item: done });
  return done;
}

function* customToolCallSteps(
  item: CustomToolCallItem,
  index: number,
  ids: Ids,
): Generator<Step, FinishedItem> {
  const id = ids.make("ctc");
  const at = { item_id: id, output_index: index };
  const call = { id, type: "custom_tool_call", name: item.name };
  const callId = item.callId ?? ids.make("call");
  const begun = { ...call, input: "", call_id: callId, status: "in_progress" };
  const done = { ...begun, input: item.input, status: "completed" };
  yield send("response.output_item.added", { output_index: index, item: begun });
  for (const delta of pieces(item.input)) {
    yield send("response.custom_tool_call_input.delta", { ...at, delta });
  }
  yield send("response.custom_tool_call_input.done", { ...at, input: item.input });
  yield send("response.output_item.done", { output_index: index, item: done });
  return done;
}

function* rawSteps({ item }: RawItem, index: number, id: string): Generator<Step, FinishedItem> {
  const done = { id, ...item };
  yield send("response.output_item.added", { output_index: index, item: done });
  yield send("response.output_item.done", { output_index: index, item: done });
  return done;
}

/** The input of a tool comes in pieces of twelve characters, as in recorded streams. */
function pieces(text: string): readonly string[] {
  return text.match(/.{1,12}/gsu) ?? [];
}

function send(type: string, members: Readonly<Record<string, unknown>>): Step {
  return { event: { type, ...members } };
}
