import assert from "node:assert/strict";
import { mistakenOption, setApart } from "../../src/cli/typed_options.ts";

const OPTIONS = new Map([["-q", false], ["-x", false], ["-e", true], ["-f", true], [
  "--file",
  true,
]]);
const takesValue = (option: string) => OPTIONS.get(option);
const apart = (...args: readonly string[]) => setApart(args, takesValue);
const mistaken = (...args: readonly string[]) => mistakenOption(["run", ...args], takesValue);

Deno.test("setApart() takes a value from behind its letter", () => {
  assert.deepEqual(apart("run", "-elow", "hi"), ["run", "-e", "low", "hi"]);
  assert.deepEqual(apart("run", "-fa b=c.txt"), ["run", "-f", "a b=c.txt"]);
  assert.deepEqual(apart("run", "-fa\nb"), ["run", "-f", "a\nb"]);
});

Deno.test("setApart() takes letters apart that stand behind one dash", () => {
  assert.deepEqual(apart("run", "-qx", "hi"), ["run", "-q", "-x", "hi"]);
  assert.deepEqual(apart("run", "-qe", "low"), ["run", "-q", "-e", "low"]);
  assert.deepEqual(apart("run", "-qxelow", "-fq"), ["run", "-q", "-x", "-e", "low", "-f", "q"]);
});

Deno.test("setApart() lets a value begin as an option does", () => {
  assert.deepEqual(apart("run", "-f-"), ["run", "-f=-"]);
  assert.deepEqual(apart("run", "-f-q"), ["run", "-f=-q"]);
  assert.deepEqual(apart("run", "-qe=low"), ["run", "-q", "-e=low"]);
});

Deno.test("setApart() leaves everything else as it was typed", () => {
  for (
    const args of [
      ["run", "-e", "low", "-q", "--effort=low", "-e=low"],
      ["run", "-f", "-", "-", "hi"],
      ["run", "-f", "-q.txt", "--file", "-fx", "-q"],
      ["run", "-qz", "-zq", "-qzelow"],
      ["run", "-é", "-1", "- q"],
      ["run", "--", "-elow"],
      [],
    ]
  ) assert.deepEqual(apart(...args), args);
});

Deno.test("setApart() takes a value of several lines from its option", () => {
  assert.deepEqual(apart("run", "--file=a\nb=c"), ["run", "--file", "a\nb=c"]);
  assert.deepEqual(apart("run", "--file=\n"), ["run", "--file", "\n"]);
  assert.deepEqual(apart("run", "--file=a b"), ["run", "--file=a b"]);
});

Deno.test("mistakenOption() finds what was meant as an option", () => {
  for (
    const arg of ["-no-tools", "--q", "--1", "---quiet", "-1", "-q1", "-q-", "-qx=low", "-é", "-."]
  ) {
    assert.equal(mistaken("hi", arg), arg);
    assert.equal(mistaken("-q", arg), arg);
    assert.equal(mistaken("--no-such", arg, "hi"), arg);
  }
});

Deno.test("mistakenOption() lets pass options, their values, prompts and what comes behind --", () => {
  for (
    const args of [
      ["-q", "--quiet", "-e=low", "--file=-", "-", "--zz", "-z"],
      ["-x is what?", "-1 + 2", "- list\n- more"],
      ["-f", "-no-tools", "--file", "--1"],
      ["--", "-no-tools"],
      [],
    ]
  ) assert.equal(mistaken(...args), undefined);
});

Deno.test("setApart() asks about the options only when it needs them", () => {
  const fail = () => assert.fail("asked");
  assert.deepEqual(setApart(["run", "-e", "low", "--", "-elow"], fail), [
    "run",
    "-e",
    "low",
    "--",
    "-elow",
  ]);
});
