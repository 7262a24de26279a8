/**
 * What the public API keeps of its answers, so that a later request may point at them: whole
 * responses by `previous_response_id`, single items by `item_reference`. Nothing is kept of a
 * request with `store: false`, nor of a stream that broke off.
 */
import { arrayAt, isObject, type JsonObject, stringAt } from "../../base/json.ts";
import { apiError } from "../answers.ts";
import type { Step } from "../stream/items.ts";

/** The most responses that are kept; the oldest are forgotten. */
const MOST_RESPONSES = 1000;

/** A response that was given out. */
interface Kept {
  /** What led to it, and its own items behind that. */
  readonly conversation: readonly unknown[];
  /** The ids of its own items. */
  readonly ids: readonly string[];
}

/** What a request means, or the answer that refuses it. */
export type Recalled =
  | { readonly input: readonly unknown[] }
  | { readonly refused: Response };

/** The answers that were given out. */
export class ApiMemory {
  readonly #responses = new Map<string, Kept>();
  readonly #items = new Map<string, JsonObject>();

  /** The whole conversation that a request stands for, everything that it points at put in place. */
  recall(request: JsonObject): Recalled {
    const previous = request["previous_response_id"] ?? undefined;
    const before = previous === undefined
      ? []
      : this.#responses.get(String(previous))?.conversation;
    if (before === undefined) return { refused: noResponse(String(previous)) };
    const { input } = request;
    const given = typeof input === "string"
      ? [{ type: "message", role: "user", content: input }]
      : arrayAt(request, "input");
    const own: unknown[] = [];
    for (const item of given) {
      const id = stringAt(item, "type") === "item_reference" ? stringAt(item, "id") : undefined;
      const meant = id === undefined ? item : this.#items.get(id);
      if (meant === undefined) return { refused: noItem(id ?? "") };
      own.push(meant);
    }
    return { input: [...before, ...own] };
  }

  /** The same steps; what the last of them completes is kept before it is sent. */
  *keeping(request: JsonObject, steps: Iterable<Step>): Generator<Step, void> {
    for (const step of steps) {
      const { type, response } = step.event;
      const isWhole = type === "response.completed" || type === "response.incomplete";
      if (isWhole && isObject(response) && request["store"] !== false) {
        this.#keep(response, arrayAt(request, "input"));
      }
      yield step;
    }
  }

  #keep(response: JsonObject, input: readonly unknown[]): void {
    const items = arrayAt(response, "output").filter(isObject);
    const ids: string[] = [];
    for (const item of items) {
      const id = stringAt(item, "id");
      if (id === undefined) continue;
      ids.push(id);
      this.#items.set(id, item);
    }
    const conversation = [...input, ...items];
    this.#responses.set(stringAt(response, "id") ?? "", { conversation, ids });
    if (this.#responses.size > MOST_RESPONSES) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#responses;
    if (oldest === undefined) return;
    const [id, { ids }] = oldest;
    this.#responses.delete(id);
    for (const item of ids) this.#items.delete(item);
  }
}

function noResponse(id: string): Response {
  return apiError(400, {
    message: `Previous response with id '${id}' not found.`,
    param: "previous_response_id",
    code: "previous_response_not_found",
  });
}

function noItem(id: string): Response {
  return apiError(404, {
    message: `Item with id '${id}' not found. Items are not persisted when \`store\` is set to ` +
      "false. Try again with `store` set to true, or remove this item from your input.",
    param: "input",
  });
}
