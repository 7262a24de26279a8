/** The scenario that the command line names, read and checked before anything starts. */
import { CodexError, isCodexError } from "../../base/errors.ts";
import type { Scenario } from "../../testing/scenario.ts";
import { scenarioFromJson } from "../../testing/scenario_file.ts";
import type { Cli } from "../cli.ts";
import { jsonOf, readJsonFile } from "../run/json_file.ts";
import { readStdin } from "../stdin.ts";

/** The largest scenario that is read, in bytes: room for recorded streams. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The path that stands for stdin. */
const STDIN = "-";

/**
 * Reads a scenario.
 *
 * @param path The file, `-` for stdin; `undefined` stands for the default scenario.
 * @param isInteractive Whether the sign-in pages wait for a person.
 * @param cli The command's world: stdin, and what ends the wait for a pipe.
 * @throws CodexError `invalid_usage` with the place of each mistake.
 */
export async function readScenario(
  path: string | undefined,
  isInteractive: boolean,
  cli: Cli,
): Promise<Scenario> {
  const scenario = path === undefined ? {} : await readFrom(path, cli);
  if (!isInteractive) return scenario;
  return {
    ...scenario,
    device: { ...scenario.device, approveAfter: "page" },
    browser: { ...scenario.browser, outcome: "page" },
  };
}

async function readFrom(path: string, cli: Cli): Promise<Scenario> {
  try {
    return scenarioFromJson(
      path === STDIN
        ? jsonOf(await stdinText(cli), "scenario on stdin")
        : await readJsonFile(path, "scenario", MAX_BYTES, cli.signal),
    );
  } catch (error) {
    if (!isCodexError(error)) throw error;
    const title = path === STDIN ? "scenario on stdin" : `scenario "${path}"`;
    const message = error.message.replace("The scenario cannot", `The ${title} cannot`);
    // No model was asked: too large is a mistake like the others.
    const code = error.code === "input_too_large" ? "invalid_usage" : error.code;
    throw new CodexError(code, message, { hint: error.hint, cause: error });
  }
}

async function stdinText({ stdin, clock, signal, stderr }: Cli): Promise<string> {
  return await readStdin(stdin, {
    clock,
    timeoutMs: 0,
    maxBytes: MAX_BYTES,
    notice: () => stderr.line("codex: waiting for the scenario on stdin"),
    signal,
  });
}
