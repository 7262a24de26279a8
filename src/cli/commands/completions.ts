/** `codex completions`. */
import { CodexError } from "../../base/errors.ts";
import { bashScript } from "../completions/bash.ts";
import { fishScript } from "../completions/fish.ts";
import { namesOf } from "../completions/lists.ts";
import { powerShellScript } from "../completions/powershell.ts";
import type { Entry, ListName } from "../completions/table.ts";
import { zshScript } from "../completions/zsh.ts";
import type { Cli, GlobalFlags } from "../cli.ts";

/** The options of `codex completions`. */
export interface CompletionsFlags {
  /** The names of one kind, in place of a script. */
  readonly list?: ListName;
  /** What the command is called here. */
  readonly name?: string;
}

/** What makes the script of each shell. */
const SCRIPTS: Readonly<Record<string, (program: string, table: readonly Entry[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powerShellScript,
};

const SHELLS = "bash, zsh, fish or powershell";

/** A name that needs no quotes in any shell. */
const COMMAND_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Prints the completions of a shell, or the names that they ask for. Nothing is sent. */
export async function completions(
  cli: Cli,
  flags: CompletionsFlags & GlobalFlags,
  table: readonly Entry[],
  ...args: readonly string[]
): Promise<void> {
  if (flags.list !== undefined) {
    const names = await namesOf(flags.list, args, cli, flags);
    return await cli.stdout.write(names.map((name) => `${name}\n`).join(""));
  }
  const { name = "codex" } = flags;
  if (!COMMAND_NAME.test(name)) {
    throw new CodexError("invalid_usage", `"${name}" cannot be the name of a command`, {
      hint: "Use letters, digits, dots, underscores and hyphens",
    });
  }
  await cli.stdout.write(scriptFor(args)(name, table));
}

function scriptFor(args: readonly string[]): (program: string, table: readonly Entry[]) => string {
  const [shell, ...more] = args;
  if (shell === undefined || more.length > 0) {
    throw new CodexError("invalid_usage", "One shell has to be named", { hint: `Name ${SHELLS}` });
  }
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined) {
    throw new CodexError("invalid_usage", `There are no completions for "${shell}"`, {
      hint: `Name ${SHELLS}`,
    });
  }
  return script;
}
