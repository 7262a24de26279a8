/** An answer that is not what was asked for. */
import { CodexError, type OutputProblem } from "../base/errors.ts";

/** How many problems a message names. */
const MOST_NAMED = 3;

/**
 * The error for an answer that does not match: `output_invalid`, with each thing that is wrong.
 *
 * @param what What the answer is not, such as "does not match the schema".
 * @param problems What is wrong, and where.
 * @param text The answer.
 * @param hint What to do.
 */
export function invalidOutput(
  what: string,
  problems: readonly OutputProblem[],
  text: string,
  hint: string,
): CodexError {
  return new CodexError("output_invalid", `The answer ${what}${problemList(problems)}`, {
    hint,
    partial: { text },
    problems: problems.length === 0 ? undefined : problems,
  });
}

/** What is wrong, as the end of a sentence: `: at "/name": is missing`. */
export function problemList(problems: readonly OutputProblem[]): string {
  if (problems.length === 0) return "";
  const some = problems.slice(0, MOST_NAMED).map(problemLine);
  const more = problems.length - some.length;
  return `: ${some.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** A problem as one line, such as `at "/name": is missing`. */
function problemLine({ path, message }: OutputProblem): string {
  return path === "" ? message : `at "${path}": ${message}`;
}
