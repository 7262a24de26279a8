/** Functions that write down what the model says and calls. */
import type { Json } from "./json.ts";
import type { AnswerItem, AnswerTurn, RawTurn, TextItem, Wire } from "./turns.ts";

/** What is said where a turn needs some text. */
export const DEFAULT_REPLY =
  "Hello from the simulator! Every part of this sentence came by itself.";

/** What every streamed turn may be given. */
export type TurnOptions = Pick<AnswerTurn, "when" | "times" | "headers" | "usage" | "wire">;

/** How {@linkcode reply} is streamed. */
export type ReplyOptions = Omit<TextItem, "type" | "text"> & TurnOptions;

/** What {@linkcode toolCall} and {@linkcode customToolCall} may be given. */
export type CallOptions = TurnOptions & {
  /** The call's id; made up by default. */
  readonly callId?: string;
};

/**
 * The model says something.
 *
 * @param text What it says.
 * @param options In how many pieces, how fast, and to which prompt.
 * @returns The turn.
 *
 * @example An answer in two pieces, 50 ms apart, to a certain prompt
 * ```ts
 * import { createSimulator, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(reply("It is four.", { chunks: 2, delayMs: 50, when: "2 + 2" }));
 * ```
 */
export function reply(text: string, options: ReplyOptions = {}): AnswerTurn {
  const { chunks, delayMs, phase, deltasOnly, ...rest } = options;
  return answer([{ type: "text", text, ...defined({ chunks, delayMs, phase, deltasOnly }) }], rest);
}

/**
 * The model calls a function tool.
 *
 * @param name The tool.
 * @param input Its arguments; a string is sent as it is, broken JSON included.
 * @param options The call's id, and which prompt it answers.
 * @returns The turn.
 *
 * @example A call, and the answer after its result came back
 * ```ts
 * import { createSimulator, reply, toolCall } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(toolCall("weather", { city: "Oslo" }), reply("It is cold in Oslo."));
 * ```
 */
export function toolCall(name: string, input: Json, options: CallOptions = {}): AnswerTurn {
  const { callId, ...rest } = options;
  return answer([{ type: "tool-call", name, input, ...defined({ callId }) }], rest);
}

/**
 * The model calls a tool that takes free text, such as a patch.
 *
 * @param name The tool.
 * @param input The text.
 * @param options The call's id, and which prompt it answers.
 * @returns The turn.
 *
 * @example A patch
 * ```ts
 * import { createSimulator, customToolCall } from "@x/codex/testing";
 *
 * const patch = "*** Begin Patch\n*** Delete File: old.txt\n*** End Patch\n";
 * await using simulator = createSimulator({ turns: [customToolCall("apply_patch", patch)] });
 * ```
 */
export function customToolCall(
  name: string,
  input: string,
  options: CallOptions = {},
): AnswerTurn {
  const { callId, ...rest } = options;
  return answer([{ type: "custom-tool-call", name, input, ...defined({ callId }) }], rest);
}

/**
 * The model sums up what it thought. Put it before an answer with {@linkcode combine}.
 *
 * @param summary The summary, or its parts.
 * @param options Which prompt it answers.
 * @returns The turn.
 *
 * @example Reasoning before an answer
 * ```ts
 * import { combine, createSimulator, reasoning, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(combine(reasoning("**Adding**\n\nTwo and two"), reply("Four.")));
 * ```
 */
export function reasoning(
  summary: string | readonly string[],
  options: TurnOptions = {},
): AnswerTurn {
  const parts = typeof summary === "string" ? [summary] : summary;
  return answer([{ type: "reasoning", summary: parts }], options);
}

/**
 * The model declines.
 *
 * @param text What it says.
 * @param options Which prompt it answers.
 * @returns The turn.
 *
 * @example A refusal
 * ```ts
 * import { createSimulator, refuse } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [refuse("I can't help with that.")] });
 * ```
 */
