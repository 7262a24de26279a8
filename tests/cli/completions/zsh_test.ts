import assert from "node:assert/strict";
import { codexOnPath, inShell, type ShellHome } from "../../support/codex_on_path.ts";
import { testWith } from "../../support/need.ts";
import { Tmux } from "../../support/tmux.ts";

const LOAD = "autoload -U compinit; compinit -u -D";

/** A zsh that has loaded the completions. */
async function openZsh(home: ShellHome): Promise<Tmux> {
  const terminal = await Tmux.start(["zsh", "-f"], {
    env: { ...home.env, PS1: "> " },
    cwd: home.dir.path,
    columns: 100,
  });
  await terminal.type(`${LOAD}; source <(codex completions zsh); clear; echo rea''dy`);
  await terminal.press("Enter");
  await terminal.waitFor(/^ready/m);
  return terminal;
}

testWith(["zsh", "tmux"], "zshScript() completes commands, options and values in zsh", async () => {
  await using home = await codexOnPath();
  await home.dir.write("some file.md", "");
  await using terminal = await openZsh(home);
  const cases: [typed: string, completed: string][] = [
    ["codex ref", "codex refresh"],
    ["codex --profile work ref", "codex --profile work refresh"],
    ["codex --vers", "codex --version"],
    ["codex run --sea", "codex run --search"],
    ["codex -q run 'a prompt' --sea", "codex -q run 'a prompt' --search"],
    ["codex run --on-limit w", "codex run --on-limit wait"],
    ["codex run -m gpt-5.6-s", "codex run -m gpt-5.6-sol"],
    ["codex run --model=gpt-5.6-s", "codex run --model=gpt-5.6-sol"],
    ["codex run -m gpt-5.5 -e x", "codex run -m gpt-5.5 -e xhigh"],
    ["codex run -f so", "codex run -f some\\ file.md"],
    ["codex run --instructions @so", "codex run --instructions @some\\ file.md"],
    ["codex completions f", "codex completions fish"],
  ];
  for (const [typed, completed] of cases) {
    await terminal.type(typed);
    await terminal.press("Tab");
    const screen = await terminal.waitFor(`> ${completed}`);
    assert.doesNotMatch(screen, /_arguments|parse error|not found/);
    await terminal.press("C-u");
  }
});

testWith(["zsh", "tmux"], "zshScript() lists what is meant, with what it means", async () => {
  await using home = await codexOnPath();
  await using terminal = await openZsh(home);
  await terminal.type("codex status --c");
  await terminal.press("Tab", "Tab");
  await terminal.waitFor(/--check +-- Ask the service/);
});

testWith(["zsh"], "zshScript() can be a file of fpath, for a command of any name", async () => {
  await using home = await codexOnPath("codex-deno");
  const script = `mkdir f && codex-deno completions zsh --name codex-deno > f/_codex-deno
    fpath=($PWD/f $fpath); ${LOAD}; print $_comps[codex-deno]`;
  assert.equal(await inShell(["zsh", "-fc", script], home), "_codex-deno\n");
});
