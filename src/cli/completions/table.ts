/** What the shells complete, as a table that is read from the definitions of the commands. */
import type { Command, CommandContext, RouteMap } from "@stricli/core";

/** Names that are only known when somebody asks for them: see `lists.ts`. */
export type ListName = "models" | "efforts" | "profiles";

/** Every list. */
export const LISTS: readonly ListName[] = ["models", "efforts", "profiles"];

/** What may stand as the value of an option, or as an argument. */
export type Value =
  /** One of these. */
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** One of the names that the command itself lists. */
  | { readonly kind: "list"; readonly list: ListName }
  /** A file, a folder, or `@` and a file among free text. */
  | { readonly kind: "file" | "folder" | "at-file" }
  /** Anything: nothing to propose. */
  | { readonly kind: "text" };

/** An option. */
export interface Option {
  /** As it is typed, without the hyphens. */
  readonly name: string;
  /** Its letter, if it has one. */
  readonly letter: string | undefined;
  /** What it means. */
  readonly brief: string;
  /** What its value may be; absent for one without a value. */
  readonly value: Value | undefined;
  /** Whether it may be given again. */
  readonly several: boolean;
  /** Whether every command has it, so that it may stand before the command. */
  readonly everywhere: boolean;
}

/** A command. */
export interface Entry {
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly brief: string;
  /** Its options, those of every command included. */
  readonly options: readonly Option[];
  /** What its argument may be; absent when it takes none. */
  readonly argument: Value | undefined;
}

/** The options whose values the command lists itself. */
const LISTED: Readonly<Record<string, ListName>> = {
  model: "models",
  effort: "efforts",
  profile: "profiles",
};

const HELP: Option = {
  name: "help",
  letter: "h",
  brief: "The options of a command, or the commands",
  value: undefined,
  several: false,
  everywhere: true,
};

/**
 * Reads the table.
 *
 * @param root Every command by its name.
 * @param everywhere The names, in the source, of the options that every command has.
 */
export function completionTable(
  root: Pick<RouteMap<never>, "getAllEntries">,
  everywhere: ReadonlySet<string>,
): readonly Entry[] {
  return root.getAllEntries().flatMap(({ name, target, hidden }) =>
    hidden || !("parameters" in target)
      ? []
      : [entryOf(name["convert-camel-to-kebab"], target, everywhere)]
  );
}

type Parameters = Command<CommandContext>["parameters"];

function entryOf(
  name: string,
  { brief, parameters }: { readonly brief: string; readonly parameters: Parameters },
  everywhere: ReadonlySet<string>,
): Entry {
  const { flags = {}, aliases = {}, positional } = parameters;
  const options = Object.entries(flags).filter(([, flag]) => !("hidden" in flag && flag.hidden))
    .map(([key, flag]): Option => ({
      name: kebab(key),
      letter: Object.entries(aliases).find(([, to]) => to === key)?.[0],
      brief: flag.brief,
      value: valueOf(key, flag),
      several: "variadic" in flag && Boolean(flag.variadic),
      everywhere: everywhere.has(key),
    }));
  return { name, brief, options: [...options, HELP], argument: argumentOf(positional) };
}

function valueOf(
  key: string,
  flag: { kind: string; values?: readonly string[]; placeholder?: string },
): Value | undefined {
  if (flag.kind === "boolean" || flag.kind === "counter") return undefined;
  if (flag.values !== undefined) return { kind: "words", words: flag.values };
  const list = LISTED[key];
  return list === undefined ? ofPlaceholder(flag.placeholder) : { kind: "list", list };
}

/** What the help calls a value says what it is. */
function ofPlaceholder(placeholder: string = ""): Value {
  if (/@(FILE|PATH)$/.test(placeholder)) return { kind: "at-file" };
  if (/^(FILE|PATH)$/.test(placeholder)) return { kind: "file" };
  if (/^(DIR|FOLDER)$/.test(placeholder)) return { kind: "folder" };
  // Words between bars are the choice itself.
  if (/^[a-z-]+(\|[a-z-]+)+$/.test(placeholder)) {
    return { kind: "words", words: placeholder.split("|") };
  }
  return { kind: "text" };
}

function argumentOf(positional: Parameters["positional"]): Value | undefined {
  const first = positional?.kind === "array" ? positional.parameter : positional?.parameters[0];
  return first === undefined ? undefined : ofPlaceholder(first.placeholder);
}

/** An option's name as it is typed. */
function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
