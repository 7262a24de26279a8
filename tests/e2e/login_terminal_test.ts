import assert from "node:assert/strict";
import type { Scenario } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { testWith } from "../support/need.ts";
import { cliEnv } from "../support/run_cli.ts";
import { Tmux } from "../support/tmux.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** A terminal that came over SSH, whose state is shown before and after the command. */
async function openTerminal(
  scenario: Scenario,
  script: string,
  more: Record<string, string> = {},
): Promise<{ desk: Desk; terminal: Tmux } & AsyncDisposable> {
  const desk = await openDesk(scenario);
  const env = {
    ...await cliEnv(desk.home.path),
    ...desk.env,
    SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 22",
    CODEX: `${Deno.execPath()} run -q -A ${CLI}`,
    ...more,
  };
  const terminal = await Tmux.start(["sh", "-c", script], { env, cwd: desk.home.path });
  return {
    desk,
    terminal,
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
    },
  };
}

/** Runs `codex login` and keeps what the terminal is set to before and after it. */
const LOGIN = "stty -a >before; $CODEX login; status=$?; stty -a >after; " +
  'echo; echo "back in the shell"; exit $status';

/** A device sign-in that is granted soon. */
const SOON: Scenario = { device: { approveAfter: 1 } };

/** Leaves a login that waits for a device for ever. */
const FOR_EVER: Scenario = { device: { approveAfter: "page" } };

testWith(
  ["tmux"],
  "codex login on a terminal asks between three ways, over SSH the headless one first",
  async () => {
    await using session = await openTerminal(SOON, LOGIN);
    const { desk, terminal } = session;
    const screen = await terminal.waitFor("Enter");
    assert.match(screen, /How do you want to sign in\?/);
    const choices = screen.split("\n").flatMap((line) => /[●○] (.*)/.exec(line)?.[1] ?? []);
    assert.deepEqual(choices, [
      "ChatGPT, headless (a code to type on any other device)",
      "ChatGPT, in the browser",
      "API key",
    ]);
    assert.match(screen, /● ChatGPT, headless/);
    assert.deepEqual(desk.simulator.requests, []);
    await terminal.press("Enter");
    await terminal.waitFor("Signed in as ada@example.com, plan plus.");
    assert.equal(await terminal.status(), 0);
    assert.equal(await desk.home.read("after"), await desk.home.read("before"));
  },
);

for (const key of ["C-c", "C-d", "Escape"]) {
  testWith(["tmux"], `codex login left with ${key} at its question changes nothing`, async () => {
    await using session = await openTerminal({}, LOGIN);
    const { desk, terminal } = session;
    const file = await desk.home.read(AUTH_FILE);
    await terminal.waitFor("Enter: confirm");
    await terminal.press(key);
    assert.equal(await terminal.status(), 130);
    assert.match(await terminal.screen(), /codex: Cancelled, and nothing was changed\n/);
    assert.equal(await desk.home.read(AUTH_FILE), file);
    assert.equal(await desk.home.read("after"), await desk.home.read("before"));
    assert.deepEqual(desk.simulator.requests, []);
  });
}

for (
  const [how, options, answers] of [
    ["in its browser", "--browser --no-browser", []],
    ["for a device", "--headless", []],
    ["for the device that was chosen", "", ["Enter"]],
  ] as const
) {
  testWith(
    ["tmux"],
    `codex login left with C-d while it waits ${how} changes nothing`,
    async () => {
      await using session = await openTerminal(
        FOR_EVER,
        LOGIN.replace("login", `login ${options}`),
      );
      const { desk, terminal } = session;
      const file = await desk.home.read(AUTH_FILE);
      for (const key of answers) {
        await terminal.waitFor("Enter: confirm");
        await terminal.press(key);
      }
      await terminal.waitFor("Waiting ");
      await terminal.press("C-d");
      assert.equal(await terminal.status(), 130);
      const screen = await terminal.screen();
      assert.match(screen, /codex: Cancelled, and nothing was changed\nhint: Start again with: /);
      assert.equal(await desk.home.read(AUTH_FILE), file);
      assert.equal(await desk.home.read("after"), await desk.home.read("before"));
    },
  );
}

testWith(
  ["tmux"],
  "codex login ended by SIGTERM or by its time limit at its question leaves a sane terminal",
  async () => {
    const killed = "stty -a >before; " +
      "sh -c 'echo $$ >pid; exec $CODEX login'; status=$?; stty -a >after; exit $status";
    await using session = await openTerminal({}, killed);
    const { desk, terminal } = session;
    const file = await desk.home.read(AUTH_FILE);
    await terminal.waitFor("Enter: confirm");
    Deno.kill(Number(await desk.home.read("pid")), "SIGTERM");
    assert.equal(await terminal.status(), 143);
    assert.equal(await desk.home.read("after"), await desk.home.read("before"));
    assert.equal(await desk.home.read(AUTH_FILE), file);

    const limited = LOGIN.replace("login", "login --timeout 1s");
    await using late = await openTerminal({}, limited);
    assert.equal(await late.terminal.status(), 124);
    const { home } = late.desk;
    assert.equal(await home.read("after"), await home.read("before"));
  },
);

