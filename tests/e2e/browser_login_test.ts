import assert from "node:assert/strict";
import { CALLBACK_PORTS } from "../../src/protocol/endpoints.ts";
import { type Fault, fault } from "../../testing.ts";
import { testOnPorts } from "../support/callback_ports.ts";
import { Chromium } from "../support/chromium.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { cliEnv, type RunningCli } from "../support/run_cli.ts";
import { Tmux } from "../support/tmux.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const [FIRST = 0, SECOND = 0] = CALLBACK_PORTS;

/** The address that a login asks to be opened. */
async function addressOf(login: RunningCli): Promise<string> {
  const text = await login.waitForStderr("(Ctrl-C to stop)");
  return /^ {2}(http\S+)$/m.exec(text)?.[1] ?? "";
}

/** Where the issuer sends the browser back to. */
async function answerTo(address: string): Promise<string> {
  const answer = await fetch(address, { redirect: "manual" });
  await answer.body?.cancel();
  return answer.headers.get("location") ?? "";
}

/** The page that a request to the waiting login gets. */
async function visit(url: string, init: RequestInit = {}): Promise<[status: number, page: string]> {
  const answer = await fetch(url, { redirect: "manual", ...init });
  return [answer.status, await answer.text()];
}

async function entryIn(desk: Desk, key = "openai"): Promise<Record<string, unknown>> {
  return JSON.parse(await desk.home.read(AUTH_FILE))[key];
}

testOnPorts(
  ["chromium"],
  "codex login --browser opens a browser, and its last page comes when the sign-in is saved",
  async () => {
    await using desk = await openDesk({
      account: { plan: "free" },
      browser: { outcome: "page" },
    });
    await using browser = await Chromium.prepare();
    const before = await entryIn(desk);
    await using login = await desk.start(["login", "--browser"], {
      env: { BROWSER: browser.variable },
    });
    const page = await browser.page();
    assert.match(await page.waitForHeading("Sign in"), /May codex_deno use your account/);
    await page.click("Approve");
    const text = await page.waitForHeading("You are signed in");
    assert.notEqual((await entryIn(desk))["access"], before["access"]);
    assert.match(text, /Account\s+ada@example\.com/);
    assert.match(text, /Plan\s+free/);
    assert.match(text, /little or no allowance/);
    // Its style was let through by the policy, and nothing else was asked for.
    const background = "getComputedStyle(document.body).backgroundColor";
    assert.equal(await page.evaluate(background), "rgb(245, 244, 241)");
    const { port } = new URL(desk.env["CODEX_ISSUER_URL"] ?? "");
    assert.deepEqual(page.complaints.filter((text) => !text.includes(`:${port}/`)), []);
    assert.doesNotMatch(String(await page.evaluate("location.href")), /token|eyJ/);

    const { code, stdout, stderr } = await login.ended;
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /with the browser that opens/);
    assert.match(stderr, /Signed in as ada@example\.com, plan free\./);
    assert.match(stderr, /The plan "free" has little or no allowance/);
  },
);

