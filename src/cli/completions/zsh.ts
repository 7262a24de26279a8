/** The completions for zsh: by its own `_arguments`, which knows where a value belongs. */
import { shellQuoted as quoted } from "../../base/shell_word.ts";
import { functionName } from "./quote.ts";
import { type Entry, LISTS, type Option, type Value } from "./table.ts";

/** Makes the script, to be sourced, or kept as a file of `fpath`. */
export function zshScript(program: string, table: readonly Entry[]): string {
  const fn = functionName(program);
  const everywhere = table[0]?.options.filter((option) => option.everywhere) ?? [];
  return `#compdef ${program}
# Completions of ${program} for zsh. To load them: source <(${program} completions zsh)
${fn}() {
  local curcontext=$curcontext context state line ret=1
  local -a typed=("\${(@Q)words[2,CURRENT-1]}")
  local program="\${\${(Q)words[1]}/#\\~\\//$HOME/}"
  typeset -A opt_args
  _arguments -C -s -S -A "-*" \\
${specs(fn, everywhere)} \\
    '--version[The version]' \\
    ${quoted(`1: :${fn}_commands`)} \\
    '*:: :->rest' && ret=0
  [[ $state == rest ]] || return ret
  case $words[1] in
${table.map((entry) => commandCase(fn, entry)).join("\n")}
  esac
}
${fn}_commands() {
  local -a commands=(
${table.map(({ name, brief }) => `    ${quoted(`${name}:${brief}`)}`).join("\n")}
  )
  _describe command commands
}
${
    LISTS.map((list) =>
      `${fn}_${list}() {
  local -a found
  found=(\${(f)"$("$program" completions --list ${list} -- "$typed[@]" 2>/dev/null </dev/null)"})
  compadd "$@" -a found
}`
    ).join("\n")
  }
${fn}_at_file() {
  compset -P @ && _files
}
if [[ $funcstack[1] == ${fn} ]]; then
  ${fn} "$@"
else
  compdef ${fn} ${quoted(program)}
fi
`;
}

function commandCase(fn: string, { name, options, argument }: Entry): string {
  // A message for free text would keep zsh from inserting the one option that is meant.
  const argumentSpec = argument === undefined
    ? []
    : [quoted(argument.kind === "text" ? "*: :()" : `*:${name}:${action(fn, argument)}`)];
  const lines = [specs(fn, options), ...argumentSpec.map((spec) => `    ${spec}`)];
  return `    ${name}) _arguments -s -S \\\n${lines.join(" \\\n")} && ret=0 ;;`;
}

/** The options as \`_arguments\` has them, one a line. */
function specs(fn: string, options: readonly Option[]): string {
  return options.flatMap(({ name, letter, brief, value, several }) => {
    const both = letter === undefined ? [`--${name}`] : [`-${letter}`, `--${name}`];
    const before = several ? "*" : both.length > 1 ? `(${both.join(" ")})` : "";
    return both.map((typed) => {
      const takes = value === undefined ? "" : `:${name}:${action(fn, value)}`;
      const sign = value !== undefined && typed.startsWith("--") ? "=" : "";
      return `    ${quoted(`${before}${typed}${sign}[${escaped(brief)}]${takes}`)}`;
    });
  }).join(" \\\n");
}

function action(fn: string, value: Value): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "list":
      return `${fn}_${value.list}`;
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "at-file":
      return `${fn}_at_file`;
    default:
      // A blank: something is expected, and nothing is proposed.
      return " ";
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, (sign) => `\\${sign}`);
}
