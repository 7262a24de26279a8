import assert from "node:assert/strict";
import { runCli } from "../../support/run_cli.ts";

/** A usage error: its status, and its two lines. */
async function refused(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(["completions", ...args]);
  assert.deepEqual([code, stdout], [2, ""]);
  return stderr;
}

Deno.test("codex completions names the shells to somebody who names none, another or two", async () => {
  const hint = "hint: Name bash, zsh, fish or powershell\n";
  assert.equal(await refused([]), `codex: One shell has to be named\n${hint}`);
  assert.equal(await refused(["bash", "zsh"]), `codex: One shell has to be named\n${hint}`);
  for (const shell of ["tcsh", "constructor", "BASH"]) {
    assert.equal(await refused([shell]), `codex: There are no completions for "${shell}"\n${hint}`);
  }
});

Deno.test("codex completions takes no name that would be code in a script", async () => {
  for (const name of ["a b", "$(x)", "x;y", "", ".x", "a\nb"]) {
    assert.match(
      await refused(["bash", "--name", name]),
      /^codex: .*cannot be the name of a command/,
    );
  }
});

Deno.test("codex completions prints a script that ends in a newline, and nothing on stderr", async () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const { code, stdout, stderr } = await runCli(["completions", shell], { permissions: [] });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /[^\n]\n$/);
    assert.ok(!stdout.includes("undefined") && !stdout.includes("[object"), shell);
  }
});
