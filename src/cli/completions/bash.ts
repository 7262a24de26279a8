/**
 * The completions for bash, from 3.2 on, which macOS still has: no `mapfile`, no associative
 * arrays, and `compopt` only where there is one.
 *
 * `compgen -W` is not used: it would run the `$(…)` in a word that it is given.
 */
import { shellQuoted as quoted } from "../../base/shell_word.ts";
import { functionName } from "./quote.ts";
import type { Entry, Option, Value } from "./table.ts";

/** Makes the script. */
export function bashScript(program: string, table: readonly Entry[]): string {
  const fn = functionName(program);
  const everywhere = table[0]?.options.filter((option) => option.everywhere) ?? [];
  return `# Completions of ${program} for bash. To load them: source <(${program} completions bash)
${fn}() {
  local cur prev word at='' command='' ended='' i=1
  COMPREPLY=()
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  # bash makes words of their own of = and @.
  case $cur in =) cur='' ;; @|=@) cur='' at=@ ;; esac
  case $prev in
    =) prev=\${COMP_WORDS[COMP_CWORD-2]} ;;
    @|=@) at=@ prev=\${COMP_WORDS[COMP_CWORD-2]} ;;
  esac
  while [ "$i" -lt "$COMP_CWORD" ]; do
    word=\${COMP_WORDS[i]}
    case $word in
      --) ended=1 ;;
      ${everywhere.flatMap(valued).join("|")})
        [ -n "$command" ] || { [ "\${COMP_WORDS[i+1]}" = = ] && i=$((i + 2)) || i=$((i + 1)); } ;;
      -*|=|@|=@) ;;
      *) [ -n "$command" ] || command=$word ;;
    esac
    i=$((i + 1))
  done
  if [ -z "$ended" ]; then
    case $command:$prev in
${valueCases(fn, table, everywhere)}
    esac
  fi
  case $ended:$command:$cur in
    :*:-*)
      case $command in
${table.map((entry) => `        ${entry.name}) ${fn}_words ${names(entry.options)} ;;`).join("\n")}
        '') ${fn}_words ${names(everywhere)} --version ;;
      esac ;;
    *::*) ${fn}_words ${table.map(({ name }) => quoted(name)).join(" ")} ;;
${
    table.filter(({ argument }) => argument !== undefined && argument.kind !== "text")
      .map(({ name, argument }) => `    *:${name}:*) ${action(fn, argument)} ;;`).join("\n")
  }
  esac
}
# Adds what begins as the word at the cursor does; nothing in it is run or expanded.
${fn}_words() {
  local word
  for word in "$@"; do
    case $word in "$cur"*) COMPREPLY+=("$word") ;; esac
  done
}
${fn}_list() {
  local word
  while IFS= read -r word; do
    case $word in "$cur"*) COMPREPLY+=("$word") ;; esac
  done < <("\${COMP_WORDS[0]/#\\~\\//$HOME/}" completions --list "$1" -- \\
    "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null </dev/null)
}
${fn}_files() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$1" -- "$cur")
}
# Files behind an @, which bash replaces with the word: no name begins with it, so the quoting, the
# slash and the blank that bash adds to names are added here.
${fn}_at_files() {
  local word space=''
  [ -n "$at" ] || return 0
  compopt -o nospace 2>/dev/null && space=' '
  while IFS= read -r word; do
    if [ -d "$word" ]; then printf -v word '@%q/' "$word"; else printf -v word '@%q%s' "$word" "$space"; fi
    COMPREPLY+=("$word")
  done < <(compgen -f -- "$cur")
}
complete -F ${fn} ${quoted(program)}
`;
}

/** A case for each option with a value; those of every command stand once, at the end. */
function valueCases(fn: string, table: readonly Entry[], everywhere: readonly Option[]): string {
  const line = (command: string) => (option: Option) => {
    const patterns = valued(option).map((name) => `${command}:${name}`).join("|");
    return patterns === "" ? [] : [`      ${patterns}) ${returning(fn, option.value)} ;;`];
  };
  return [
    ...table.flatMap(({ name, options }) =>
      options.filter((option) => !option.everywhere).flatMap(line(name))
    ),
    ...everywhere.flatMap(line("*")),
  ].join("\n");
}

/** An option's names, if it has a value. */
function valued({ name, letter, value }: Option): readonly string[] {
  if (value === undefined) return [];
  return [`--${name}`, ...(letter === undefined ? [] : [`-${letter}`])];
}

function names(options: readonly Option[]): string {
  return options.map(({ name }) => `--${name}`).join(" ");
}

function returning(fn: string, value: Value | undefined): string {
  return value?.kind === "text" ? "return" : `${action(fn, value)}; return`;
}

function action(fn: string, value: Value | undefined): string {
  switch (value?.kind) {
    case "words":
      return `${fn}_words ${value.words.map(quoted).join(" ")}`;
    case "list":
      return `${fn}_list ${value.list}`;
    case "file":
      return `${fn}_files -f`;
    case "folder":
      return `${fn}_files -d`;
    case "at-file":
      return `${fn}_at_files`;
    default:
      return ":";
  }
}
