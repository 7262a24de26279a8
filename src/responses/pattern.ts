/**
 * Regular expressions of schemas. Validators read them in Unicode mode, as JSON Schema has it; people
 * write them for the other one too, in which any sign may have a backslash. Pure.
 */
import { isObject } from "../base/json.ts";

/**
 * A pattern as it is written in Unicode mode.
 *
 * @param pattern As it was given.
 * @returns It, or another that means the same; `undefined` when it is no regular expression.
 */
export function inUnicodeMode(pattern: string): string | undefined {
  if (isPattern(pattern, "u")) return pattern;
  if (!isPattern(pattern, "")) return undefined;
  const plain = pattern
    // A sign that needs no backslash, by its number: that means the same inside of brackets.
    .replace(
      /\\([\s\S])/g,
      (all, sign) => /[!-~ ]/.test(sign) && NEEDLESS.test(sign) ? hex(sign) : all,
    )
    // A hyphen behind a class is no range.
    .replace(/(\\[dswDSW])-(?!\])/g, (_, before) => before + hex("-"));
  return isPattern(plain, "u") ? plain : undefined;
}

/** What stands for itself, and in Unicode mode may have no backslash, or not everywhere. */
const NEEDLESS = /[^\w^$\\.*+?()[\]{}|/]/;

function hex(sign: string): string {
  return `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function isPattern(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Members of a schema that hold values and no schemas. */
const VALUES: readonly string[] = ["const", "enum", "default", "examples"];

/** A schema with its patterns in Unicode mode. */
export function withUnicodePatterns<T>(schema: T): T;
export function withUnicodePatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withUnicodePatterns(one));
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      if (VALUES.includes(name)) return [name, value];
      const isText = name === "pattern" && typeof value === "string";
      return [name, isText ? inUnicodeMode(value) ?? value : withUnicodePatterns(value)];
    }),
  );
}
