import assert from "node:assert/strict";
import type { Finding } from "../../../src/cli/doctor/finding.ts";
import { layOut } from "../../../src/cli/doctor/layout.ts";

const FINDINGS: readonly Finding[] = [
  { about: "file", severity: "ok", text: "a/path" },
  { about: "sign-in", severity: "note", text: "one two three four five six seven eight nine ten" },
  {
    about: "lock",
    severity: "problem",
    text: "It does not work",
    hint: "Do this and that",
    code: "store_unavailable",
  },
];

Deno.test("layOut() keeps a finding on one line where there is no terminal", () => {
  assert.equal(
    layOut(FINDINGS, Infinity),
    "ok  file     a/path\n" +
      "--  sign-in  one two three four five six seven eight nine ten\n" +
      "!!  lock     It does not work\n" +
      "             hint: Do this and that\n",
  );
});

Deno.test("layOut() breaks at blanks, within the terminal's width", () => {
  const text = layOut(FINDINGS, 43);
  assert.equal(
    text,
    "ok  file     a/path\n" +
      "--  sign-in  one two three four five six\n" +
      "             seven eight nine ten\n" +
      "!!  lock     It does not work\n" +
      "             hint: Do this and that\n",
  );
  assert.ok(text.split("\n").every((line) => line.length <= 43));
});

Deno.test("layOut() leaves a word whole that is longer than the line", () => {
  const path = `/${"long".repeat(20)}/auth.json`;
  const text = layOut([{ about: "file", severity: "ok", text: `see ${path} there` }], 40);
  assert.equal(text, `ok  file  see\n          ${path}\n          there\n`);
});

Deno.test("layOut() does not crumble the text on a narrow terminal", () => {
  const lines = layOut(FINDINGS, 5).trimEnd().split("\n");
  assert.ok(lines.some((line) => line.includes("one two three four five six")));
});

Deno.test("layOut() of nothing is nothing", () => {
  assert.equal(layOut([], 80), "");
});