export function refuse(text: string, options: TurnOptions = {}): AnswerTurn {
  return answer([{ type: "refusal", text }], options);
}

/**
 * Any other item, in the service's own shape.
 *
 * @param item The item; an id is added where it has none.
 * @param options Which prompt it answers.
 * @returns The turn.
 *
 * @example A search that the service made by itself, before the answer
 * ```ts
 * import { combine, createSimulator, outputItem, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * const search = outputItem({ type: "web_search_call", status: "completed" });
 * simulator.enqueue(combine(search, reply("Found it.")));
 * ```
 */
export function outputItem(
  item: { readonly [key: string]: Json },
  options: TurnOptions = {},
): AnswerTurn {
  return answer([{ type: "item", item }], options);
}

/**
 * One response that holds what several turns hold: reasoning before an answer, two calls at once.
 *
 * @param turns The turns; how the response ends and breaks comes from the last that says so.
 * @returns The turn.
 *
 * @example Two calls in one response
 * ```ts
 * import { combine, createSimulator, toolCall } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(combine(
 *   toolCall("read", { path: "a.txt" }),
 *   toolCall("read", { path: "b.txt" }),
 * ));
 * ```
 */
export function combine(...turns: readonly AnswerTurn[]): AnswerTurn {
  const nothing: AnswerTurn = { type: "answer", items: [] };
  return turns.reduce((all, turn) => ({
    ...all,
    ...turn,
    items: [...all.items, ...turn.items],
  }), nothing);
}

/**
 * The whole text comes in one delta.
 *
 * @param text The text.
 * @param options Which prompt it answers.
 * @returns The turn.
 *
 * @example A megabyte at once
 * ```ts
 * import { createSimulator, oneBigDelta } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [oneBigDelta("x".repeat(1024 * 1024))] });
 * ```
 */
export function oneBigDelta(text: string, options: TurnOptions = {}): AnswerTurn {
  return reply(text, { ...options, chunks: 1 });
}

/**
 * The text stands in the last event alone: no deltas and no items before it.
 *
 * @param text The text.
 * @param options Which prompt it answers.
 * @returns The turn.
 *
 * @example Nothing but the end
 * ```ts
 * import { completedOnly, createSimulator } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [completedOnly("All at once.")] });
 * ```
 */
export function completedOnly(text: string, options: TurnOptions = {}): AnswerTurn {
  const ending = { type: "completed", outputOnlyHere: true } as const;
  return { ...answer([{ type: "text", text }], options), ending };
}

/**
 * The same answer, written to the wire in another way that means the same.
 *
 * @param turn The answer.
 * @param wire How.
 * @returns The turn.
 *
 * @example Three bytes at a time, which cuts characters apart
 * ```ts
 * import { createSimulator, onWire, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(onWire(reply("Grüße 👋"), { bytesPerWrite: 3, lineEnd: "crlf" }));
 * ```
 */
export function onWire(turn: AnswerTurn, wire: Wire): AnswerTurn {
  return { ...turn, wire };
}

/**
 * A body as it is.
 *
 * @param body Text, or bytes.
 * @param options Status, content type, headers, and whether the connection breaks at its end.
 * @returns The turn.
 *
 * @example Play a recorded stream
 * ```ts
 * import { createSimulator, raw } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(raw('data: {"type":"response.created","response":{"id":"resp_1"}}\n\n'));
 * ```
 */
export function raw(
  body: string | Uint8Array,
  options: Omit<RawTurn, "type" | "text" | "base64"> = {},
): RawTurn {
  if (typeof body === "string") return { type: "raw", text: body, ...options };
  const binary = Array.from(body, (byte) => String.fromCharCode(byte)).join("");
  return { type: "raw", base64: btoa(binary), ...options };
}

/** A streamed turn with these items. */
export function answer(items: readonly AnswerItem[], options: TurnOptions): AnswerTurn {
  return { type: "answer", items, ...options };
}

/** Only the members that are not `undefined`. */
export function defined<T extends object>(
  members: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
