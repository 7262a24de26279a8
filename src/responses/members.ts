/**
 * What a caller without types may have got wrong: values of another type, and members that nobody
 * knows, which would otherwise be dropped without a word. Pure.
 */
import { CodexError } from "../base/errors.ts";
import { isObject } from "../base/json.ts";
import { nearest } from "./nearest.ts";

/** What a value has to be. */
export interface Kind {
  /** In words, for "has to be …". */
  readonly what: string;
  /** What to do where it is something else. */
  readonly hint?: string | undefined;
  /** Whether a value is of this kind. */
  is(value: unknown): boolean;
  /** Looks into a value that is. */
  look?(value: unknown, place: string): void;
}

/** The members of an object, each with what it has to be. */
export type Members = Readonly<Record<string, Kind>>;

/**
 * Holds a value against what it has to be.
 *
 * @param value The value.
 * @param kind What it has to be.
 * @param place Where it stands, as it would be written in code.
 * @throws CodexError `invalid_usage` naming the place.
 */
export function check(value: unknown, kind: Kind, place: string): void {
  if (!kind.is(value)) {
    throw new CodexError(
      "invalid_usage",
      `${place} has to be ${kind.what}, and is ${type(value)}`,
      {
        hint: kind.hint ?? "docs/library.md has all options with what they may be",
      },
    );
  }
  kind.look?.(value, place);
}

/**
 * Refuses members that nobody knows; those that are `undefined` count as absent.
 *
 * @param given The object.
 * @param known The names.
 * @param place Where it stands.
 * @throws CodexError `invalid_usage` naming the member, and the nearest that there is.
 */
export function checkNames(given: object, known: readonly string[], place: string): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const [near = ""] = nearest(name, known);
    throw new CodexError("invalid_usage", `${place}.${name} is not known here`, {
      hint: `Leave it out; the nearest that there is: ${place}.${near}`,
    });
  }
}

/** Text. */
export const TEXT: Kind = { what: "text", is: (value) => typeof value === "string" };
/** A number. */
export const NUMBER: Kind = { what: "a number", is: (value) => typeof value === "number" };
/** A time that something may take. */
export const TIME: Kind = {
  what: "a time of more than 0 milliseconds",
  is: (value) => typeof value === "number" && value > 0,
};
/** A time that something may be waited for. */
export const WAIT: Kind = {
  what: "a time of 0 or more milliseconds",
  is: (value) => typeof value === "number" && value >= 0,
};
/** Yes or no. */
export const BOOLEAN: Kind = {
  what: "true or false",
  is: (value) => typeof value === "boolean",
};
/** A function. */
export const FUNCTION: Kind = { what: "a function", is: (value) => typeof value === "function" };
/** What ends a call. */
export const SIGNAL: Kind = {
  what: "an AbortSignal",
  is: (value) => value instanceof AbortSignal,
};
/** Anything but nothing. */
export const SOMETHING: Kind = { what: "given", is: (value) => value !== undefined };
/** An object. */
export const OBJECT: Kind = { what: "an object", is: isObject };

/** One of some words. */
export function word(...words: readonly string[]): Kind {
  return {
    what: `one of ${words.map((one) => `"${one}"`).join(", ")}`,
    is: (value) => typeof value === "string" && words.includes(value),
  };
}

/** The same, or nothing. */
export function optional(kind: Kind): Kind {
  return {
    ...kind,
    is: (value) => value === undefined || kind.is(value),
    look: (value, place) => value === undefined ? undefined : kind.look?.(value, place),
  };
}

/** Every kind of some members as an optional one. */
export function allOptional<M extends Members>(members: M): Readonly<Record<keyof M, Kind>> {
  const pairs = Object.entries(members).map(([name, kind]) => [name, optional(kind)] as const);
  return Object.fromEntries(pairs) as Record<keyof M, Kind>;
}

/** An object with some members, and others that do not matter. */
export function shape(members: Members, words: Partial<Pick<Kind, "what" | "hint">> = {}): Kind {
  return {
    ...OBJECT,
    ...words,
    look(value, place) {
      for (const [name, kind] of Object.entries(members)) {
        const hinted = { ...kind, hint: kind.hint ?? words.hint };
        check(Reflect.get(Object(value), name), hinted, `${place}.${name}`);
      }
    },
  };
}

/** An object with some members, and no others. */
export function closed(members: Members, words: Partial<Pick<Kind, "what" | "hint">> = {}): Kind {
  const open = shape(members, words);
  return {
    ...open,
    look(value, place) {
      checkNames(Object(value), Object.keys(members), place);
      open.look?.(value, place);
    },
  };
}

/** A list of values of one kind. */
export function list(of: Kind, what = "a list", hint?: string): Kind {
  return {
    what,
    hint,
    is: (value) => Array.isArray(value),
    look(value, place) {
      if (!Array.isArray(value)) return;
      // Not `forEach`, which would pass over holes.
      for (const [index, one] of value.entries()) check(one, of, `${place}[${index}]`);
    },
  };
}

/** What a value is, in words; never the value, which may be a secret. */
function type(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const name = typeof value;
  // A number of the wrong size is told with its size.
  if (name === "number" && !(Number(value) > 0)) return String(value);
  if (name === "string") return value === "" ? "empty text" : "other text";
  return name === "object" ? "another object" : `a ${name}`;
}
