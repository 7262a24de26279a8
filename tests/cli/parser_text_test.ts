import assert from "node:assert/strict";
import { inOurWords } from "../../src/cli/parser_text.ts";

const SAID: readonly (readonly [theirs: string, ours: string])[] = [
  [
    "No command registered for `runn`, did you mean `run`?",
    '"runn" is not a command, did you mean "run"?',
  ],
  ["No command registered for `a\nb`", '"a\nb" is not a command'],
  [
    "No flag registered for --maxstep, did you mean --maxSteps or --maxStdin?",
    "--maxstep is not an option, did you mean --max-steps or --max-stdin?",
  ],
  ["No flag registered for --fooBar", "--fooBar is not an option"],
  ["No alias registered for -z", "-z is not an option"],
  ["Expected input for flag --auth-file", "--auth-file has no value"],
  [
    "Expected input for flag --model but encountered --json instead",
    "--model has no value: --json follows",
  ],
  ["Expected argument for SHELL", "SHELL is missing"],
  ['Expected "x" to be one of (auto|never)', '"x" is not one of auto|never'],
  [
    'Expected "alway" to be one of (auto|always), did you mean "always"?',
    '"alway" is not one of auto|always, did you mean "always"?',
  ],
  [
    'Failed to parse "x" for max-steps: "x" is not a number from 1 up',
    '--max-steps: "x" is not a number from 1 up',
  ],
  [
    'Failed to parse "maybe" for json: Cannot convert maybe to a boolean',
    '--json: "maybe" is neither true nor false',
  ],
  ['Too many arguments, expected 1 but encountered "b"', 'Too many arguments: "b"'],
  ['Too many arguments for --quiet, encountered "true" after "true"', "--quiet is given twice"],
  ["Something that nobody knows", "Something that nobody knows"],
];

for (const [theirs, ours] of SAID) {
  Deno.test(`inOurWords() says ${JSON.stringify(ours)}`, () => {
    assert.equal(inOurWords(theirs), ours);
  });
}
