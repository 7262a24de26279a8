import assert from "node:assert/strict";
import { shellQuoted } from "../../../src/base/shell_word.ts";
import {
  functionName,
  quotedForFish,
  quotedForPowerShell,
} from "../../../src/cli/completions/quote.ts";
import { codexOnPath, inShell } from "../../support/codex_on_path.ts";
import { testWith } from "../../support/need.ts";

const ODD = "it's $HOME `x` \"y\" \\ \\' $(z)";

testWith(
  ["bash", "fish"],
  "quotedForFish() gives fish, and shellQuoted() the others, the text itself",
  async () => {
    await using home = await codexOnPath();
    assert.equal(await inShell(["bash", "-c", `printf %s ${shellQuoted(ODD)}`], home), ODD);
    assert.equal(await inShell(["fish", "-c", `printf %s ${quotedForFish(ODD)}`], home), ODD);
  },
);

Deno.test("quotedForPowerShell() doubles the quotes", () => {
  assert.equal(quotedForPowerShell("it's"), "'it''s'");
});

Deno.test("functionName() makes a name that every shell takes", () => {
  assert.equal(functionName("codex"), "_codex");
  assert.equal(functionName("codex-deno.2"), "_codex_deno_2");
});
