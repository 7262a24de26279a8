import assert from "node:assert/strict";
import { setApart } from "../../src/cli/short_options.ts";

const letters = new Map([["q", false], ["x", false], ["e", true], ["f", true]]);
const apart = (...args: readonly string[]) => setApart(args, () => letters);

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
      ["run", "-qz", "-zq", "-qzelow"],
      ["run", "-é", "-1", "- q"],
      ["run", "--", "-elow"],
      [],
    ]
  ) assert.deepEqual(apart(...args), args);
});

Deno.test("setApart() asks for the letters only when it needs them", () => {
  const fail = () => assert.fail("asked");
  assert.deepEqual(setApart(["run", "-e", "low", "--", "-elow"], fail), [
    "run",
    "-e",
    "low",
    "--",
    "-elow",
  ]);
});
