/** How a command is defined: its options, what they are called in the help, and what it loads. */
import {
  buildCommand,
  type Command,
  type CommandContext,
  type FlagParametersForType,
} from "@stricli/core";
import { CodexError } from "../base/errors.ts";
import type { Cli, CommandBody, GlobalFlags } from "./cli.ts";
import type { SourceFlags } from "./place.ts";

/** What Stricli hands to a command. */
export interface AppContext extends CommandContext {
  /** The world of the command. */
  readonly cli: Cli;
  /** Takes what the command threw. */
  fail(error: unknown): void;
}

/** The options of a command as a table. */
export type FlagTable<F> = FlagParametersForType<F, AppContext>;

/** An option that is given or not. */
export interface Switch {
  readonly kind: "boolean";
  readonly optional: true;
  readonly withNegated: false;
  readonly brief: string;
}

/** An option with a value. */
export interface Value<T> {
  readonly kind: "parsed";
  readonly optional: true;
  readonly parse: (text: string) => T;
  readonly placeholder: string;
  readonly brief: string;
}

/** Makes an option that is given or not. */
export function onOff(brief: string): Switch {
  return { kind: "boolean", optional: true, withNegated: false, brief };
}

/** Makes an option with a text as its value. */
export function text(placeholder: string, brief: string): Value<string> {
  return value(placeholder, brief, String);
}

/** Makes an option with a path as its value, which is never stdin or stdout. */
export function path(placeholder: string, brief: string): Value<string> {
  return value(placeholder, brief, parseNamed);
}

function parseNamed(text: string): string {
  if (text !== "-") return parsePath(text);
  const message = '"-" stands for no file here, and one of that name is "./-"';
  throw new CodexError("invalid_usage", message, { hint: "Give the path of a file" });
}

/** Makes an option with a path as its value, where `-` means something. */
export function pathOrDash(placeholder: string, brief: string): Value<string> {
  return value(placeholder, brief, parsePath);
}

/** No path is empty; a variable that is not set is, and means no other place than it should hold. */
function parsePath(text: string): string {
  if (text !== "") return text;
  throw new CodexError("invalid_usage", '"" is not a path', {
    hint: "Look whether the variable that should hold it is set",
  });
}

/** Makes an option whose value is read from text. */
export function value<T>(
  placeholder: string,
  brief: string,
  parse: (text: string) => T,
): Value<T> {
  return { kind: "parsed", optional: true, parse, placeholder, brief };
}

/** An option that may be given several times. */
export interface Values extends Value<string> {
  readonly variadic: true;
}

/** Makes an option with a path as its value that may be given several times. */
export function paths(placeholder: string, brief: string): Values {
  return { ...path(placeholder, brief), variadic: true };
}

/** The same where `-` means something. */
export function pathsOrDash(placeholder: string, brief: string): Values {
  return { ...pathOrDash(placeholder, brief), variadic: true };
}

/** The name of an option as it is typed. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

/** The options that every command has. */
export const GLOBAL_FLAGS: FlagTable<GlobalFlags> = {
  json: onOff("Write for machines"),
  profile: text("NAME", "Which sign-in to use (CODEX_PROFILE)"),
  authFile: path("PATH", "Where sign-ins are kept (CODEX_AUTH_FILE)"),
  quiet: onOff("Nothing on stderr but warnings and errors"),
  verbose: onOff("More on stderr: requests, retries, where defaults come from"),
  color: {
    kind: "enum",
    values: ["auto", "always", "never"],
    optional: true,
    brief: "Colours on a terminal (NO_COLOR)",
  },
};

/** The options of commands that can use a sign-in of another kind. */
export const SOURCE_FLAGS: FlagTable<SourceFlags> = {
  auth: {
    kind: "enum",
    values: ["codex-cli", "api-key"],
    optional: true,
    brief: "Another sign-in: the official tool's, read only, or the key in CODEX_API_KEY",
  },
  rotateTo: path("FILE", "Where a renewed sign-in from CODEX_AUTH_JSON goes"),
};

/** The letters of the options that every command has. */
export const GLOBAL_ALIASES: { readonly q: "quiet"; readonly v: "verbose" } = {
  q: "quiet",
  v: "verbose",
};

/** Loads a command's body when it runs, and keeps what it throws for the one place that reports. */
export function body<F, A extends readonly unknown[]>(
  load: () => Promise<CommandBody<F, A>>,
): () => Promise<(this: AppContext, flags: F & GlobalFlags, ...args: A) => Promise<void>> {
  const command = async function (this: AppContext, flags: F & GlobalFlags, ...args: A) {
    try {
      const run = await load();
      await run(this.cli, flags, ...args);
    } catch (error) {
      this.fail(error);
    }
  };
  return () => Promise.resolve(command);
}

/** A command without arguments. */
export interface Definition<F> {
  /** Loads what it does. */
  readonly load: () => Promise<CommandBody<F>>;
  /** Its options, those of every command included. */
  readonly flags: FlagTable<F & GlobalFlags>;
  /** One line for the list of commands. */
  readonly brief: string;
  /** What may follow its name. */
  readonly usage?: string;
  /** More for its own help. */
  readonly description?: string;
}

/** Makes a command that takes options alone. */
export function define<F>(definition: Definition<F>): Command<AppContext> {
  const { load, flags, brief, usage = "[OPTIONS]", description } = definition;
  return buildCommand<F & GlobalFlags, [], AppContext>({
    loader: body<F, []>(load),
    parameters: { flags, aliases: GLOBAL_ALIASES },
    docs: {
      brief,
      customUsage: [usage],
      ...(description === undefined ? {} : { fullDescription: description }),
    },
  });
}