testWith(
  ["tmux"],
  "codex login --headless shows the page, the code and the time that is left",
  async () => {
    await using session = await openTerminal(FOR_EVER, "$CODEX login --headless");
    const { desk, terminal } = session;
    const file = await desk.home.read(AUTH_FILE);
    const screen = await terminal.waitFor("Waiting for you");
    assert.match(screen, /^ {2}http:\/\/127\.0\.0\.1:\d+\/codex\/device$/m);
    assert.match(screen, /^ {2}SIMU-\d+$/m);
    assert.match(screen, /Waiting for you, 1[45] min(?: \d+ s)? left \(Ctrl-C to stop\)/);
    const left = /Waiting for you, (.*) left/.exec(screen)?.[1] ?? "";
    await terminal.waitFor(new RegExp(`Waiting for you, (?!${left} left)`));
    await terminal.press("C-c");
    assert.equal(await terminal.status(), 130);
    const end = await terminal.screen();
    assert.match(end, /codex: Interrupted\n/);
    assert.doesNotMatch(end, /Waiting for you/, "the line is taken away");
    assert.equal(await desk.home.read(AUTH_FILE), file);
  },
);

testWith(
  ["tmux"],
  "codex login --headless ends when the code was typed on another device",
  async () => {
    await using session = await openTerminal(FOR_EVER, "$CODEX login --headless");
    const { desk, terminal } = session;
    const screen = await terminal.waitFor("Waiting for you");
    const url = /^ {2}(http\S+)$/m.exec(screen)?.[1] ?? "";
    const page = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({
        user_code: /SIMU-\d+/.exec(screen)?.[0] ?? "",
        decision: "approve",
      }),
    });
    assert.match(await page.text(), /Approved/);
    await terminal.waitFor("Signed in as ada@example.com, plan plus.");
    assert.equal(await terminal.status(), 0);
    assert.doesNotMatch(await terminal.screen(), /Waiting for you/);
    assert.equal(desk.simulator.requestsTo("revoke").length, 0);
  },
);

testWith(["tmux"], "codex login asks for an API key without showing it", async () => {
  await using session = await openTerminal({}, LOGIN);
  const { desk, terminal } = session;
  await terminal.waitFor("Enter: confirm");
  await terminal.press("Up", "Enter");
  await terminal.waitFor("The API key");
  await terminal.type("sk-typed-by-hand");
  await terminal.press("Enter");
  await terminal.waitFor("Signed in with an API key.");
  assert.equal(await terminal.status(), 0);
  assert.doesNotMatch(await terminal.screen(), /typed-by-hand/);
  assert.deepEqual(JSON.parse(await desk.home.read(AUTH_FILE))["openai"], {
    type: "api",
    key: "sk-typed-by-hand",
    baseUrl: desk.env["CODEX_API_BASE_URL"],
  });
  assert.equal(await desk.home.read("after"), await desk.home.read("before"));
});

for (const key of ["Enter", "C-c", "C-d"]) {
  testWith(
    ["tmux"],
    `codex login that gets ${key} in place of an API key changes nothing`,
    async () => {
      await using session = await openTerminal({}, LOGIN.replace("login", "login --with-api-key"));
      const { desk, terminal } = session;
      const file = await desk.home.read(AUTH_FILE);
      await terminal.waitFor("The API key");
      await terminal.press(key);
      assert.equal(await terminal.status(), key === "Enter" ? 2 : 130);
      assert.equal(await desk.home.read(AUTH_FILE), file);
      assert.equal(await desk.home.read("after"), await desk.home.read("before"));
    },
  );
}

testWith(
  ["tmux"],
  "codex login goes headless where a question cannot be seen or answered",
  async (t) => {
    for (
      const [name, script, more] of [
        ["stderr is no terminal", "$CODEX login 2>told; cat told", {}],
        ["stdin is no terminal", "$CODEX login </dev/null", {}],
        ["the terminal is dumb", "$CODEX login", { TERM: "dumb" }],
      ] as const
    ) {
      await t.step(name, async () => {
        await using session = await openTerminal(SOON, script, more);
        await session.terminal.waitFor("Signed in as ada@example.com");
        const screen = await session.terminal.screen();
        assert.match(screen, /\/codex\/device/);
        assert.doesNotMatch(screen, /How do you want/);
      });
    }
  },
);
