/** Holds one request against one expectation, and writes down where they differ. */
import { isObject, objectAt, stringAt } from "../base/json.ts";
import { redact } from "../base/redact.ts";
import { lastUserText } from "./backend/prompt.ts";
import type { Expectation } from "./expectation.ts";
import type { RecordedRequest } from "./recorded.ts";
import { pointerPart } from "./shape.ts";
import { matcher, type TextPattern } from "./text_pattern.ts";

/** The longest value that is shown, in characters. */
const SHOWN = 400;

/**
 * Compares a request with what was expected.
 *
 * @param expected The expectation.
 * @param request The request.
 * @returns Lines for each difference, the expected one (`-`) before the other (`+`); none when the
 * request is as expected.
 */
export function differences(expected: Expectation, request: RecordedRequest): readonly string[] {
  const { route = "responses", model, effort, prompt, headers = {}, body } = expected;
  // A request for something else has nothing to compare.
  if (route !== request.route) return pair("route", route, request.route);
  const sent = isObject(request.json) ? request.json : {};
  const lines: string[] = [];
  if (model !== undefined && sent["model"] !== model) {
    lines.push(...pair("model", model, sent["model"]));
  }
  const sentEffort = stringAt(objectAt(sent, "reasoning"), "effort") ?? null;
  if (effort !== undefined && sentEffort !== effort) {
    lines.push(...pair("effort", effort, sentEffort));
  }
  if (prompt !== undefined) {
    const text = lastUserText(sent);
    if (!matcher(prompt)(text)) lines.push(...pair("prompt", prompt, text));
  }
  for (const [name, pattern] of Object.entries(headers)) {
    const value = request.headers[name.toLowerCase()];
    if (!headerFits(pattern, value)) lines.push(...pair(`header ${name}`, pattern, value ?? null));
  }
  if (body !== undefined) {
    bodyDifferences(body, request.json ?? request.form, "body", lines);
  }
  return lines;
}

function headerFits(pattern: string | TextPattern | null, value: string | undefined): boolean {
  if (pattern === null || value === undefined) return pattern === null && value === undefined;
  return matcher(pattern)(value);
}

/** An object may hold more than is expected; anything else must be the same. */
function bodyDifferences(expected: unknown, sent: unknown, at: string, lines: string[]): void {
  if (isObject(expected) && isObject(sent)) {
    for (const [name, value] of Object.entries(expected)) {
      const member = Object.hasOwn(sent, name) ? sent[name] : undefined;
      bodyDifferences(value, member, `${at}/${pointerPart(name)}`, lines);
    }
  } else if (
    Array.isArray(expected) && Array.isArray(sent) && expected.length === sent.length
  ) {
    expected.forEach((value, index) =>
      bodyDifferences(value, sent[index], `${at}/${index}`, lines)
    );
  } else if (!Object.is(expected, sent)) {
    lines.push(...pair(at, expected, sent));
  }
}

function pair(name: string, expected: unknown, sent: unknown): readonly [string, string] {
  return [`- ${name}: ${shown(expected)}`, `+ ${name}: ${shown(sent)}`];
}

/** A value on one line; a program may have sent its real tokens by mistake. */
function shown(value: unknown): string {
  const text = redact(value === undefined ? "(nothing)" : JSON.stringify(value));
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}
