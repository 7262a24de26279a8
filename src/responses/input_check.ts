/** Holds an input of a caller without types to what it may be. Pure; roles and types are checked where they are read. */
import { check, type Kind, list, type Members, OBJECT, optional, shape, TEXT } from "./members.ts";
import { LongText } from "./long_text.ts";
import { isObject } from "../base/json.ts";

const HINT = "See docs/library.md for what an input may be";

const kind = (what: string, is: (value: unknown) => boolean): Kind => ({ what, is, hint: HINT });

const BYTES_OR_PLACE = (value: unknown) =>
  typeof value === "string" || value instanceof Uint8Array || value instanceof URL;

const PARTS: Readonly<Record<string, Members>> = {
  text: { text: TEXT },
  file: { name: TEXT, text: kind("text, its bytes or a file: URL", BYTES_OR_PLACE) },
  image: {
    image: kind("its bytes, a path or a URL", BYTES_OR_PLACE),
    detail: optional(TEXT),
  },
};

const PART = byMember("type", PARTS);

const TEXT_OR_PARTS: Kind = {
  what: "text or a list of parts",
  hint: HINT,
  is: (value) => typeof value === "string" || Array.isArray(value),
  look: (value, place) => typeof value === "string" ? undefined : list(PART).look?.(value, place),
};

const RESULTS = list(
  shape({ id: TEXT, output: TEXT_OR_PARTS }, { hint: HINT }),
  "a list of tool results",
  HINT,
);

const MESSAGE = byMember("role", {
  user: { content: TEXT_OR_PARTS },
  developer: { content: TEXT },
  tool: { content: RESULTS },
});

const ITEMS: Members = { items: list(OBJECT, "a list of items", HINT) };

/**
 * Checks an input.
 *
 * @param input The input.
 * @param place What to call it.
 * @throws CodexError `invalid_usage` naming the member that is of another type.
 */
export function checkInput(input: unknown, place = "input"): void {
  if (!Array.isArray(input)) return;
  for (const [index, message] of input.entries()) {
    const at = `${place}[${index}]`;
    check(message, { ...OBJECT, hint: HINT }, at);
    if (isObject(message) && message["role"] === "assistant") {
      const members = "items" in message ? ITEMS : { content: TEXT };
      check(message, shape(members, { hint: HINT }), at);
    } else check(message, MESSAGE, at);
  }
}

/** An object whose members depend on one of them. */
function byMember(name: string, all: Readonly<Record<string, Members>>): Kind {
  return {
    ...OBJECT,
    hint: HINT,
    look(value, place) {
      // A long text is not held as a string.
      if (!isObject(value) || value instanceof LongText) return;
      const chosen = value[name];
      const known = typeof chosen === "string" && Object.hasOwn(all, chosen);
      const members = known ? all[chosen] : undefined;
      if (members !== undefined) shape(members, { hint: HINT }).look?.(value, place);
    },
  };
}
