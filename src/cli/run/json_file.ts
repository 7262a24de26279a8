/** A JSON file that somebody named, read within a bound; a byte order mark before it is let pass. */
import { CodexError } from "../../base/errors.ts";
import { readFileText } from "./input_file.ts";

/**
 * Reads a JSON file.
 *
 * @param path The file; a pipe is waited for.
 * @param what What it is called in messages, such as `schema`.
 * @param most The most that it may hold, in bytes.
 * @param signal Ends the wait.
 * @throws CodexError `invalid_usage` when it cannot be read or is no JSON, with the place;
 * `input_too_large`.
 */
export async function readJsonFile(
  path: string,
  what: string,
  most: number,
  signal: AbortSignal,
): Promise<unknown> {
  return jsonOf(await readFileText(path, most, signal), `${what} "${path}"`);
}

/**
 * Reads JSON.
 *
 * @param text The text.
 * @param title What it is called in messages, such as `scenario on stdin`.
 * @throws CodexError `invalid_usage` when it is no JSON, with the place.
 */
export function jsonOf(text: string, title: string): unknown {
  try {
    return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
  } catch (cause) {
    throw new CodexError("invalid_usage", `The ${title} is no JSON${placeIn(cause)}`, {
      cause,
      hint: "Check it, for example with: jq . FILE",
    });
  }
}

/** Where the parser gave up, as far as its message tells. */
function placeIn(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  const [where] = /line \d+ column \d+/.exec(cause.message) ??
    /position \d+/.exec(cause.message) ?? [];
  return where === undefined ? "" : `: it breaks at ${where}`;
}
