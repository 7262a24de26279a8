import assert from "node:assert/strict";
import { codexOnPath, inShell, type ShellHome } from "../../support/codex_on_path.ts";
import { testWith } from "../../support/need.ts";
import { Tmux } from "../../support/tmux.ts";

/** What bash proposes for words, the last of which is the one at the cursor. */
async function proposed(
  home: ShellHome,
  lines: readonly (readonly string[])[],
): Promise<readonly (readonly string[])[]> {
  const calls = lines.map((words) => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(${quoted}) COMP_CWORD=${words.length - 1}; _codex
      printf '%s\\n' "\${COMPREPLY[*]}"`;
  });
  const script = `source <(codex completions bash)\n${calls.join("\n")}`;
  const printed = await inShell(["bash", "--norc", "-uc", script], home);
  return printed.split("\n").slice(0, -1).map((line) => line === "" ? [] : line.split(" "));
}

testWith(["bash"], "bashScript() completes commands, options and values in bash", async () => {
  await using home = await codexOnPath();
  await home.dir.write("some file.md", "");
  await home.dir.write("folder/x.md", "");
  const cases: [words: string, expected: string][] = [
    ["codex re", "refresh"],
    ["codex --profile work re", "refresh"],
    ["codex --profile = work -q re", "refresh"],
    ["codex --vers", "--version"],
    ["codex run --mo", "--model"],
    ["codex -q run --mo", "--model"],
    ["codex status --mo", ""],
    ["codex run --on-limit ", "wait fail"],
    ["codex run --on-limit = w", "wait"],
    ["codex run --on-limit =", "wait fail"],
    ["codex run -m gpt-5.5 -e x", "xhigh"],
    ["codex run --model = gpt-5.6-s", "gpt-5.6-sol"],
    ["codex run -f fold", "folder"],
    ["codex run --instructions @ fold", "@folder/"],
    ["codex run --instructions =@ fold", "@folder/"],
    ["codex run --instructions @ some", "@some\\ file.md"],
    ["codex run --instructions @ nothing", ""],
    ["codex run --instructions fold", ""],
    ["codex run --timeout ", ""],
    ["codex run fold", ""],
    ["codex run -- --mo", ""],
    ["codex --color a", "auto always"],
    ["codex --profile ", ""],
    ["codex completions z", "zsh"],
  ];
  const found = await proposed(home, cases.map(([words]) => words.split(" ")));
  for (const [index, [words, expected]] of cases.entries()) {
    assert.equal(found[index]?.join(" "), expected, words);
  }
});

testWith(["bash"], "bashScript() proposes a file whose name has blanks as one word", async () => {
  await using home = await codexOnPath();
  await home.dir.write("some file.md", "");
  const script = `source <(codex completions bash)
    COMP_WORDS=(codex run -f some); COMP_CWORD=3; _codex; printf '[%s]' "\${COMPREPLY[@]}"`;
  assert.equal(await inShell(["bash", "--norc", "-c", script], home), "[some file.md]");
});

testWith(
  ["bash"],
  "bashScript() is bash without a mistake, for a command of any name",
  async () => {
    await using home = await codexOnPath("codex-deno");
    const script =
      `source <(codex-deno completions bash --name codex-deno) && complete -p codex-deno`;
    const printed = await inShell(["bash", "--norc", "-c", script], home);
    assert.equal(printed, "complete -F _codex_deno codex-deno\n");
  },
);

testWith(["bash", "tmux"], "the tab key completes in bash", async () => {
  await using home = await codexOnPath();
  // A bash that ends would write its history into the home that is just being removed.
  const env = { ...home.env, PS1: "> ", HISTFILE: "" };
  await using terminal = await Tmux.start(["bash", "--norc", "-i"], { env, cwd: home.dir.path });
  await terminal.type("source <(codex completions bash); echo rea''dy");
  await terminal.press("Enter");
  await terminal.waitFor(/^ready/m);
  await terminal.type("codex run --mod");
  await terminal.press("Tab");
  await terminal.type("gpt-5.6-s");
  await terminal.press("Tab");
  await terminal.waitFor("codex run --model gpt-5.6-sol");
});

testWith(["bash", "tmux"], "the tab key keeps the @ before a file in bash", async () => {
  await using home = await codexOnPath();
  await home.dir.write("prompt.md", "");
  await home.dir.write("some folder/x.md", "");
  // A bash that ends would write its history into the home that is just being removed.
  const env = { ...home.env, PS1: "> ", HISTFILE: "" };
  await using terminal = await Tmux.start(["bash", "--norc", "-i"], { env, cwd: home.dir.path });
  await terminal.type("source <(codex completions bash); echo rea''dy");
  await terminal.press("Enter");
  await terminal.waitFor(/^ready/m);
  // Several files: nothing is added to what was typed.
  await terminal.type("codex run --instructions @");
  await terminal.press("Tab");
  await terminal.type("pro");
  await terminal.press("Tab");
  await terminal.type("-m gpt-5.5 --instructions=@so");
  await terminal.press("Tab", "Tab");
  await terminal.waitFor(
    "codex run --instructions @prompt.md -m gpt-5.5 --instructions=@some\\ folder/x.md",
  );
});
