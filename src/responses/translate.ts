/**
 * Events of the wire to ours, and into the accumulator. Pure: no time, no I/O.
 *
 * Text is shown from the deltas and taken from the finished item: where the item goes on beyond
 * its deltas the rest is shown too, where it differs a warning says so. Calls are taken from
 * finished items alone. An answer without finished items keeps what its deltas said; one without
 * deltas shows its items; one with neither is read from the terminal event.
 */
import { arrayAt, isObject, objectAt, parseJson, stringAt } from "../base/json.ts";
import { redact } from "../base/redact.ts";
import { readLimitEvent } from "../protocol/limits.ts";
import {
  readCall,
  readMessage,
  readReasoning,
  readUsage,
  type WireEvent,
} from "../protocol/responses.ts";
import type { Accumulator, Ending } from "./accumulator.ts";
import type { FinishReason, Phase, StreamEvent } from "./events.ts";
import { mergeLimits, rateLimits } from "./limits.ts";
import { type ItemState, OpenItems } from "./open_items.ts";

/** What a translator needs to know. */
export interface TranslatorOptions {
  /** Also emit the events of the wire, without the secrets named here. */
  readonly raw?: { readonly secrets: readonly string[] } | undefined;
}

/** Translates the events of one attempt. */
export class Translator {
  /** How the answer ended, once it has ended well or incomplete. */
  ending: Ending | undefined;
  /** The terminal event that says that the answer failed. */
  failure: WireEvent | undefined;
  /** Whether anything was shown that a retry would repeat. */
  shown = false;

  readonly #answer: Accumulator;
  readonly #options: TranslatorOptions;
  readonly #items = new OpenItems();
  #started = false;

  /**
   * @param answer Where the answer is put together.
   * @param options Whether to pass the wire's events on.
   */
  constructor(answer: Accumulator, options: TranslatorOptions = {}) {
    this.#answer = answer;
    this.#options = options;
  }

  /** Whether the terminal event has been seen; nothing counts after it. */
  get ended(): boolean {
    return this.ending !== undefined || this.failure !== undefined;
  }

  /**
   * Translates one event.
   *
   * @param event The event.
   * @param out Where our events go.
   */
  translate(event: WireEvent, out: StreamEvent[]): void {
    if (this.#options.raw !== undefined) {
      out.push({ type: "raw", event: clean(event, this.#options.raw.secrets) });
    }
    const { type } = event;
    // First, as nearly every event of a long answer is one of these.
    if (type === "response.output_text.delta" || type === "response.refusal.delta") {
      this.#textDelta(event, out);
      return;
    }
    switch (type) {
      case "response.created":
      case "response.in_progress":
        this.#start(event, out);
        break;
      case "response.output_item.added":
        this.#items.add(event);
        break;
      case "response.output_item.done":
        this.#start(undefined, out);
        this.#itemDone(this.#items.find(event, event["item"]), event["item"], out);
        break;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        this.#reasoningDelta(event, out);
        break;
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        this.#inputDelta(event, out);
        break;
      case "codex.rate_limits":
        this.#limits(event, out);
        break;
      case "response.completed":
      case "response.incomplete":
        this.#finish(event, out);
        break;
      case "response.failed":
      case "response.cancelled":
      case "response.error":
      case "error":
        this.failure = event;
        break;
    }
  }

  #start(event: WireEvent | undefined, out: StreamEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    const response = objectAt(event, "response");
    const answer = this.#answer;
    answer.id ||= stringAt(response, "id") ?? "";
    answer.model = answer.servedModel ?? (stringAt(response, "model") || answer.model);
    const { id, model, requestId } = answer;
    out.push({ type: "start", id, model, ...(requestId === undefined ? {} : { requestId }) });
  }

  #textDelta(event: WireEvent, out: StreamEvent[]): void {
    const { delta } = event;
    if (typeof delta !== "string") return;
    const item = this.#items.find(event);
    if (event.type === "response.refusal.delta") this.#answer.refused = true;
    this.#showText(item, item.joined(delta), out);
  }

  #showText(item: ItemState, delta: string, out: StreamEvent[]): void {
    if (delta === "") return;
    if (!item.opened) this.#openText(item, out);
    this.#answer.shown.add(item, delta);
    out.push({ type: "text-delta", id: item.id, delta });
  }

