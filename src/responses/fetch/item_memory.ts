/**
 * Remembers what the model said, by id. The backend keeps nothing between requests, but an SDK that
 * takes it for the public API sends `{ type: "item_reference", id }` in place of an item (the AI SDK
 * does, unless told `store: false`).
 */
import { type JsonObject, stringAt } from "../../base/json.ts";

/** How much is remembered, in characters of JSON. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** Items by id, the oldest forgotten first. */
export class ItemMemory {
  readonly #items: Map<string, { readonly item: JsonObject; readonly size: number }> = new Map();
  readonly #most: number;
  #size = 0;

  /** @param most How much is remembered, in characters of JSON. */
  constructor(most: number = MOST_CHARACTERS) {
    this.#most = most;
  }

  /** Remembers an item that has an id. */
  keep(item: JsonObject): void {
    const id = stringAt(item, "id");
    if (id === undefined) return;
    this.#forget(id);
    const size = JSON.stringify(item).length;
    this.#items.set(id, { item, size });
    this.#size += size;
    for (const oldest of this.#items.keys()) {
      if (this.#size <= this.#most) break;
      this.#forget(oldest);
    }
  }

  /** The item of an id; what is asked for again is forgotten later. */
  find(id: string): JsonObject | undefined {
    const found = this.#items.get(id);
    if (found === undefined) return undefined;
    this.#items.delete(id);
    this.#items.set(id, found);
    return found.item;
  }

  #forget(id: string): void {
    this.#size -= this.#items.get(id)?.size ?? 0;
    this.#items.delete(id);
  }
}
