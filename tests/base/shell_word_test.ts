import assert from "node:assert/strict";
import { shellQuoted, shellWord } from "../../src/base/shell_word.ts";

Deno.test("shellWord() leaves a plain word as it is", () => {
  for (const word of ["deno", "--name=a,b", "a@b:c%d", "../x/y_1.ts+z"]) {
    assert.equal(shellWord(word), word);
  }
});

Deno.test("shellWord() puts between quotes what a shell would take apart or replace", () => {
  assert.equal(shellWord(""), "''");
  assert.equal(shellWord("a b"), "'a b'");
  assert.equal(shellWord("$HOME"), "'$HOME'");
  assert.equal(shellWord("it's"), "'it'\\''s'");
  assert.equal(shellWord("a\n"), "'a\n'");
});

Deno.test("shellQuoted() puts every text between quotes", () => {
  assert.equal(shellQuoted("deno"), "'deno'");
});