  #openText(item: ItemState, out: StreamEvent[]): void {
    this.#start(undefined, out);
    item.opened = true;
    this.shown = true;
    out.push({ type: "text-start", id: item.id, ...phaseOf(item.phase) });
  }

  #reasoningDelta(event: WireEvent, out: StreamEvent[]): void {
    const { delta } = event;
    if (typeof delta !== "string") return;
    const item = this.#items.find(event);
    const part = `${event.type} ${event["summary_index"] ?? event["content_index"] ?? 0}`;
    const apart = item.opened && item.part !== part ? "\n\n" : "";
    item.part = part;
    this.#showReasoning(item, apart + item.joined(delta), out);
  }

  #showReasoning(item: ItemState, delta: string, out: StreamEvent[]): void {
    if (delta === "") return;
    this.#start(undefined, out);
    item.opened = true;
    this.shown = true;
    out.push({ type: "reasoning-delta", id: item.id, delta });
  }

  #inputDelta(event: WireEvent, out: StreamEvent[]): void {
    if (typeof event["delta"] !== "string") return;
    const item = this.#items.find(event);
    item.calling = true;
    const delta = item.joined(event["delta"]);
    if (delta === "") return;
    this.#start(undefined, out);
    this.shown = true;
    out.push({ type: "tool-input-delta", id: item.callId ?? item.id, delta });
  }

  #limits(event: WireEvent, out: StreamEvent[]): void {
    const limits = rateLimits(readLimitEvent(event));
    this.#answer.limits = mergeLimits(this.#answer.limits, limits);
    out.push({ type: "limits", limits: this.#answer.limits });
  }

  #itemDone(state: ItemState, item: unknown, out: StreamEvent[]): void {
    if (!isObject(item) || state.done) return;
    state.done = true;
    this.#answer.items.push(item);
    switch (item["type"]) {
      case "message":
        this.#messageDone(state, item, out);
        break;
      case "reasoning":
        if (!state.opened) this.#showReasoning(state, readReasoning(item), out);
        break;
      default:
        this.#callDone(item, out);
    }
  }

  #messageDone(state: ItemState, item: unknown, out: StreamEvent[]): void {
    const before = this.#answer.shown.of(state);
    // A finished message without any text must not take back what was said.
    const { text, refused } = readMessage(item) ?? { text: before + state.held, refused: false };
    if (refused) this.#answer.refused = true;
    state.phase = stringAt(item, "phase") ?? state.phase;
    if (text.startsWith(before)) {
      this.#showText(state, text.slice(before.length), out);
    } else {
      out.push({
        type: "warning",
        code: "text_differs",
        message: "The finished message differs from what was streamed of it",
      });
    }
    this.#closeText(state, text, out);
  }

  #closeText(state: ItemState, text: string, out: StreamEvent[]): void {
    if (!state.opened) this.#openText(state, out);
    this.#answer.answer = text;
    out.push({ type: "text-end", id: state.id, text, ...phaseOf(state.phase) });
  }

  #callDone(item: unknown, out: StreamEvent[]): void {
    const call = readCall(item);
    if (call === undefined) return;
    const { id, name, namespace, kind, input } = call;
    const value = kind === "custom" ? input : argumentsOf(input);
    const told = { id, name, input: value, ...(namespace === undefined ? {} : { namespace }) };
    this.shown = true;
    this.#answer.calls.push(told);
    out.push({ type: "tool-call", ...told });
  }

  #finish(event: WireEvent, out: StreamEvent[]): void {
    const response = objectAt(event, "response");
    this.#start(event, out);
    const answer = this.#answer;
    answer.id ||= stringAt(response, "id") ?? "";
    answer.usage = readUsage(response);
    if (answer.items.length === 0 && !this.shown) {
      for (const item of arrayAt(response, "output")) {
        this.#itemDone(this.#items.find({}, item), item, out);
      }
    }
    for (const item of this.#items.open()) this.#closeUnfinished(item, out);
    this.ending = this.#endingOf(event);
    const { reason, detail, continues } = this.ending;
    out.push({
      type: "finish",
      reason,
      ...(detail === undefined ? {} : { detail }),
      ...(continues ? { continues: true } : {}),
      usage: answer.usageOrNothing,
      ...(answer.limits === undefined ? {} : { limits: answer.limits }),
    });
  }

  /** An item that was begun and never finished: its text counts, a call does not. */
  #closeUnfinished(state: ItemState, out: StreamEvent[]): void {
    const text = this.#answer.shown.of(state) + state.held;
    if (text !== "" && !state.calling && state.part === "") {
      this.#showText(state, state.takeHeld(), out);
      this.#closeText(state, text, out);
      this.#answer.items.push({
        type: "message",
        role: "assistant",
        content: [{ type: "output_text", text }],
      });
    } else if (state.calling) {
      out.push({
        type: "warning",
        code: "call_unfinished",
        message: "A tool call was begun and not finished, so it is not made",
      });
    }
  }

  #endingOf(event: WireEvent): Ending {
    const response = objectAt(event, "response");
    const continues = response["end_turn"] === false;
    if (event.type === "response.completed") {
      const { calls, refused } = this.#answer;
      return { reason: calls.length > 0 ? "tool-calls" : refused ? "refusal" : "stop", continues };
    }
    const detail = stringAt(objectAt(response, "incomplete_details"), "reason");
    const reason = INCOMPLETE.get(detail ?? "") ?? "other";
    return { reason, ...(detail === undefined ? {} : { detail }), continues: false };
  }
}

const INCOMPLETE: ReadonlyMap<string, FinishReason> = new Map([
  ["max_output_tokens", "length"],
  ["max_tokens", "length"],
  ["content_filter", "content-filter"],
]);

/** A function's arguments as a value, or as the text that they are when that is no JSON. */
function argumentsOf(input: string): unknown {
  if (input.trim() === "") return {};
  const value = parseJson(input);
  return value === undefined ? input : value;
}

/** The service's phases: `commentary` and `partial_answer` come on the way to a `final_answer`. */
function phaseOf(phase: string | undefined): { readonly phase?: Phase } {
  if (phase === undefined) return {};
  return { phase: phase === "final_answer" ? "final" : "interim" };
}

/** A copy without secrets, should the service ever repeat what we sent. */
function clean(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (Array.isArray(value)) return value.map((one) => clean(one, secrets));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, clean(one, secrets)]));
}
