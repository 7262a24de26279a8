/** `codex run` on a terminal: one live line that leaves no trace. */
import assert from "node:assert/strict";
import { rateLimited, reply, silent, toolCall, usageLimit } from "../../testing.ts";
import { type Desk, openDesk } from "../support/desk.ts";
import { testWith } from "../support/need.ts";
import { cliEnv } from "../support/run_cli.ts";
import { Tmux } from "../support/tmux.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

interface TerminalOptions {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Before and behind the command, such as a redirection. */
  readonly before?: string;
  readonly after?: string;
  readonly permissions?: readonly string[];
}

async function terminal(desk: Desk, args: readonly string[], options: TerminalOptions = {}) {
  const known = await cliEnv(desk.home.path);
  const deno = [Deno.execPath(), "run", "-q", "--no-prompt", "--cached-only"];
  const run = [...deno, ...options.permissions ?? ["-A"], CLI, ...args];
  const quoted = run.map((word) => `'${word}'`).join(" ");
  return await Tmux.start(
    ["sh", "-c", `${options.before ?? ""} ${quoted} ${options.after ?? ""}`],
    {
      env: { ...known, ...desk.env, ...options.env },
      cwd: desk.home.path,
      ...(options.columns === undefined ? {} : { columns: options.columns }),
    },
  );
}

testWith(["tmux"], "codex run shows what it is doing, and nothing of that afterwards", async () => {
  await using desk = await openDesk({ turns: [silent()] });
  await using screen = await terminal(desk, ["run", "x"]);
  await screen.waitFor(/\d s, (asking|thinking)/);
  await screen.press("C-c");
  assert.equal(await screen.status(), 130);
  assert.equal(await screen.screen(), "codex: Interrupted\n[status 130]");
});

testWith(["tmux"], "codex run leaves nothing but the answer on a terminal", async () => {
  await using desk = await openDesk({ turns: [reply("Four.", { delayMs: 300 })] });
  await using screen = await terminal(desk, ["run", "x"]);
  assert.equal(await screen.status(), 0);
  assert.equal(await screen.screen(), "Four.\n[status 0]");
});

testWith(
  ["tmux"],
  "codex run counts tokens and time while the answer goes into a file",
  async () => {
    await using desk = await openDesk({
      turns: [reply("word ".repeat(200), { chunks: 200, delayMs: 12 })],
    });
    await using screen = await terminal(desk, ["run", "x"], { after: "> answer.txt" });
    await screen.waitFor(/^[12] s, about \d+ tokens, answering$/m);
    assert.equal(await screen.status(), 0);
    assert.equal(await screen.screen(), "[status 0]");
    assert.match(await desk.home.read("answer.txt"), /^(word )+\n$/);
  },
);

testWith(
  ["tmux"],
  "codex run draws no line while a reader of its answer has the terminal",
  async () => {
    await using desk = await openDesk({
      turns: [reply("word ".repeat(150), { chunks: 150, delayMs: 12 })],
    });
    await using screen = await terminal(desk, ["run", "x"], { after: "| cat", columns: 1000 });
    assert.equal(await screen.status(), 0);
    const shown = (await screen.screen()).split("\n").map((line) => line.trimEnd());
    assert.deepEqual(shown, ["word ".repeat(150).trimEnd(), "[status 0]"]);
  },
);

