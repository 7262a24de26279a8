/** The help texts, as they are shown: `deno test -u tests/cli/app_help_test.ts` takes a new state. */
import assert from "node:assert/strict";
import { GLOBAL_FLAGS } from "../../src/cli/define.ts";
import { main } from "../../src/cli/main.ts";
import { kebab } from "../../src/cli/define.ts";
import { commands } from "../../tools/cli_page.ts";
import { fakeCli } from "./fake_cli.ts";

async function help(...args: readonly string[]): Promise<string> {
  const { cli, told } = fakeCli();
  assert.equal(await main([...args, "--help"], cli), 0);
  return told.stdout;
}

Deno.test("codex --help is as it was", async (t) => {
  await t.assertSnapshot(await help());
});

Deno.test("codex --help names the version, and what every command takes", async () => {
  const shown = await help();
  for (const name of ["version", ...Object.keys(GLOBAL_FLAGS).map(kebab)]) {
    assert.match(shown, new RegExp(`^  .. --${name} +[A-Z]`, "m"));
  }
});

for (const [name, { parameters }] of commands()) {
  Deno.test(`codex ${name} --help is as it was, and names every option`, async (t) => {
    const shown = await help(name);
    for (const flag of Object.keys(parameters.flags ?? {})) {
      assert.ok(shown.includes(`--${kebab(flag)}`), flag);
    }
    await t.assertSnapshot(shown);
  });
}

Deno.test("codex run --help names the variable that stands behind an option", async () => {
  const shown = await help("run");
  for (const name of ["MODEL", "EFFORT", "PROFILE", "AUTH_FILE", "STDIN_TIMEOUT"]) {
    const line = shown.split("\n").find((one) => one.includes(`CODEX_${name}`)) ?? "";
    assert.ok(line.includes(`--${name.toLowerCase().replaceAll("_", "-")}`), name);
  }
});
