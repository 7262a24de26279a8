/** The tool that runs one command line in the sandbox, and tells the model what came of it. */
import { BOOLEAN, check, closed, type Kind, optional } from "../../responses/members.ts";
import { ABSOLUTE, MILLISECONDS, sandboxKind } from "../sandbox/policy_members.ts";
import type { Tool } from "../tool.ts";
import { shellParameters } from "./shell_arguments.ts";
import type { ShellOptions } from "./shell_call.ts";

export type { ShellOptions };

/**
 * A shell. A command that fails is an ordinary result, with its exit status; only one that could
 * not be run at all is an error.
 *
 * @param options Where commands run, and who can be asked.
 * @returns The tool `shell`.
 * @throws CodexError `invalid_usage` for an option that is not known or not what it has to be.
 */
export function shellTool(options: ShellOptions): Tool {
  const members: Readonly<Record<keyof ShellOptions, Kind>> = {
    sandbox: sandboxKind(),
    cwd: ABSOLUTE,
    mayAsk: optional(BOOLEAN),
    timeoutMs: optional(MILLISECONDS),
  };
  check(options, closed(members), "options");
  const { mayAsk = false } = options;
  return {
    name: "shell",
    effects: "exec",
    declare: () => ({
      type: "function",
      name: "shell",
      description: "Runs one command line in a shell and gives its exit code and its output. It " +
        "has no terminal and no input, and what it leaves running is ended with it.",
      strict: false,
      parameters: shellParameters(mayAsk),
    }),
    prepare: async (input) => (await import("./shell_call.ts")).prepareCommand(input, options),
  };
}
