/** Holds an input of a caller without types to what it may be. Pure; roles and types are checked where they are read. */
import {
  check,
  closed,
  type Kind,
  list,
  type Members,
  OBJECT,
  optional,
  TEXT,
  word,
} from "./members.ts";
import { CodexError } from "../base/errors.ts";
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
    detail: optional(word("auto", "low", "high", "original")),
  },
};

const PART = byMember("type", PARTS);

const RESULT: Kind = {
  what: "text or a list of parts",
  hint: HINT,
  is: (value) => typeof value === "string" || Array.isArray(value),
  look: (value, place) => typeof value === "string" ? undefined : list(PART).look?.(value, place),
};

/** What the user says is something. */
const CONTENT: Kind = {
  ...RESULT,
  look(value, place) {
    if (Array.isArray(value) && value.length === 0) {
      throw new CodexError("invalid_usage", `${place} is an empty list`, { hint: "Give a part" });
    }
    RESULT.look?.(value, place);
  },
};

const RESULTS = list(
  closed({ type: TEXT, id: TEXT, output: RESULT }, { hint: HINT }),
  "a list of tool results",
  HINT,
);

const MESSAGE = byMember("role", {
  user: { content: CONTENT },
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
  if (typeof input === "string" && input.trim() === "") {
    throw new CodexError("invalid_usage", `The ${place} is empty`, { hint: "Give a prompt" });
  }
  if (!Array.isArray(input)) return;
  for (const [index, message] of input.entries()) {
    const at = `${place}[${index}]`;
    check(message, { ...OBJECT, hint: HINT }, at);
    if (isObject(message) && message["role"] === "assistant") {
      if ("items" in message && "content" in message) throw saidTwice(at);
      const members = "items" in message ? ITEMS : { content: TEXT };
      check(message, closed({ role: TEXT, ...members }, { hint: HINT }), at);
    } else check(message, MESSAGE, at);
  }
}

function saidTwice(place: string): CodexError {
  return new CodexError("invalid_usage", `${place} has both items and content`, {
    hint: "Leave the content out: the items have it",
  });
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
      if (members === undefined) return;
      closed({ [name]: TEXT, ...members }, { hint: HINT }).look?.(value, place);
    },
  };
}
