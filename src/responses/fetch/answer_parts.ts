/**
 * Puts a response together from its events. The backend leaves `output` of the last event empty
 * (reported), and SDKs read their answer from there.
 */
import { isObject, type JsonObject, numberAt, objectAt, stringAt } from "../../base/json.ts";
import type { WireEvent } from "../../protocol/responses.ts";

/** The events after which nothing follows. */
const LAST: readonly string[] = [
  "response.completed",
  "response.incomplete",
  "response.failed",
  "response.cancelled",
  "error",
];

/** Whether an event is the last of its answer. */
export function isLast({ type }: WireEvent): boolean {
  return LAST.includes(type);
}

/** The parts of one response. */
export class AnswerParts {
  readonly #begun: Map<number, { readonly item: JsonObject; text: string }> = new Map();
  readonly #items: Map<number, JsonObject> = new Map();
  #response: JsonObject = {};

  /**
   * Takes an event.
   *
   * @returns The item that it finishes, if it does.
   */
  take(event: WireEvent): JsonObject | undefined {
    const index = numberAt(event, "output_index");
    const item = isObject(event["item"]) ? event["item"] : undefined;
    switch (event.type) {
      case "response.created":
        this.#response = objectAt(event, "response");
        return undefined;
      case "response.output_item.added":
        if (item !== undefined) this.#begun.set(index ?? this.#begun.size, { item, text: "" });
        return undefined;
      case "response.output_text.delta": {
        const begun = this.#begun.get(index ?? this.#begun.size - 1);
        if (begun !== undefined) begun.text += stringAt(event, "delta") ?? "";
        return undefined;
      }
      case "response.output_item.done":
        if (item !== undefined) this.#items.set(index ?? this.#items.size, item);
        return item;
      default:
        return undefined;
    }
  }

  /** The last event, with the output in it; the very same one when it has its output. */
  filled(event: WireEvent): WireEvent {
    if (event.type !== "response.completed" && event.type !== "response.incomplete") return event;
    const { response } = event;
    if (!isObject(response)) return event;
    const { output } = response;
    const items = this.#output();
    if (items.length === 0 || (Array.isArray(output) && output.length > 0)) return event;
    return { ...event, response: { ...response, output: items } };
  }

  /**
   * The whole response, as the public API gives it where no stream is asked for.
   *
   * @param event The last event.
   * @param otherwise What is said where the service said nothing.
   */
  whole(event: WireEvent, otherwise: JsonObject): JsonObject {
    return {
      object: "response",
      error: null,
      incomplete_details: null,
      ...otherwise,
      ...this.#response,
      status: event.type === "response.incomplete" ? "incomplete" : "completed",
      output: [],
      ...objectAt(this.filled(event), "response"),
    };
  }

  /** The finished items, and the text of a message that was begun and never finished. */
  #output(): readonly JsonObject[] {
    const items = new Map(this.#items);
    for (const [index, { item, text }] of this.#begun) {
      if (items.has(index) || text === "" || item["type"] !== "message") continue;
      const content = [{ type: "output_text", text, annotations: [] }];
      items.set(index, { ...item, status: "completed", content });
    }
    return [...items].sort(([one], [other]) => one - other).map(([, item]) => item);
  }
}
