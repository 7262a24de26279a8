/** A run as one event a line, for machines. */
import type { RunEvent } from "../agent/run_events.ts";
import { jsonLine } from "../responses/json_lines.ts";
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
