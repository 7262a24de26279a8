/** An answer that is not what was asked for. */
import type { OutputProblem } from "../../agent/run_events.ts";
import { CodexError } from "../../base/errors.ts";

/** How many problems a message names. */
const MOST_NAMED = 3;

/** The answer does not match: `output_invalid`, with each thing that is wrong. */
export class InvalidOutput extends CodexError {
  /** What is wrong, and where. */
  readonly problems: readonly OutputProblem[];

  /**
   * @param what What the answer is not, such as "does not match the schema".
   * @param problems What is wrong, and where.
   * @param text The answer.
   * @param hint What to do.
   */
  constructor(what: string, problems: readonly OutputProblem[], text: string, hint: string) {
    super("output_invalid", `The answer ${what}${named(problems)}`, { hint, partial: { text } });
    this.problems = problems;
  }
}

function named(problems: readonly OutputProblem[]): string {
  if (problems.length === 0) return "";
  const some = problems.slice(0, MOST_NAMED).map(problemLine);
  const more = problems.length - some.length;
  return `: ${some.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** A problem as one line, such as `at "/name": is missing`. */
export function problemLine({ path, message }: OutputProblem): string {
  return path === "" ? message : `at "${path}": ${message}`;
}
