/** The completions for fish, from 3.0 on. */
import { functionName, quotedForFish as quoted } from "./quote.ts";
import type { Entry, Option, Value } from "./table.ts";

/** Makes the script. */
export function fishScript(program: string, table: readonly Entry[]): string {
  const fn = `_${functionName(program)}`;
  const everywhere = table[0]?.options.filter((option) => option.everywhere) ?? [];
  const complete = `complete -c ${quoted(program)}`;
  return `# Completions of ${program} for fish. To load them: ${program} completions fish | source
function ${fn}_command
  set -l words (commandline -opc)
  set -e words[1]
  set -l skip 0
  for word in $words
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${everywhere.filter(({ value }) => value).map(({ name }) => `--${name}`).join(" ")}
        set skip 1
      case '-*'
      case '*'
        echo $word
        return 0
    end
  end
  return 1
end
function ${fn}_is
  set -l command (${fn}_command)
  test "$command" = $argv[1]
end
function ${fn}_list
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  $program completions --list $argv[1] -- $words 2>/dev/null </dev/null
end
function ${fn}_at_file
  set -l token (string replace -r '^-.*?=' '' -- (commandline -ct))
  if string match -q '@*' -- $token
    printf '@%s\\n' (__fish_complete_path (string sub -s 2 -- $token))
  end
end
${complete} -f
${complete} -n 'not ${fn}_command >/dev/null' -l version -d 'The version'
${everywhere.map((option) => `${complete}${flag(fn, option)}`).join("\n")}
${table.map((entry) => command(complete, fn, entry)).join("\n")}
`;
}

function command(complete: string, fn: string, { name, brief, options, argument }: Entry): string {
  const within = `${complete} -n '${fn}_is ${name}'`;
  const own = options.filter(({ everywhere }) => !everywhere);
  return [
    `${complete} -n 'not ${fn}_command >/dev/null' -a ${quoted(name)} -d ${quoted(brief)}`,
    ...own.map((option) => `${within}${flag(fn, option)}`),
    ...argument?.kind === "words" ? [`${within}${action(fn, argument)}`] : [],
  ].join("\n");
}

function flag(fn: string, { name, letter, brief, value }: Option): string {
  const short = letter === undefined ? "" : ` -s ${letter}`;
  const takes = value === undefined ? "" : action(fn, value);
  return ` -l ${name}${short}${takes} -d ${quoted(brief)}`;
}

function action(fn: string, value: Value): string {
  switch (value.kind) {
    case "words":
      return ` -x -a ${quoted(value.words.join(" "))}`;
    case "list":
      return ` -x -k -a '(${fn}_list ${value.list})'`;
    case "file":
      return " -r -F";
    case "folder":
      return " -x -a '(__fish_complete_directories)'";
    case "at-file":
      return ` -x -a '(${fn}_at_file)'`;
    default:
      return " -x";
  }
}
