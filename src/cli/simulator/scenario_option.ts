/** The scenario that the command line names, read and checked before anything starts. */
import { CodexError, isCodexError } from "../../base/errors.ts";
import type { Scenario } from "../../testing/scenario.ts";
import { scenarioFromJson } from "../../testing/scenario_file.ts";
import { readJsonFile } from "../run/json_file.ts";

/** The largest scenario that is read, in bytes: room for recorded streams. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads a scenario.
 *
 * @param path The file; `undefined` stands for the default scenario.
 * @param isInteractive Whether the sign-in pages wait for a person.
 * @param signal Ends the wait for a pipe.
 * @throws CodexError `invalid_usage` with the place of each mistake.
 */
export async function readScenario(
  path: string | undefined,
  isInteractive: boolean,
  signal: AbortSignal,
): Promise<Scenario> {
  const scenario = path === undefined ? {} : await fromFile(path, signal);
  if (!isInteractive) return scenario;
  return {
    ...scenario,
    device: { ...scenario.device, approveAfter: "page" },
    browser: { ...scenario.browser, outcome: "page" },
  };
}

async function fromFile(path: string, signal: AbortSignal): Promise<Scenario> {
  const json = await readJsonFile(path, "scenario", MAX_BYTES, signal);
  try {
    return scenarioFromJson(json);
  } catch (error) {
    if (!isCodexError(error)) throw error;
    const { code, message, hint } = error;
    throw new CodexError(code, message.replace("The scenario", `The scenario "${path}"`), {
      hint,
      cause: error,
    });
  }
}
