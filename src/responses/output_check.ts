/**
 * Holds an answer against its schema, here, whatever the service has promised. The only file that
 * knows the validator; import it lazily, it is needed by few.
 */
import { Validator } from "@cfworker/json-schema";
import type { OutputProblem } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { withUnicodePatterns } from "./pattern.ts";

/** What was read of an answer. */
export type CheckedAnswer =
  | { readonly value: unknown }
  | { readonly problems: readonly OutputProblem[] };

/**
 * Reads an answer that should be JSON of a schema.
 *
 * @param text The answer.
 * @param schema The schema.
 * @returns Its value, or what is wrong with it.
 * @throws As {@linkcode checkValue}.
 */
export function checkAnswer(text: string, schema: JsonObject): CheckedAnswer {
  const answer = readJson(text);
  return "problems" in answer ? answer : checkValue(answer.value, schema);
}

/** Reads an answer that should be JSON of any kind. */
export function readJson(text: string): CheckedAnswer {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const message = text.trim() === "" ? "it is empty" : "it is no JSON";
    return { problems: [{ path: "", message }] };
  }
}

/**
 * Holds a value against a schema.
 *
 * @param value The value, of JSON.
 * @param schema The schema.
 * @returns It, or what is wrong with it.
 * @throws CodexError or Error when the schema itself cannot be worked with, such as a pattern that
 * is no regular expression.
 */
export function checkValue(value: unknown, schema: JsonObject): CheckedAnswer {
  const { valid, errors } = new Validator(withUnicodePatterns(schema), "2020-12", false).validate(
    value,
  );
  if (valid) return { value };
  // The validator tells each failure again for all that it stands in: only the innermost counts.
  const leaves = errors.filter(({ keyword, keywordLocation }, index) =>
    // What follows it names the property itself.
    keyword !== "additionalProperties" &&
    !errors.slice(index + 1).some((later) => isWithin(later.keywordLocation, keywordLocation)) &&
    !errors.slice(0, index).some((earlier) => isWithin(earlier.keywordLocation, keywordLocation))
  );
  const problems = leaves.map(({ instanceLocation, error }) => ({
    path: instanceLocation.slice(1),
    message: sentence(error),
  }));
  return { problems: unique(problems) };
}

function isWithin(inner: string, outer: string): boolean {
  return inner.startsWith(`${outer}/`);
}

function sentence(error: string): string {
  return error === "False boolean schema." ? "is not expected" : error.replace(/\.$/, "");
}

function unique(problems: readonly OutputProblem[]): readonly OutputProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const key = `${path}\n${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
