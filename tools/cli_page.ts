/** `docs/cli.md`, made from the definitions of the commands. */
import { application } from "../src/cli/app.ts";
import { kebab } from "../src/cli/define.ts";
import { EXAMPLES, GLOBAL_EXAMPLES } from "./cli_examples.ts";

/** An option as Stricli has it. */
interface Flag {
  readonly kind: string;
  readonly brief: string;
  readonly placeholder?: string;
  readonly values?: readonly string[];
  readonly variadic?: boolean;
}

/** A command as Stricli has it. */
export interface CommandTarget {
  readonly brief: string;
  readonly fullDescription?: string;
  readonly parameters: {
    readonly flags?: Readonly<Record<string, Flag>>;
    readonly aliases?: Readonly<Record<string, string>>;
    readonly positional?: {
      readonly parameters?: readonly { readonly placeholder?: string; readonly brief: string }[];
    };
  };
}

/** Every command by its name. */
export function commands(): ReadonlyMap<string, CommandTarget> {
  const root = application().root as unknown as {
    getAllEntries(): readonly {
      readonly name: Readonly<Record<string, string>>;
      readonly target: CommandTarget;
    }[];
  };
  return new Map(
    root.getAllEntries().map(({ name, target }) => [name["convert-camel-to-kebab"] ?? "", target]),
  );
}

/** The page. */
export function cliPage(): string {
  const all = [...commands()];
  return [
    "# The command line",
    "",
    "Made from the definitions of the commands by `deno task docs`: what stands here is what the program",
    "takes. The [options everywhere](#everywhere) may stand before the command too; `--` ends all options.",
    "Letters may share a dash, and a value may follow its letter: `-xelow` is `-x --effort low`. Durations",
    "are `250ms`, `90`, `90s`, `2m`, `1h`, a bare number is seconds; sizes are `64K`, `32M`, `1G`. A",
    "variable in parentheses is the default that the option beats; there is no configuration file. What",
    "the command ends with: [exit statuses](exit-status.md). What `--json` prints:",
    "[events](json-events.md).",
    "",
    "| command | does |",
    "| --- | --- |",
    ...all.map(([name, { brief }]) => `| [\`codex ${name}\`](#codex-${name}) | ${brief} |`),
    "",
    ...all.flatMap(([name, command]) => section(name, command)),
    "## Everywhere",
    "",
    "| option | meaning |",
    "| --- | --- |",
    ...Object.entries(flagsOf(all[0]?.[1])).filter(([flag]) => flag in GLOBAL_EXAMPLES)
      .map(([flag, definition]) => row(flag, definition, all[0]?.[1], GLOBAL_EXAMPLES[flag])),
    "| `-h, --help`<br>`codex run --help` | The options of a command, or the commands |",
    "| `--version`<br>`codex --version` | The version |",
    "",
  ].join("\n");
}

function section(name: string, command: CommandTarget): readonly string[] {
  const own = Object.entries(flagsOf(command)).filter(([flag]) => !(flag in GLOBAL_EXAMPLES));
  return [
    `## codex ${name}`,
    "",
    `${command.brief}.`,
    "",
    ...description(command),
    ...own.length === 0 ? [] : ["| option | meaning |", "| --- | --- |"],
    ...own.map(([flag, definition]) => row(flag, definition, command, EXAMPLES[name]?.[flag])),
    "",
  ];
}

/** What the help says, its indented lines as code. */
function description({ fullDescription }: CommandTarget): readonly string[] {
  if (fullDescription === undefined) return [];
  return fullDescription.split("\n\n").flatMap((part) =>
    part.startsWith("  ") ? ["```sh", part.replaceAll(/^ {2}/gm, ""), "```", ""] : [part, ""]
  );
}

function flagsOf(command: CommandTarget | undefined): Readonly<Record<string, Flag>> {
  return command?.parameters.flags ?? {};
}

function row(
  flag: string,
  definition: Flag,
  command: CommandTarget | undefined,
  example: string | undefined,
): string {
  if (example === undefined) {
    throw new Error(`--${kebab(flag)} has no example: add one in tools/cli_examples.ts`);
  }
  const { brief, placeholder, values, variadic } = definition;
  const letter = Object.entries(command?.parameters.aliases ?? {}).find(([, to]) => to === flag);
  const takes = values?.join("|") ?? placeholder ?? "";
  const typed = [
    letter === undefined ? "" : `-${letter[0]}, `,
    `--${kebab(flag)}`,
    takes === "" ? "" : ` ${takes}`,
    variadic ? " …" : "",
  ].join("");
  const cell = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;
  return `| ${cell(typed)}<br>${cell(example)} | ${brief.replaceAll("|", "\\|")} |`;
}
