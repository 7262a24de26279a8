/** Short options as POSIX has them: several behind one dash, a value right behind its letter. */

/** What an argument looks like that may be several of them. */
const SEVERAL = /^-[A-Za-z][^=]/;

/**
 * Sets short options apart: `-qelow` becomes `-q -e low`, since the command line library takes
 * each letter for an option without a value.
 *
 * A letter that no option has leaves its argument as it was, for the library to tell of.
 *
 * @param args The arguments, as they were typed.
 * @param lettersOf Gives the letters of the options, and whether they take a value; asked only
 * when there is something to set apart.
 * @returns The same arguments, each option in one of its own.
 */
export function setApart(
  args: readonly string[],
  lettersOf: () => ReadonlyMap<string, boolean>,
): readonly string[] {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  if (!options.some((arg) => SEVERAL.test(arg))) return args;
  const letters = lettersOf();
  return [...options.flatMap((arg) => apart(arg, letters) ?? arg), ...args.slice(options.length)];
}

function apart(
  arg: string,
  letters: ReadonlyMap<string, boolean>,
): readonly string[] | undefined {
  if (!SEVERAL.test(arg)) return undefined;
  const found: string[] = [];
  for (let at = 1; at < arg.length; at++) {
    const letter = `-${arg[at]}`;
    const takesValue = letters.get(arg[at] ?? "");
    if (takesValue === undefined) return undefined;
    const rest = arg.slice(at + 1);
    if (!takesValue || rest === "") found.push(letter);
    // What begins with a dash would be taken for the next option.
    else if (/^[=-]/.test(rest)) return [...found, `${letter}=${rest.replace(/^=/, "")}`];
    else return [...found, letter, rest];
  }
  return found;
}