testWith(["tmux"], "codex run tells how long it waits for a limit, in its line", async () => {
  await using desk = await openDesk({ turns: [usageLimit({ resetsIn: 7200 })] });
  await using screen = await terminal(desk, ["run", "--on-limit", "wait", "x"], { columns: 120 });
  await screen.waitFor(/waiting for the usage limit, which resets \d{4}-\d\d-\d\d \d\d:\d\d \(in /);
  await screen.press("C-c");
  assert.equal(await screen.status(), 130);
  assert.equal(await screen.screen(), "codex: Interrupted\n[status 130]");
});

testWith(["tmux"], "codex run counts a retry down, and says nothing of it afterwards", async () => {
  await using desk = await openDesk({ turns: [rateLimited({ retryAfter: 2 }), reply("Four.")] });
  await using screen = await terminal(desk, ["run", "x"]);
  await screen.waitFor(/trying again \(1 of 4\) in \d s/);
  assert.equal(await screen.status(), 0);
  assert.equal(await screen.screen(), "Four.\n[status 0]");
});

testWith(["tmux"], "codex run keeps its line within a narrow terminal", async () => {
  await using desk = await openDesk({ turns: [usageLimit({ resetsIn: 7200 })] });
  await using screen = await terminal(desk, ["run", "--on-limit", "wait", "x"], { columns: 24 });
  await screen.waitFor(/1 s, waiting for t/);
  await screen.press("C-c");
  assert.equal(await screen.status(), 130);
  assert.equal(await screen.screen(), "codex: Interrupted\n[status 130]");
});

for (
  const [what, args, env] of [
    ["a dumb terminal", ["run", "x"], { TERM: "dumb" }],
    ["--quiet", ["run", "-q", "x"], {}],
    ["--json", ["run", "--json", "x"], {}],
  ] as const
) {
  testWith(["tmux"], `codex run shows no line with ${what}`, async () => {
    await using desk = await openDesk({ turns: [silent({ text: "some words", afterChunks: 1 })] });
    await using screen = await terminal(desk, args, { env });
    await screen.waitFor("some");
    await screen.press("C-c");
    assert.equal(await screen.status(), 130);
    assert.doesNotMatch(await screen.screen(), /\d s,|asking|thinking/);
  });
}

testWith(
  ["tmux"],
  "codex run -v tells its story below the answer, and the line stays out of it",
  async () => {
    await using desk = await openDesk({ turns: [reply("Four.")] });
    await using screen = await terminal(desk, ["run", "-v", "x"], { columns: 150 });
    assert.equal(await screen.status(), 0);
    const lines = (await screen.screen()).split("\n");
    const answer = lines.indexOf("Four.");
    assert.ok(answer > 0, lines.join("\n"));
    assert.match(lines[0] ?? "", /^codex: model the account's first \(default\)$/);
    assert.match(lines[answer + 1] ?? "", /^codex: stop after .* tokens in/);
  },
);

for (const before of ["", "echo piped |"]) {
  testWith(
    ["tmux"],
    `codex run asks for what leaves the sandbox, as it is installed: ${before || "stdin open"}`,
    async () => {
      const escaped = (command: string) =>
        toolCall("shell", {
          command,
          sandbox_permissions: "require_escalated",
          justification: "I need it",
        });
      await using desk = await openDesk({
        turns: [escaped("touch one"), escaped("touch two"), reply("Done.")],
      });
      const permissions = "read write env net run sys=uid".split(" ")
        .map((name) => `--allow-${name}`);
      await using screen = await terminal(desk, ["run", "x"], { before, permissions });
      await screen.waitFor(/^ {2}\$ touch one$[^]*y, a or n:$/m);
      await screen.type("y");
      await screen.press("Enter");
      await screen.waitFor(/^ {2}\$ touch two$[^]*y, a or n:$/m);
      await screen.press("Enter");
      assert.equal(await screen.status(), 0);
      assert.match(await screen.screen(), /^Done\.$/m);
      const files = await desk.home.list();
      assert.deepEqual([files.includes("one"), files.includes("two")], [true, false]);
    },
  );
}

testWith(
  ["tmux"],
  "codex run makes an answer harmless on a terminal, and leaves it alone in a pipe",
  async () => {
    const text = "red \x1b[31m and \u202e back";
    await using desk = await openDesk({ turns: [reply(text), reply(text)] });
    await using screen = await terminal(desk, ["run", "x"]);
    assert.equal(await screen.status(), 0);
    assert.equal(await screen.screen(), "red \\x1b[31m and \\u202e back\n[status 0]");
    assert.equal((await desk.run(["run", "x"])).stdout, `${text}\n`);
  },
);

testWith(
  ["tmux"],
  "codex colours errors on a terminal, unless NO_COLOR or --color say otherwise",
  async () => {
    await using desk = await openDesk();
    const written = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
      await using screen = await terminal(desk, args, { env, after: "2>&1 | cat -v >&2" });
      await screen.status();
      return await screen.screen();
    };
    // Through a pipe nothing is coloured, but when it is asked for.
    assert.ok(!(await written(["run", "-m", "none", "x"], {})).includes("^["));
    assert.ok(
      (await written(["run", "-m", "none", "--color", "always", "x"], {})).includes("^[[1mcodex:"),
    );
    assert.ok(
      !(await written(["run", "-m", "none", "--color=never", "x"], { NO_COLOR: "" })).includes(
        "^[",
      ),
    );
  },
);