testOnPorts(
  ["chromium"],
  "codex login --browser tells a denial in the browser too, and changes nothing",
  async () => {
    await using desk = await openDesk({
      browser: { outcome: "page", description: "No <b>missing_codex_entitlement</b>" },
    });
    await using browser = await Chromium.prepare();
    const before = await desk.home.read(AUTH_FILE);
    await using login = await desk.start(["login", "--browser"], {
      env: { BROWSER: browser.variable },
    });
    const page = await browser.page();
    await page.waitForHeading("Sign in");
    await page.click("Deny");
    const text = await page.waitForHeading("No access to Codex");
    assert.match(text, /This account has no Codex in this workspace\./);
    assert.match(text, /Ask the workspace's administrator/);
    const { code, stderr } = await login.ended;
    assert.equal(code, 6);
    assert.match(stderr, /codex: This account has no Codex in this workspace\nhint: Ask the /);
    assert.equal(await desk.home.read(AUTH_FILE), before);
  },
);

testOnPorts([], "codex login --browser tells a machine the address, then the account", async () => {
  await using desk = await openDesk();
  await using login = await desk.start(["login", "--browser", "--no-browser", "--json"]);
  const { type, url, port, expiresAt } = JSON.parse(await login.waitForStdout("\n"));
  assert.equal(type, "authorize-url");
  assert.equal(port, FIRST);
  assert.ok(Date.parse(expiresAt) > Date.now() + 200_000);
  await visit(await answerTo(url));
  const { code, stdout, stderr } = await login.ended;
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const [, account, ...rest] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(account.type, "account");
  assert.equal(account.profile, "default");
  assert.equal(account.email, "ada@example.com");
  assert.deepEqual(rest, []);
  assert.doesNotMatch(stdout, /eyJ|"refresh"/);
});

testOnPorts(
  [],
  "codex login --browser goes on waiting whatever else comes to its port",
  async () => {
    await using desk = await openDesk();
    const before = await desk.home.read(AUTH_FILE);
    await using login = await desk.start(["login", "--no-browser"]);
    const back = await answerTo(await addressOf(login));
    const origin = `http://127.0.0.1:${FIRST}`;
    for (const path of ["/success", "/cancel", "/", "/favicon.ico", "/auth/callback/"]) {
      assert.equal((await visit(origin + path))[0], 404, path);
    }
    const [status, page] = await visit(back.replace(/state=[^&]*/, "state=guessed"));
    assert.equal(status, 400);
    assert.match(page, /This belongs to another sign-in/);
    assert.equal((await visit(`${origin}/auth/callback?error=access_denied`))[0], 400);
    assert.equal((await visit(back, { method: "POST" }))[0], 405);
    assert.equal(await desk.home.read(AUTH_FILE), before);

    assert.equal((await visit(back))[0], 200);
    assert.equal((await login.ended).code, 0);
    assert.notEqual(await desk.home.read(AUTH_FILE), before);
    assert.equal(desk.simulator.requestsTo("revoke").length, 0);
  },
);

/** How a sign-in fails after the browser was asked, and what is then told. */
const FAILURES: readonly {
  readonly name: string;
  readonly browser?: "deny" | "no-code";
  readonly token?: Omit<Fault, "route">;
  readonly code: number;
  readonly told: RegExp;
}[] = [
  { name: "a denial", browser: "deny", code: 3, told: /refused: access_denied/ },
  { name: "an answer without a code", browser: "no-code", code: 3, told: /without a sign-in code/ },
  {
    name: "a code that is refused",
    token: { status: 400, body: { error: "invalid_grant", error_description: "Too <old>" } },
    code: 3,
    told: /refused: Too <old> \(status 400\)/,
  },
  {
    name: "a country that is not served",
    token: { status: 403, body: { error: { code: "unsupported_country_region_territory" } } },
    code: 3,
    told: /country or region/,
  },
  {
    name: "a workspace without Codex",
    token: { status: 403, body: { error: { code: "missing_codex_entitlement" } } },
    code: 6,
    told: /no Codex in this workspace/,
  },
  { name: "a server in trouble", token: { status: 502 }, code: 5, told: /at the moment/ },
  { name: "too many requests", token: { status: 429 }, code: 4, told: /at the moment/ },
  { name: "no tokens", token: { status: 200, body: {} }, code: 3, told: /other than tokens/ },
  { name: "no JSON", token: { status: 200, body: "<p>" }, code: 3, told: /other than tokens/ },
  { name: "a cut connection", token: { connection: "reset" }, code: 5, told: /127\.0\.0\.1/ },
];

for (const { name, browser, token, code, told } of FAILURES) {
  testOnPorts([], `codex login --browser that ends with ${name} changes nothing`, async () => {
    await using desk = await openDesk({
      ...(browser === undefined ? {} : { browser: { outcome: browser } }),
      ...(token === undefined ? {} : { faults: [fault("token", token)] }),
    });
    const before = await desk.home.read(AUTH_FILE);
    await using login = await desk.start(["login", "--no-browser"]);
    const [status, page] = await visit(await answerTo(await addressOf(login)));
    assert.ok(status >= 400, String(status));
    assert.match(page, /<h1>(?:Sign-in not completed|No access to Codex)<\/h1>/);
    assert.doesNotMatch(page, /<old>/, "escaped");
    const result = await login.ended;
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, told);
    assert.match(result.stderr, /\nhint: /);
    assert.equal(await desk.home.read(AUTH_FILE), before);
    assert.equal(desk.simulator.requestsTo("revoke").length, 0);
  });
}

