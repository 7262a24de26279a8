/** `codex completions` as it is typed: it is given the definitions of all commands, its own too. */
import { buildCommand, type Command, type RouteMap } from "@stricli/core";
import type { GlobalFlags } from "./cli.ts";
import type { CompletionsFlags } from "./commands/completions.ts";
import { type AppContext, body, GLOBAL_ALIASES, GLOBAL_FLAGS, text } from "./define.ts";

const DESCRIPTION = `Prints a script that completes commands, options and their values. To load it:

  source <(codex completions bash)                                 # in ~/.bashrc
  source <(codex completions zsh)                                  # in ~/.zshrc, behind compinit
  codex completions fish > ~/.config/fish/completions/codex.fish
  codex completions powershell | Out-String | Invoke-Expression    # in $PROFILE

The script asks \`codex completions --list\` for the names of models, efforts and profiles, which are
read from this machine alone: no request is made, and no sign-in is printed.`;

/**
 * Makes the command.
 *
 * @param root Tells every command by its name.
 */
export function completionsDefinition(root: () => RouteMap<AppContext>): Command<AppContext> {
  return buildCommand<CompletionsFlags & GlobalFlags, string[], AppContext>({
    loader: body(async () => {
      const [{ completions }, { completionTable }] = await Promise.all([
        import("./commands/completions.ts"),
        import("./completions/table.ts"),
      ]);
      const table = completionTable(root(), new Set(Object.keys(GLOBAL_FLAGS)));
      return (cli, flags, ...args: string[]) => completions(cli, flags, table, ...args);
    }),
    parameters: {
      flags: {
        list: {
          kind: "enum",
          values: ["models", "efforts", "profiles"],
          optional: true,
          brief: "The names themselves, one a line; behind -- the command line so far",
        },
        name: text("COMMAND", "What the command is called here (codex)"),
        ...GLOBAL_FLAGS,
      },
      aliases: GLOBAL_ALIASES,
      positional: {
        kind: "array",
        parameter: { parse: String, placeholder: "bash|zsh|fish|powershell", brief: "The shell" },
      },
    },
    docs: {
      brief: "Completions for your shell",
      customUsage: ["bash|zsh|fish|powershell", "--list models|efforts|profiles"],
      fullDescription: DESCRIPTION,
    },
  });
}
