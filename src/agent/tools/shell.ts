/** The tool that runs one command line in the sandbox, and tells the model what came of it. */
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
 */
export function shellTool(options: ShellOptions): Tool {
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
