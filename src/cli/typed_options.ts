/**
 * Options as people type them and the command line library does not take them: short ones as POSIX
 * has them, values of several lines, and mistakes that it would take for a prompt.
 */
import { mayBeOptions } from "./arguments.ts";

/** Whether an option, as it is typed, takes a value; `undefined` for what is none. */
export type TakesValue = (option: string) => boolean | undefined;

/** What an argument looks like that may be several short options. */
const SEVERAL = /^-[A-Za-z][^=]/;
/** A value of several lines behind its option, which the library does not see. */
const LINES = /^(--[a-z][\w.-]+)=([^-].*\n.*|\n.*)$/is;
/** What the library takes for an option; whatever else there is counts as an argument. */
const OPTION = /^(?:-[a-z]+|-[a-z]=.+|--[a-z][a-z\d._-]+(?:=.+)?)$/i;

/**
 * Sets options apart: `-qelow` becomes `-q -e low`, since the command line library takes each
 * letter for an option without a value.
 *
 * A letter that no option has leaves its argument as it was, for the library to tell of.
 *
 * @param args The arguments, as they were typed.
 * @param takesValue Tells of each option; asked only when there is something to set apart.
 * @returns The same arguments, each option in one of its own.
 */
export function setApart(args: readonly string[], takesValue: TakesValue): readonly string[] {
  const options = mayBeOptions(args);
  if (!options.some((arg) => SEVERAL.test(arg) || LINES.test(arg))) return args;
  const found: string[] = [];
  let isValue = false;
  for (const arg of options) {
    // The value of an option may look like anything.
    const parts: readonly string[] = isValue ? [arg] : apart(arg, takesValue) ?? [arg];
    found.push(...parts);
    isValue = !isValue && takesValue(parts.at(-1) ?? "") === true;
  }
  return [...found, ...args.slice(options.length)];
}

function apart(arg: string, takesValue: TakesValue): readonly string[] | undefined {
  const lines = LINES.exec(arg);
  if (lines !== null) return lines.slice(1);
  if (!SEVERAL.test(arg)) return undefined;
  const found: string[] = [];
  for (let at = 1; at < arg.length; at++) {
    const letter = `-${arg[at]}`;
    const takes = takesValue(letter);
    if (takes === undefined) return undefined;
    const rest = arg.slice(at + 1);
    if (!takes || rest === "") found.push(letter);
    // What begins with a dash would be taken for the next option.
    else if (/^[=-]/.test(rest)) return [...found, `${letter}=${rest.replace(/^=/, "")}`];
    else return [...found, letter, rest];
  }
  return found;
}

/**
 * The first argument that was meant as an option and is none in any spelling, such as `-no-tools`
 * or `--q`: the library would take it for the prompt. One with a blank in it may be a prompt.
 *
 * @param args The arguments, each option in one of its own.
 * @param takesValue Tells of each option.
 */
export function mistakenOption(
  args: readonly string[],
  takesValue: TakesValue,
): string | undefined {
  const options = mayBeOptions(args);
  if (!options.some(isMistaken)) return undefined;
  for (let at = 0; at < options.length; at++) {
    const arg = options[at] ?? "";
    if (isMistaken(arg)) return arg;
    // The value of an option may look like anything.
    if (takesValue(arg) === true) at++;
  }
  return undefined;
}

function isMistaken(arg: string): boolean {
  return /^-\S+$/.test(arg) && !OPTION.test(arg);
}
