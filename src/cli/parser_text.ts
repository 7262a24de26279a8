/** What the command line library says of a mistake, in the words that everything else is said in. */

/** Its sentences, and ours; what was typed may hold line ends. */
const SENTENCES: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/^No command registered for `(.*)`$/s, '"$1" is not a command'],
  [/^No (?:flag|alias) registered for (-.*)$/s, "$1 is not an option"],
  [/^Expected input for flag (\S+) but encountered (\S+) instead$/, "$1 has no value: $2 follows"],
  [/^Expected input for flag (\S+)$/, "$1 has no value"],
  [/^Expected argument for (\S+)$/, "$1 is missing"],
  [/^Expected "(.*)" to be one of \((\S+)\)$/s, '"$1" is not one of $2'],
  [
    /^Failed to parse ".*" for ([a-z-]+): Cannot convert (.*) to a boolean$/s,
    '--$1: "$2" is neither true nor false',
  ],
  [/^Failed to parse ".*" for ([a-z-]+): (.*)$/s, "--$1: $2"],
  [/^Too many arguments, expected \d+ but encountered "(.*)"$/s, 'Too many arguments: "$1"'],
  [/^Too many arguments for (\S+), encountered .*$/s, "$1 is given twice"],
];

/** Behind a sentence: it knows only names from the code there. */
const SUGGESTION = /, did you mean [\w"`, -]+\?$/;

/**
 * Says it again.
 *
 * @param text What the library says.
 * @returns The same in our words, or as it is where it says something unknown.
 */
export function inOurWords(text: string): string {
  const suggestion = SUGGESTION.exec(text)?.[0] ?? "";
  const said = text.slice(0, text.length - suggestion.length);
  const [theirs, ours] = SENTENCES.find(([theirs]) => theirs.test(said)) ?? [];
  const again = theirs === undefined || ours === undefined ? said : said.replace(theirs, ours);
  return again + suggestion.replaceAll("`", '"').replace(/--\w+/g, asTyped);
}

/** An option's name in the code, `--maxSteps`, as it is typed. */
function asTyped(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
