import assert from "node:assert/strict";
import { codexOnPath, inShell, type ShellHome } from "../../support/codex_on_path.ts";
import { testWith } from "../../support/need.ts";

/** What fish proposes for each line: the words, without what they mean. */
async function proposed(
  home: ShellHome,
  lines: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const calls = lines.map((line) => `complete -C "${line}"; echo ---`);
  const script = `codex completions fish | source\n${calls.join("\n")}`;
  const printed = await inShell(["fish", "--no-config", "-c", script], home);
  return printed.split("---\n").slice(0, -1)
    .map((part) => part.split("\n").slice(0, -1).map((line) => line.split("\t")[0] ?? ""));
}

testWith(["fish"], "fishScript() completes commands, options and values in fish", async () => {
  await using home = await codexOnPath();
  await home.dir.write("some.md", "");
  await home.dir.write("folder/x.md", "");
  const cases: [line: string, expected: string][] = [
    ["codex re", "refresh"],
    ["codex --profile work re", "refresh"],
    ["codex --vers", "--version"],
    ["codex run --mo", "--model"],
    ["codex -q run 'a prompt' --mo", "--model"],
    ["codex status --mo", ""],
    ["codex run --on-limit ", "fail wait"],
    ["codex run --on-limit=w", "--on-limit=wait"],
    ["codex run -m gpt-5.5 -e x", "xhigh"],
    ["codex run -m gpt-5.6-s", "gpt-5.6-sol"],
    ["codex run -f so", "some.md"],
    ["codex run --instructions @so", "@some.md"],
    ["codex run --instructions so", ""],
    ["codex run --timeout ", ""],
    ["codex run so", ""],
    ["codex --color a", "always auto"],
    ["codex completions z", "zsh"],
  ];
  const found = await proposed(home, cases.map(([line]) => line));
  for (const [index, [line, expected]] of cases.entries()) {
    assert.equal(found[index]?.join(" "), expected, line);
  }
});

testWith(["fish"], "fishScript() works for a command of any name", async () => {
  await using home = await codexOnPath("codex-deno");
  const script = `codex-deno completions fish --name codex-deno | source
    complete -C "codex-deno run -m gpt-5.6-s"`;
  const printed = await inShell(["fish", "--no-config", "-c", script], home);
  assert.match(printed, /^gpt-5\.6-sol\t/);
});
