/** `codex doctor`, whole: what it says, where, and what it ends with. */
import assert from "node:assert/strict";
import { startConnectProxy } from "../../src/testing/connect_proxy.ts";
import { fault } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { fullDisk, inMounts, testMount, withoutLocks } from "../support/mounts.ts";
import { testWith } from "../support/need.ts";
import { cliEnv, type CliOptions } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";
import { Tmux } from "../support/tmux.ts";

const ROOT = new URL("../../", import.meta.url);

/** A finding as `--json` prints it. */
interface Finding {
  readonly type: string;
  readonly about: string;
  readonly severity: string;
  readonly text: string;
  readonly hint?: string;
  readonly code?: string;
}

/** Runs the doctor for a machine: its findings, and the last line where it did not end well. */
async function examine(desk: Desk, options: CliOptions = {}, args: readonly string[] = []) {
  const { code, stdout, stderr } = await desk.run(["doctor", "--json", ...args], options);
  assert.equal(stderr, "");
  const lines: Finding[] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const findings = lines.filter(({ type }) => type === "finding");
  const problems = findings.filter(({ severity }) => severity === "problem");
  assert.equal(problems.length > 0, code !== 0, "the status says whether something is in the way");
  return {
    code,
    findings,
    problems,
    about: (name: string) => findings.filter((one) => one.about === name),
  };
}

Deno.test("codex doctor finds nothing in the way, sends no sign-in and changes nothing", async () => {
  await using desk = await openDesk({}, -60);
  const before = await desk.home.read(AUTH_FILE);
  const { code, stdout, stderr } = await desk.run(["doctor"], { env: { PATH: "/usr/bin:/bin" } });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => line.slice(0, 12).trim().split(/ +/)), [
    ["ok", "version"],
    ["ok", "install"],
    ["ok", "profile"],
    ["--", "address"],
    ["--", "address"],
    ["--", "address"],
    ["ok", "proxy"],
    ["ok", "file"],
    ["ok", "mode"],
    ["ok", "lock"],
    ["ok", "sign-in"],
    ["ok", "reach"],
    ["ok", "clock"],
    ["ok", "sandbox"],
  ]);
  assert.match(lines[10] ?? "", /the access token ended .* ago\); the next use renews it$/);
  assert.equal(await desk.home.read(AUTH_FILE), before);
  assert.deepEqual(await desk.home.list(".local/share/codex"), ["auth.json", "auth.json.lock"]);
  const asked = desk.simulator.requests;
  assert.deepEqual(asked.map(({ method, path }) => [method, path]), [["HEAD", "/"]]);
  assert.equal(asked[0]?.headers["authorization"], undefined);
});

Deno.test("codex doctor --json prints a finding a line, and the failure last", async () => {
  await using desk = await openDesk({ faults: [fault("refresh", { status: 401 })] }, -60);
  assert.equal((await examine(desk)).code, 0);
  assert.equal((await desk.run(["refresh"])).code, 3);
  const { code, stdout } = await desk.run(["doctor", "--json"]);
  assert.equal(code, 3);
  const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  assert.equal(last.type, "error");
  assert.equal(last.code, "sign_in_expired");
  assert.equal(last.message, "One thing is in the way: The sign-in is over (unauthorized)");
  assert.match(last.hint, /codex login/);
});

Deno.test("codex doctor ends as a command does that meets the problem", async () => {
  const CASES:
    readonly (readonly [exit: number, code: string, act: (desk: Desk) => PromiseLike<void>])[] = [
      [3, "not_signed_in", (desk) => Deno.remove(desk.home.join(AUTH_FILE))],
      [1, "store_unavailable", (desk) => Deno.mkdir(desk.home.join(`${AUTH_FILE}.lock`))],
      [1, "store_unavailable", async (desk) => void await desk.home.write(AUTH_FILE, "{")],
      [5, "network", (desk) => desk.simulator[Symbol.asyncDispose]()],
    ];
  for (const [exit, expected, act] of CASES) {
    await using desk = await openDesk();
    await act(desk);
    const { code, problems } = await examine(desk);
    assert.equal(code, exit, expected);
    assert.deepEqual(problems.map(({ code }) => code), [expected]);
  }
});

Deno.test("codex doctor counts several problems, and tells the first", async () => {
  await using desk = await openDesk();
  await Deno.remove(desk.home.join(AUTH_FILE));
  await desk.simulator[Symbol.asyncDispose]();
  const { code, stderr } = await desk.run(["doctor"]);
  assert.equal(code, 3);
  assert.equal(
    stderr,
    "codex: 2 things are in the way; the first: Nobody is signed in\n" +
      "hint: Sign in with: codex login\n",
  );
});

Deno.test("codex doctor names the profile in what is to be typed", async () => {
  await using desk = await openDesk();
  const { code, problems } = await examine(desk, {}, ["--profile", "work"]);
  assert.equal(code, 3);
  assert.equal(problems[0]?.hint, "Sign in with: codex --profile work login");
});

testMount("codex doctor finds a full disk before a refresh does", async () => {
  await using desk = await openDesk();
  const wrapper = inMounts(fullDisk(desk.home.join(".local/share/codex")));
  const { code, problems, about } = await examine(desk, { wrapper });
  assert.equal(code, 1);
  assert.match(problems[0]?.text ?? "", /^Cannot write to ".*auth\.json": no space is left/);
  assert.equal(about("sign-in")[0]?.severity, "ok", "the token is good");
});

