/** The output items of an answer that are under way, found by whatever an event names them with. */
import { isObject, type JsonObject, numberAt, stringAt } from "../base/json.ts";

/** What is known of one item. */
export class ItemState {
  /** What our events call it. */
  readonly id: string;
  /** What its calls are paired by. */
  callId: string | undefined;
  /** As the wire has it. */
  phase: string | undefined;
  /** Whether anything of it was shown. */
  opened = false;
  /** Whether it is finished. */
  done = false;
  /** Whether it is a call that was begun. */
  calling = false;
  /** The part of it that was shown last, for reasoning. */
  part = "";
  /** The first half of a surrogate pair, kept until the other half comes. */
  held = "";

  /** @param id What our events call it. */
  constructor(id: string) {
    this.id = id;
  }

  /** A delta, with what was held before it and without what must be held now. */
  joined(delta: string): string {
    const text = this.held === "" ? delta : this.takeHeld() + delta;
    const isHigh = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800;
    if (!isHigh) return text;
    this.held = text.slice(-1);
    return text.slice(0, -1);
  }

  /** What is held, which then is not held any more. */
  takeHeld(): string {
    const { held } = this;
    this.held = "";
    return held;
  }
}

/** Finds the items of one answer. */
export class OpenItems {
  readonly #byId = new Map<string, ItemState>();
  readonly #byIndex = new Map<number, ItemState>();
  #last: ItemState | undefined;

  /** Those that are not finished. */
  open(): readonly ItemState[] {
    return [...new Set([...this.#byId.values(), ...this.#byIndex.values()])]
      .filter(({ done }) => !done);
  }

  /** Takes note of an item that is announced. */
  add(event: JsonObject): void {
    const { item } = event;
    const state = this.find(event, item);
    state.phase = stringAt(item, "phase");
    state.callId = stringAt(item, "call_id");
    const type = stringAt(item, "type");
    state.calling = type === "function_call" || type === "custom_tool_call";
  }

  /**
   * The item that an event is about: by its id, else by its place, else the last one.
   *
   * @param event The event.
   * @param item The item in it, where it holds one.
   */
  find(event: JsonObject, item?: unknown): ItemState {
    const id = item === undefined ? event["item_id"] ?? event["call_id"] : idOf(item);
    const last = this.#last;
    if (last !== undefined && id === last.id && !last.done) return last;
    const index = numberAt(event, "output_index");
    const named = typeof id === "string" && id !== "" ? id : undefined;
    const known = (named === undefined ? undefined : this.#byId.get(named)) ??
      (index === undefined ? undefined : this.#byIndex.get(index)) ??
      (named === undefined && index === undefined && last?.done === false ? last : undefined);
    const state = known ?? new ItemState(named ?? `item_${index ?? this.#byId.size}`);
    this.#byId.set(named ?? state.id, state);
    if (index !== undefined) this.#byIndex.set(index, state);
    this.#last = state;
    return state;
  }
}

function idOf(item: unknown): string | undefined {
  return isObject(item) ? stringAt(item, "id") : undefined;
}
