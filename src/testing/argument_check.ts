/** What a caller without types may have got wrong in what is no scenario. */
import { CodexError } from "../base/errors.ts";
import { isObject } from "../base/json.ts";

/** What an option has to be, in words, and whether it is. */
export type Needed = readonly [what: string, is: (value: unknown) => boolean];

/** A number that is one. */
export const NUMBER: Needed = [
  "a number",
  (value) => typeof value === "number" && !Number.isNaN(value),
];
/** Text. */
export const TEXT: Needed = ["text", (value) => typeof value === "string"];
/** A function. */
export const FUNCTION: Needed = ["a function", (value) => typeof value === "function"];
/** Text or a URL. */
export const ADDRESS: Needed = [
  "text or a URL",
  (value) => typeof value === "string" || value instanceof URL,
];
/** Anything. */
export const ANYTHING: Needed = ["anything", () => true];

/**
 * Holds options against what they have to be; one that is `undefined` counts as absent.
 *
 * @param given The caller's.
 * @param members What there is.
 * @param whose Whose options they are, such as `listen()`.
 * @throws CodexError `invalid_usage` naming the option.
 */
export function checkOptions(
  given: unknown,
  members: Readonly<Record<string, Needed>>,
  whose: string,
): void {
  if (!isObject(given)) throw refused(`The options of ${whose} are no object`, members);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(members, name)) {
      throw refused(`The option ${name} of ${whose} is not known`, members);
    }
    const [what, is] = members[name] ?? ANYTHING;
    if (!is(value)) throw refused(`The option ${name} of ${whose} has to be ${what}`, members);
  }
}

/**
 * The error for a value that is none of some words.
 *
 * @param message What is wrong.
 * @param words Those that there are, or a record of them.
 */
export function refused(
  message: string,
  words: readonly string[] | Readonly<Record<string, unknown>>,
): CodexError {
  const names = Array.isArray(words) ? words : Object.keys(words);
  return new CodexError("invalid_usage", message, { hint: `There are ${names.join(", ")}` });
}
