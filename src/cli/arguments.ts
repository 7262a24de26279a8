/** Where the command stands: global options may come before it, and `help` is one that is none. */
import type { Env } from "../base/platform.ts";
import type { ColorChoice } from "./color.ts";

/** Global options that take a value. */
const WITH_VALUE: ReadonlySet<string> = new Set(["--profile", "--auth-file", "--color"]);
/** Global options that take none. */
const WITHOUT_VALUE: ReadonlySet<string> = new Set([
  "--json",
  "-q",
  "--quiet",
  "-v",
  "--verbose",
]);

/**
 * Moves global options from before the command to right behind it. A wish for help before the
 * command is one for its help, as is `help`.
 *
 * @param args The arguments as they were typed.
 * @returns The same arguments, the command first.
 */
export function commandFirst(args: readonly string[]): readonly string[] {
  const index = commandAt(args);
  const named = args[index];
  if (named === "help" || isHelp(named)) return helpFor(args.slice(index + 1));
  if (index === 0 || named === undefined || named.startsWith("-")) return args;
  return [named, ...args.slice(0, index), ...args.slice(index + 1)];
}

/** A wish for help, of the command that comes next where one does; it knows no other options. */
function helpFor(args: readonly string[]): readonly string[] {
  const named = args[commandAt(args)] ?? "-";
  return named.startsWith("-") || named === "help" ? ["--help"] : [named, "--help"];
}

/** Whether `--` stands where the command should. */
export function hasNoCommand(args: readonly string[]): boolean {
  return args[commandAt(args)] === "--";
}

/** Where the first argument is that is no global option. */
function commandAt(args: readonly string[]): number {
  let index = 0;
  for (;;) {
    const arg = args[index];
    if (arg === undefined) return index;
    const name = arg.split("=", 1)[0] ?? arg;
    if (WITH_VALUE.has(name)) index += arg === name ? 2 : 1;
    else if (WITHOUT_VALUE.has(name) || /^-[qv]+$/.test(arg)) index += 1;
    else return index;
  }
}

function isHelp(arg: string | undefined): boolean {
  return arg === "--help" || /^-[qv]*h[qvh]*$/.test(arg ?? "");
}

/** The arguments that may be options: those before `--`. */
export function mayBeOptions(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}

/** Whether machine-readable output was asked for, as far as that can be told without parsing. */
export function wantsJson(args: readonly string[]): boolean {
  return mayBeOptions(args).some((arg) => /^--json(=(true|t|yes|y|on|1))?$/i.test(arg));
}

/** Whether the version was asked for, with or without a command. */
export function wantsVersion(args: readonly string[]): boolean {
  return mayBeOptions(args).includes("--version");
}

/**
 * The first option that ends where its value should begin, such as `--model=`. The command line
 * library takes it for an argument, so that an empty variable would become the prompt.
 */
export function optionWithoutValue(args: readonly string[]): string | undefined {
  return mayBeOptions(args).find((arg) => /^--?[a-z][a-z-]*=$/i.test(arg));
}

/** What `--color` says, as far as that can be told without parsing. */
export function colorIn(args: readonly string[]): ColorChoice | undefined {
  const options = mayBeOptions(args);
  const at = options.findIndex((arg) => arg === "--color" || arg.startsWith("--color="));
  const arg = options[at];
  const given = arg === "--color" ? options[at + 1] : arg?.slice("--color=".length);
  return given === "always" || given === "never" || given === "auto" ? given : undefined;
}

/** The profile in force, as far as that can be told without parsing. */
export function profileIn(args: readonly string[], env: Env): string {
  const options = mayBeOptions(args);
  const at = options.findIndex((arg) => arg === "--profile" || arg.startsWith("--profile="));
  const arg = options[at];
  const given = arg === "--profile" ? options[at + 1] : arg?.slice("--profile=".length);
  return given ?? env("CODEX_PROFILE") ?? "default";
}