testOnPorts(
  [],
  "codex login --browser that is stopped, or left alone for too long, changes nothing",
  async (t) => {
    await using desk = await openDesk({ browser: { outcome: "never" } });
    const before = await desk.home.read(AUTH_FILE);
    for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      await t.step(signal, async () => {
        await using login = await desk.start(["login", "--no-browser"]);
        await addressOf(login);
        login.kill(signal);
        const { code, stderr } = await login.ended;
        assert.equal(code, status);
        assert.doesNotMatch(stderr, /\bat \S+:\d+/, "a stack trace");
        assert.equal(await desk.home.read(AUTH_FILE), before);
      });
    }
    await t.step("--timeout", async () => {
      const { code, stderr } = await desk.run(["login", "--no-browser", "--timeout", "300ms"]);
      assert.equal(code, 124);
      assert.match(stderr, /codex: Nobody signed in within \d+ m?s\nhint: /);
      assert.equal(await desk.home.read(AUTH_FILE), before);
    });
    await t.step("as JSON it is one error", async () => {
      const { code, stdout, stderr } = await desk.run(
        ["login", "--no-browser", "--timeout", "300ms", "--json"],
      );
      assert.equal(code, 124);
      assert.equal(stderr, "");
      const [, error, ...rest] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      assert.deepEqual([error.type, error.code], ["error", "timeout"]);
      assert.deepEqual(rest, []);
    });
  },
);

