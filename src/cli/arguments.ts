/** Global options may stand before the command: they are moved behind it, where it reads them. */
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
 * Moves global options from before the command to right behind it.
 *
 * @param args The arguments as they were typed.
 * @returns The same arguments, the command first.
 */
export function commandFirst(args: readonly string[]): readonly string[] {
  let index = 0;
  for (;;) {
    const arg = args[index];
    if (arg === undefined) return args;
    const name = arg.split("=", 1)[0] ?? arg;
    if (WITH_VALUE.has(name)) index += arg === name ? 2 : 1;
    else if (WITHOUT_VALUE.has(name) || /^-[qv]+$/.test(arg)) index += 1;
    else break;
  }
  // They mean nothing to the help, which knows no options.
  if (isHelp(args[index])) return args.slice(index);
  if (index === 0 || index >= args.length || args[index]?.startsWith("-")) return args;
  return [...args.slice(index, index + 1), ...args.slice(0, index), ...args.slice(index + 1)];
}

function isHelp(arg: string | undefined): boolean {
  return arg === "-h" || arg === "--help";
}

/** The arguments that may be options: those before `--`. */
function mayBeOptions(args: readonly string[]): readonly string[] {
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
