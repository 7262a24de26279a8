/**
 * The events and items of a model answer on the wire: what they hold, read with guards.
 *
 * Seen in streams that the official client 0.169.0 accepted. The `event:` line of an event says
 * nothing; the `type` in its JSON alone counts.
 */
import {
  arrayAt,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt,
} from "../base/json.ts";

/** An event of the stream, known only by its type. */
export interface WireEvent extends JsonObject {
  /** Names it, such as `response.output_text.delta`. */
  readonly type: string;
}

/**
 * Reads the data of one event.
 *
 * @param data The text after `data:`.
 * @returns The event, or `undefined` when this is no JSON (`[DONE]`) or has no type; the official
 * client skips such lines silently.
 */
export function readWireEvent(data: string): WireEvent | undefined {
  const value = parseJson(data);
  return isWireEvent(value) ? value : undefined;
}

function isWireEvent(value: unknown): value is WireEvent {
  return isObject(value) && typeof value["type"] === "string";
}

/** What a message says, and whether any of it is a refusal. */
export interface MessageText {
  /** Its text and refusal parts, in order. */
  readonly text: string;
  /** Whether the model refused; the official client drops such a message without a word. */
  readonly refused: boolean;
}

/**
 * Reads the content of a finished message.
 *
 * @param item An item of type `message`.
 * @returns What it says, or `undefined` when it holds no part with text at all.
 */
export function readMessage(item: unknown): MessageText | undefined {
  let text: string | undefined;
  let refused = false;
  for (const part of arrayAt(item, "content")) {
    const refusal = stringAt(part, "type") === "refusal" ? stringAt(part, "refusal") : undefined;
    if (refusal !== undefined) refused = true;
    const said = refusal ?? stringAt(part, "text");
    if (said !== undefined) text = (text ?? "") + said;
  }
  return text === undefined ? undefined : { text, refused };
}

/**
 * Reads the text of a finished reasoning item: its summary, else its raw content. Parts are set
 * apart by a blank line.
 */
export function readReasoning(item: unknown): string {
  const texts = (key: string) =>
    arrayAt(item, key).flatMap((part) => stringAt(part, "text") || []).join("\n\n");
  return texts("summary") || texts("content");
}

/** A call of a tool, as a finished item holds it. */
export interface WireCall {
  /** Pairs the call with its result. */
  readonly id: string;
  /** The tool. */
  readonly name: string;
  /** The group that the tool belongs to, where it was declared in one. */
  readonly namespace: string | undefined;
  /** `function` takes JSON, `custom` takes text. */
  readonly kind: "function" | "custom";
  /** The arguments as they were written. */
  readonly input: string;
}

/** Reads a call from a finished item; `undefined` for any other item, and for one without a name. */
export function readCall(item: unknown): WireCall | undefined {
  const type = stringAt(item, "type");
  if (type !== "function_call" && type !== "custom_tool_call") return undefined;
  const id = stringAt(item, "call_id") || stringAt(item, "id");
  const name = stringAt(item, "name");
  if (!id || !name) return undefined;
  const kind = type === "function_call" ? "function" : "custom";
  return {
    id,
    name,
    namespace: stringAt(item, "namespace") || undefined,
    kind,
    input: stringAt(item, kind === "function" ? "arguments" : "input") ?? "",
  };
}

/** Tokens that an answer took. */
export interface WireUsage {
  /** Input, the cached part included. */
  readonly inputTokens: number;
  /** The part of the input that the service had cached. */
  readonly cachedInputTokens: number;
  /** Output, the reasoning included. */
  readonly outputTokens: number;
  /** The part of the output that was reasoning. */
  readonly reasoningTokens: number;
  /** Input and output together. */
  readonly totalTokens: number;
}

/**
 * Reads the usage of a finished response. It may be missing, and a member of another type kills
 * the answer for the official client; here it counts as 0.
 *
 * @param response The `response` member of a terminal event.
 * @returns The usage, or `undefined` when there is none.
 */
export function readUsage(response: unknown): WireUsage | undefined {
  if (!isObject(response) || !isObject(response["usage"])) return undefined;
  const usage = response["usage"];
  const inputTokens = numberAt(usage, "input_tokens") ?? 0;
  const outputTokens = numberAt(usage, "output_tokens") ?? 0;
  return {
    inputTokens,
    cachedInputTokens: numberAt(objectAt(usage, "input_tokens_details"), "cached_tokens") ?? 0,
    outputTokens,
    reasoningTokens: numberAt(objectAt(usage, "output_tokens_details"), "reasoning_tokens") ?? 0,
    totalTokens: numberAt(usage, "total_tokens") ?? inputTokens + outputTokens,
  };
}
