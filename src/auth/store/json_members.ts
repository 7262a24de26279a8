/**
 * Edits one member of a JSON object in its text and leaves every other character alone.
 *
 * Reading a file into a JavaScript object and writing that back would reorder keys that look like
 * integers, round long numbers, merge keys that occur twice, and turn `__proto__` into something
 * else. What others keep in a file must survive all that, so the text itself is what is edited.
 */
import { isObject, parseJson } from "../../base/json.ts";

/** A member of a JSON object, by its place in the text. */
export interface Member {
  /** The key, decoded. */
  readonly key: string;
  /** Where its key begins. */
  readonly start: number;
  /** Where its value begins. */
  readonly valueStart: number;
  /** Just behind its value. */
  readonly end: number;
}

/** How the members of an object are set apart. */
export interface Layout {
  /** What stands before each key. */
  readonly gap: string;
  /** What stands before the closing brace. */
  readonly close: string;
  /** What stands between a key and its value. */
  readonly colon: string;
}

/** The layout of a new file: one member a line, indented by two spaces. */
export const PRETTY: Layout = { gap: "\n  ", close: "\n", colon: ": " };

/** The text of an object without members. */
export const EMPTY_OBJECT = "{}";

const SPACE = new Set([" ", "\t", "\n", "\r"]);
const BYTE_ORDER_MARK = "\uFEFF";

/** The value of a JSON text that may begin with a byte order mark; `undefined` when it is none. */
export function parseText(text: string): unknown {
  return parseJson(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}

/**
 * The members of a JSON object, in their order, keys that occur twice included.
 *
 * @param text The object's text.
 * @returns The members; `undefined` when the text is not one JSON object.
 */
export function membersOf(text: string): readonly Member[] | undefined {
  // The platform's parser decides what is valid; behind it the scan may take much for granted.
  return isObject(parseText(text)) ? scan(text) : undefined;
}

/** The raw text of a member's value: of the last one, as `JSON.parse` has it. */
export function memberText(text: string, key: string): string | undefined {
  const found = membersOf(text)?.findLast((member) => member.key === key);
  return found && text.slice(found.valueStart, found.end);
}

/** How an object's members are set apart, or the given layout when it has none to tell. */
export function layoutOf(text: string, fallback: Layout = PRETTY): Layout {
  const members = membersOf(text) ?? [];
  const [first, last] = [members[0], members.at(-1)];
  if (first === undefined || last === undefined) return fallback;
  const open = text.indexOf("{");
  return {
    gap: text.slice(open + 1, first.start),
    close: text.slice(last.end, skipSpace(text, last.end)),
    colon: text.slice(endOfString(text, first.start), first.valueStart),
  };
}

/** The layout of an object that is a member of an object with the given layout. */
export function nested(layout: Layout): Layout {
  const line = layout.gap.lastIndexOf("\n");
  if (line < 0) return { ...layout, close: layout.close.trim() };
  const indent = layout.gap.slice(line + 1);
  return { gap: `\n${indent}${indent || "  "}`, close: `\n${indent}`, colon: layout.colon };
}

/**
 * Gives a member a value, in its old place, or behind the others when it is new.
 *
 * @param text The object's text.
 * @param key The member's key.
 * @param value The value's text.
 * @param layout How to set it apart in an object that is still empty.
 * @returns The object's new text.
 */
export function withMember(
  text: string,
  key: string,
  value: string,
  layout: Layout = PRETTY,
): string {
  const members = membersOf(text) ?? [];
  const found = members.findLast((member) => member.key === key);
  if (found) return text.slice(0, found.valueStart) + value + text.slice(found.end);
  const { gap, close, colon } = layoutOf(text, layout);
  const member = `${gap}${JSON.stringify(key)}${colon}${value}`;
  const last = members.at(-1);
  if (last) return `${text.slice(0, last.end)},${member}${text.slice(last.end)}`;
  return text.slice(0, text.indexOf("{") + 1) + member + close + text.slice(text.lastIndexOf("}"));
}

/**
 * Takes a member out, with every other of the same key: an earlier one would else come back.
 *
 * @param text The object's text.
 * @param key The member's key.
 * @returns The object's new text.
 */
export function withoutMember(text: string, key: string): string {
  for (;;) {
    const members = membersOf(text) ?? [];
    const index = members.findLastIndex((member) => member.key === key);
    const [before, found, after] = [members[index - 1], members[index], members[index + 1]];
    if (found === undefined) return text;
    if (before) text = text.slice(0, before.end) + text.slice(found.end);
    else if (after) text = text.slice(0, found.start) + text.slice(after.start);
    else text = text.slice(0, text.indexOf("{") + 1) + text.slice(text.lastIndexOf("}"));
  }
}

function scan(text: string): Member[] {
  const members: Member[] = [];
  let at = skipSpace(text, text.indexOf("{") + 1);
  while (text[at] === '"') {
    const start = at;
    const keyEnd = endOfString(text, start);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, valueStart);
    members.push({ key: String(JSON.parse(text.slice(start, keyEnd))), start, valueStart, end });
    const next = skipSpace(text, end);
    if (text[next] !== ",") break;
    at = skipSpace(text, next + 1);
  }
  return members;
}

function skipSpace(text: string, at: number): number {
  while (SPACE.has(text[at] ?? "")) at++;
  return at;
}

/**
 * Just behind the string that begins here. From quote to quote, as a token is long and each process
 * reads one: character by character, in code that runs for the first time, takes a millisecond.
 */
function endOfString(text: string, at: number): number {
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}

/** Just behind the value that begins here; by counting brackets, as others may nest deeply. */
function endOfValue(text: string, at: number): number {
  let depth = 0;
  do {
    const character = text[at] ?? "";
    if (character === '"') at = endOfString(text, at);
    else {
      if (character === "{" || character === "[") depth++;
      else if (character === "}" || character === "]") depth--;
      at++;
    }
  } while (at < text.length && (depth > 0 || !endsValue(text, at)));
  return at;
}

function endsValue(text: string, at: number): boolean {
  const character = text[at] ?? "";
  return character === "," || character === "}" || character === "]" || SPACE.has(character);
}
