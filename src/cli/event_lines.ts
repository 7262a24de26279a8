/** A run as one event a line, for machines. */
import type { RunEvent } from "../agent/run_events.ts";
import type { Output } from "./output.ts";

/**
 * Prints the events of a run as they come: first `run-start`, last `run-finish`. The `error` of a
 * run that does not come to that is for the caller to print.
 *
 * @param output Where to.
 * @returns Takes an event, and settles when it has left.
 */
export function eventLines(output: Output): (event: RunEvent) => Promise<void> {
  return (event) => output.write(jsonLine(event));
}

/** A lone half of a character, as `JSON.stringify` writes it: its small `\ud` begins nothing else. */
const LONE = "\\ud";

/**
 * A value as one line of JSON that every reader takes: the lone half of a character, which many
 * refuse, is told as U+FFFD, as it is where a text is written.
 */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes(LONE)) return `${json}\n`;
  // Each escape is looked at as a whole: the text may hold a backslash of its own.
  const whole = json.replace(
    /\\(?:ud[89a-f][0-9a-f]{2}|.)/g,
    (escape) => escape.startsWith(LONE) ? "\ufffd" : escape,
  );
  return `${whole}\n`;
}