testMount("codex doctor notes a file that is mounted by itself", async () => {
  await using desk = await openDesk();
  const source = await desk.home.write("source.json", await desk.home.read(AUTH_FILE), 0o600);
  const wrapper = inMounts(`mount --bind '${source}' '${desk.home.join(AUTH_FILE)}'`);
  const { code, about } = await examine(desk, { wrapper });
  assert.equal(code, 0);
  assert.match(about("file")[1]?.text ?? "", /is mounted by itself .*: better mount its folder$/);
  assert.equal(about("lock")[0]?.severity, "ok");
});

testWith(["bwrap"], "codex doctor finds a file system without locks", async () => {
  await using desk = await openDesk({}, -60);
  const { code, problems, about } = await examine(desk, { wrapper: await withoutLocks(desk.home) });
  assert.equal(code, 1);
  assert.match(problems[0]?.text ?? "", /its file system has no locks/);
  assert.match(about("sign-in")[0]?.text ?? "", /cannot be renewed before the problem above/);
});

Deno.test("codex doctor compares the clock with the server's Date header", async () => {
  for (const [hours, said] of [[-1, "ahead of"], [1, "behind"]] as const) {
    const date = new Date(Date.now() + hours * 3_600_000).toUTCString();
    await using desk = await openDesk({
      faults: [fault("unknown", { headers: { date }, times: "always" })],
    });
    const { code, about } = await examine(desk);
    assert.equal(code, 0, "it works all the same");
    const [clock] = about("clock");
    assert.equal(clock?.severity, "note");
    assert.match(clock?.text ?? "", new RegExp(`^(1 h|59 min .*) ${said} the server's`));
    assert.equal(clock?.hint, "Set this machine's clock");
  }
});

Deno.test("codex doctor shows no secret and nobody's name, whatever is set", async () => {
  await using desk = await openDesk({}, -60);
  await using proxy = startConnectProxy({ hosts: [], target: 1 });
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  const env = {
    HTTPS_PROXY: `${proxy.url.replace("//", "//ada:proxy-password@")}/`,
    OPENAI_API_KEY: "sk-0123456789abcdef",
    CODEX_API_KEY: "sk-fedcba9876543210",
    CODEX_CLIENT_VERSION: "1.2.3",
    CODEX_ORIGINATOR: "somebody",
  };
  const secrets = [
    "proxy-password",
    env.OPENAI_API_KEY,
    env.CODEX_API_KEY,
    openai.access,
    openai.refresh,
    openai.accountId,
    "ada@example.com",
  ];
  const cases: CliOptions[] = [
    { env },
    { env: { ...env, CODEX_AUTH_JSON: JSON.stringify(openai) } },
    {
      env: { ...env, CODEX_ISSUER_URL: undefined, CODEX_BASE_URL: undefined, NO_PROXY: undefined },
    },
  ];
  for (const options of cases) {
    for (const args of [["doctor"], ["doctor", "--json"], ["doctor", "-v"]]) {
      const { stdout, stderr } = await desk.run(args, options);
      assert.match(stdout, /HTTPS_PROXY leads through 127\.0\.0\.1:\d+/);
      for (const secret of secrets) assert.ok(!(stdout + stderr).includes(secret), secret);
    }
  }
});

Deno.test("codex doctor says that a proxy refuses, in words", async () => {
  await using home = await TempDir.make();
  await using proxy = startConnectProxy({ hosts: [], target: 1 });
  await using desk = await openDesk();
  const env = {
    HTTPS_PROXY: proxy.url,
    CODEX_ISSUER_URL: undefined,
    CODEX_BASE_URL: undefined,
    NO_PROXY: undefined,
  };
  const { problems } = await examine(desk, { home: home.path, env });
  assert.deepEqual(problems.map(({ text }) => text), [
    "Nobody is signed in",
    "Cannot reach auth.openai.com: the proxy refuses the connection",
    "Cannot reach chatgpt.com: the proxy refuses the connection",
  ]);
});

testWith(["tmux"], "codex doctor fits a terminal of 80 columns", async () => {
  await using desk = await openDesk({}, -60);
  await Deno.mkdir(desk.home.join(`${AUTH_FILE}.lock`));
  const cli = new URL("cli.ts", ROOT).pathname;
  await using tmux = await Tmux.start(
    [Deno.execPath(), "run", "-q", "-A", "--cached-only", cli, "doctor"],
    {
      env: { ...await cliEnv(desk.home.path), ...desk.env, OPENAI_API_KEY: "sk-x" },
      cwd: desk.home.path,
      columns: 80,
    },
  );
  await tmux.waitFor("hint: Remove it");
  await tmux.status();
  const screen = await tmux.screen();
  const told = screen.slice(0, screen.indexOf("\ncodex: ")).split("\n");
  const at = told.findIndex((line) => line.startsWith("!!  lock"));
  // What does not fit goes on beneath its own column, and a path is never broken.
  assert.deepEqual(told.slice(at, at + 4), [
    "!!  lock     Cannot use",
    `             "${desk.home.join(AUTH_FILE)}.lock":`,
    "             the lock file is not a regular file",
    "             hint: Remove it, then try again",
  ]);
  for (const line of told) assert.ok(line.length <= 80 || line.includes('.lock":'), line);
});
