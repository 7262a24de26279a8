import assert from "node:assert/strict";
import { paint, paintPrefix, wantsColor } from "../../src/cli/color.ts";

const CASES = [
  // --color, terminal, environment, wanted
  [undefined, true, {}, true],
  [undefined, false, {}, false],
  ["auto", true, { NO_COLOR: "1" }, false],
  ["auto", true, { TERM: "dumb" }, false],
  ["always", false, { NO_COLOR: "1", TERM: "dumb" }, true],
  ["never", true, {}, false],
] as const;

for (const [choice, isTerminal, env, wanted] of CASES) {
  const set: Readonly<Record<string, string>> = env;
  const title = `--color ${choice}, terminal ${isTerminal}, ${JSON.stringify(env)}`;
  Deno.test(`wantsColor() is ${wanted} for ${title}`, () => {
    assert.equal(wantsColor({ choice, isTerminal, env: (name) => set[name] }), wanted);
  });
}

Deno.test("paintPrefix() colours the first word of our own lines, and nothing else", () => {
  assert.equal(paintPrefix("codex: It broke: no"), `${paint("bold", "codex:")} It broke: no`);
  assert.equal(paintPrefix("warning: look"), `${paint("yellow", "warning:")} look`);
  assert.equal(paintPrefix("hint: do it"), `${paint("dim", "hint:")} do it`);
  assert.equal(paintPrefix("said codex: no"), "said codex: no");
});