testOnPorts(
  [],
  "codex login --browser that is stopped while the code is exchanged changes nothing",
  async () => {
    await using desk = await openDesk({ faults: [fault("token", { connection: "hang" })] });
    const before = await desk.home.read(AUTH_FILE);
    await using login = await desk.start(["login", "--no-browser"]);
    const back = visit(await answerTo(await addressOf(login))).catch(() => {});
    while (desk.simulator.requestsTo("token").length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    login.kill("SIGINT");
    assert.equal((await login.ended).code, 130);
    await back;
    assert.equal(await desk.home.read(AUTH_FILE), before);
  },
);

testOnPorts(
  [],
  "codex login --browser takes the second port when the first is taken, and says so",
  async () => {
    await using desk = await openDesk();
    using _ = Deno.listen({ hostname: "127.0.0.1", port: FIRST });
    await using login = await desk.start(["login", "--no-browser"]);
    const address = await addressOf(login);
    assert.match(login.stderr, new RegExp(`Port ${FIRST} is taken[^]*using ${SECOND}`));
    assert.equal(
      new URL(address).searchParams.get("redirect_uri"),
      `http://127.0.0.1:${SECOND}/auth/callback`,
    );
    assert.equal((await visit(await answerTo(address)))[0], 200);
    assert.equal((await login.ended).code, 0);
  },
);

testOnPorts(
  [],
  "codex login --browser fails at once when both ports are taken, and names another way",
  async () => {
    await using desk = await openDesk();
    const before = await desk.home.read(AUTH_FILE);
    using _first = Deno.listen({ hostname: "127.0.0.1", port: FIRST });
    using _second = Deno.listen({ hostname: "127.0.0.1", port: SECOND });
    const { code, stderr } = await desk.run(["login", "--browser"], { env: { BROWSER: "none" } });
    assert.equal(code, 5);
    assert.match(stderr, new RegExp(`^codex: Ports ${FIRST} and ${SECOND} are taken`));
    assert.match(stderr, /\nhint: .*codex login --headless/);
    assert.deepEqual(desk.simulator.requests, []);
    assert.equal(await desk.home.read(AUTH_FILE), before);
  },
);

testOnPorts([], "codex login --browser twice at once: both are completed", async () => {
  await using desk = await openDesk();
  await using one = await desk.start(["login", "--no-browser"]);
  const first = await addressOf(one);
  await using two = await desk.start(["login", "--no-browser", "--profile", "work"]);
  const second = await addressOf(two);
  assert.match(two.stderr, /perhaps by another sign-in that waits/);
  // In the other order than they were begun in.
  assert.equal((await visit(await answerTo(second)))[0], 200);
  assert.equal((await two.ended).code, 0);
  assert.equal((await visit(await answerTo(first)))[0], 200);
  assert.equal((await one.ended).code, 0);
  const [mine, work] = [await entryIn(desk), await entryIn(desk, "openai@work")];
  assert.equal(mine["type"], "oauth");
  assert.equal(work["type"], "oauth");
  assert.notEqual(mine["refresh"], work["refresh"]);
});

testOnPorts([], "codex login --workspace asks for that one, and is told which it is", async () => {
  const workspaces = [
    { id: "acct-1", plan: "plus" },
    { id: "acct-2", plan: "business", title: "Acme" },
  ];
  await using desk = await openDesk({ account: { workspaces } });
  await using login = await desk.start(["login", "--no-browser", "--workspace", "acct-2"]);
  const address = await addressOf(login);
  assert.equal(new URL(address).searchParams.get("allowed_workspace_id"), "acct-2");
  await visit(await answerTo(address));
  const { code, stderr } = await login.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /plan business\.\nYou are a member of several workspaces: .*Acme \(org-/);
  assert.match(stderr, /This sign-in is for the account acct-2\./);
  assert.equal((await entryIn(desk))["accountId"], "acct-2");
});

testOnPorts(
  [],
  "codex login --browser over SSH says how the browser of another machine comes back",
  async () => {
    await using desk = await openDesk();
    await using login = await desk.start(["login", "--browser"], {
      env: { SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 22", BROWSER: "none" },
    });
    await addressOf(login);
    assert.match(login.stderr, /Open this address in a browser/);
    assert.match(login.stderr, /codex login --headless/);
    assert.ok(login.stderr.includes(`  ssh -L ${FIRST}:127.0.0.1:${FIRST} HOST\n`));
  },
);

testOnPorts([], "codex login starts what BROWSER names, and --no-browser does not", async () => {
  await using desk = await openDesk();
  const script = await desk.home.write(
    "browser.sh",
    `#!/bin/sh\nprintf '%s' "$1" >${desk.home.path}/told\n` +
      `mv ${desk.home.path}/told ${desk.home.path}/opened\n`,
    0o755,
  );
  const env = { BROWSER: script };
  {
    await using login = await desk.start(["login", "--no-browser"], { env });
    await addressOf(login);
  }
  assert.ok(!(await desk.home.list()).includes("opened"));
  await using login = await desk.start(["login", "--browser"], { env });
  const address = await addressOf(login);
  const end = Date.now() + 10_000;
  while (!(await desk.home.list()).includes("opened")) {
    assert.ok(Date.now() < end, "no browser was started");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(await desk.home.read("opened"), address);
});

testOnPorts(
  ["tmux"],
  "codex login takes the address that a browser elsewhere ended on, pasted into the terminal",
  async () => {
    await using desk = await openDesk();
    const env = {
      ...await cliEnv(desk.home.path),
      ...desk.env,
      SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 22",
      BROWSER: "none",
    };
    await using terminal = await Tmux.start(
      [Deno.execPath(), "run", "-q", "-A", CLI, "login"],
      { env, cwd: desk.home.path },
    );
    const before = await desk.home.read(AUTH_FILE);
    await terminal.waitFor("How do you want to sign in?");
    await terminal.press("Down", "Enter");
    const screen = await terminal.waitFor("(Ctrl-C to stop)");
    assert.match(screen, /ChatGPT, in the browser\n\nOpen this address in a browser/);
    assert.match(screen, /paste that address here/);
    assert.match(screen, /ssh -L 1455:127\.0\.0\.1:1455 HOST/);
    const back = await answerTo(/^ {2}(http\S+)$/m.exec(screen)?.[1] ?? "");

    await terminal.type("http://127.0.0.1:1455/");
    await terminal.press("Enter");
    await terminal.waitFor("That is not the address");
    await terminal.type(back.replace(/state=[^&]*/, "state=older"));
    await terminal.press("Enter");
    await terminal.waitFor("belongs to another sign-in");
    assert.equal(await desk.home.read(AUTH_FILE), before);
    await terminal.type(back);
    await terminal.press("Enter");
    await terminal.waitFor("Signed in as ada@example.com, plan plus.");
    assert.equal(await terminal.status(), 0);
    assert.notEqual(await desk.home.read(AUTH_FILE), before);
  },
);
