/** There is no PowerShell here: what can be said of the script without one. */
import assert from "node:assert/strict";
import type { RouteMap } from "@stricli/core";
import { application } from "../../../src/cli/app.ts";
import { powerShellScript } from "../../../src/cli/completions/powershell.ts";
import { completionTable } from "../../../src/cli/completions/table.ts";
import { GLOBAL_FLAGS } from "../../../src/cli/define.ts";

const TABLE = completionTable(
  application().root as RouteMap<never>,
  new Set(Object.keys(GLOBAL_FLAGS)),
);

Deno.test("powerShellScript() names every command and option, and the program", () => {
  const script = powerShellScript("codex-deno", TABLE);
  assert.match(script, /Register-ArgumentCompleter -Native -CommandName 'codex-deno' /);
  for (const { name, options } of TABLE) {
    assert.ok(script.includes(`    '${name}' = @(\n`), name);
    for (const option of options) assert.ok(script.includes(`'--${option.name}'`), option.name);
  }
});

Deno.test("powerShellScript() closes what it opens", () => {
  // Texts and comments gone, what is left has to be balanced.
  const code = powerShellScript("codex", TABLE).replaceAll(/^\s*#.*$/gm, "")
    .replaceAll(/'(?:[^']|'')*'/g, "''");
  const open: string[] = [];
  for (const sign of code.match(/[()[\]{}]/g) ?? []) {
    if ("([{".includes(sign)) open.push(sign);
    else assert.equal(`${open.pop()}${sign}`.replaceAll(/^(\(\)|\[\]|\{\})$/g, "pair"), "pair");
  }
  assert.deepEqual(open, []);
});
