/**
 * Places that keep no new sign-in, and files that change under a refresh. In each the real command
 * asks the issuer for nothing that could be lost, uses what is good, and says one sentence with
 * what to do, which docs/credentials.md explains.
 */
import assert from "node:assert/strict";
import { isObject } from "../../src/base/json.ts";
import { fault, type Scenario } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { assertDocumented } from "../support/documented.ts";
import { fullDisk, inMounts, readOnly, testMount, withoutLocks } from "../support/mounts.ts";
import { testWith } from "../support/need.ts";
import { hasOpen } from "../support/open_files.ts";
import type { CliOptions, CliResult, RunningCli } from "../support/run_cli.ts";
import { until } from "../support/until.ts";

const FOLDER = ".local/share/codex";
const ELSEWHERE = "or name another file with --auth-file or CODEX_AUTH_FILE";

/** How long the access token lives: what is to be renewed at once, what is due, what is good. */
const LIFETIMES = { expired: -60, due: 200, good: 864_000 } as const;

/** What the command says and does where a sign-in cannot be renewed. */
interface Refusal {
  /** Why, with `FILE` for the credential file and `FOLDER` for its folder. */
  readonly why: string;
  readonly hint: string;
}

/** Asserts what happens with a token of each age in a place that keeps no new sign-in. */
async function assertKeepsNothing(
  { why, hint }: Refusal,
  place: (desk: Desk, file: string) => CliOptions | Promise<CliOptions>,
): Promise<void> {
  await assertDocumented(why);
  for (const [age, lifetime] of Object.entries(LIFETIMES)) {
    await using desk = await openDesk({}, lifetime);
    const file = desk.home.join(AUTH_FILE);
    const options = await place(desk, file);
    const { code, stdout, stderr } = await desk.run(["run", "x"], options);
    const said = why.replaceAll("FILE", file).replaceAll("FOLDER", desk.home.join(FOLDER));
    assert.equal(desk.simulator.requestsTo("refresh").length, 0, "nothing is spent");
    if (age === "expired") {
      const message = `The access token has expired and cannot be renewed: ${said}`;
      assert.equal(stderr, `codex: ${message}\nhint: ${hint}\n`);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    } else {
      assert.equal(
        stderr,
        age === "due" ? `warning: The sign-in could not be renewed yet: ${said}\n` : "",
      );
      assert.equal(code, 0);
      assert.match(stdout, /^Hello/);
    }
  }
}

testMount("codex run on a full disk spends nothing, and uses a token that is good", async () => {
  await assertKeepsNothing({
    why: 'Cannot write to "FILE": no space is left on its disk',
    hint: `Free some space there, ${ELSEWHERE}`,
  }, (desk) => ({ wrapper: inMounts(fullDisk(desk.home.join(FOLDER))) }));
});

testMount(
  "codex run on a read-only mount spends nothing, and uses a token that is good",
  async () => {
    await assertKeepsNothing({
      why: 'Cannot open the lock file "FILE.lock": its file system is read-only',
      hint: `Make it writable, ${ELSEWHERE}`,
    }, (desk) => ({ wrapper: inMounts(readOnly(desk.home.join(FOLDER))) }));
  },
);

testMount("codex run with a file on a read-only mount of its own spends nothing", async () => {
  await assertKeepsNothing({
    why: 'Cannot open the lock file "FILE": its file system is read-only',
    hint: `Make it writable, ${ELSEWHERE}`,
  }, async (desk, file) => {
    const source = await desk.home.write("source.json", await desk.home.read(AUTH_FILE), 0o600);
    const remount = `mount --bind '${source}' '${file}'; mount -o remount,bind,ro '${file}'`;
    return { wrapper: inMounts(remount) };
  });
});

testWith(
  ["bwrap"],
  "codex run on a file system without locks spends nothing, and uses a token that is good",
  async () => {
    await assertKeepsNothing({
      why: 'Cannot lock "FILE.lock": its file system has no locks ' +
        "(No locks available (os error 37))",
      hint: "Keep the sign-in on a local disk: --auth-file or CODEX_AUTH_FILE names the file",
    }, async (desk) => ({ wrapper: await withoutLocks(desk.home) }));
  },
);

Deno.test("codex run with something else in the place of the lock file spends nothing", async () => {
  await assertKeepsNothing({
    why: 'Cannot use "FILE.lock": the lock file is not a regular file',
    hint: "Remove it, then try again",
  }, async (desk) => {
    await Deno.mkdir(desk.home.join(`${AUTH_FILE}.lock`));
    return {};
  });
});

Deno.test("codex run with a hard link to the file spends nothing, and uses a token that is good", async () => {
  await assertKeepsNothing({
    why: 'Cannot use "FILE": it has a second name (a hard link), and replacing it would part ' +
      "the two",
    hint: "Remove the other name, or use a symbolic link",
  }, async (desk, file) => {
    await Deno.link(file, desk.home.join("second.json"));
    return {};
  });
});

const MOUNTED = (file: string) =>
  `warning: "${file}" is mounted by itself and cannot be replaced: better mount its folder\n`;

testMount(
  "codex run renews a file that is mounted by itself, and says what is better",
  async () => {
    await using desk = await openDesk({}, LIFETIMES.expired);
    const source = await desk.home.write("source.json", await desk.home.read(AUTH_FILE), 0o600);
    const file = desk.home.join(AUTH_FILE);
    const wrapper = inMounts(`mount --bind '${source}' '${file}'`);
    const { code, stderr } = await desk.run(["run", "x"], { wrapper });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: MOUNTED(file) });
    const again = await desk.run(["run", "x"], { wrapper });
    assert.deepEqual([again.code, again.stderr], [0, ""]);
    assert.equal(desk.simulator.requestsTo("refresh").length, 1);
  },
);

testMount(
  "codex run in two containers that mount the same file makes one refresh request",
  async () => {
    const slow = fault("refresh", { delayMs: 1000, effect: true, times: "always" });
    await using desk = await openDesk({ faults: [slow] }, LIFETIMES.expired);
    const source = await desk.home.write("source.json", await desk.home.read(AUTH_FILE), 0o600);
    const results = await Promise.all(["one", "two", "three"].map(async (name) => {
      // Each sees the file at a path of its own, as containers do, and no lock file of the others.
      const file = await desk.home.write(`${name}/auth.json`, "");
      return await desk.run(["run", "x", "--auth-file", file], {
        wrapper: inMounts(`mount --bind '${source}' '${file}'`),
      });
    }));
    for (const { code, stderr } of results) {
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^(warning: ".*" is mounted by itself .*\n)?$/);
    }
    assert.equal(desk.simulator.requestsTo("refresh").length, 1);
  },
);

Deno.test("codex without the folder of the file has nobody signed in, and makes it at a sign-in", async () => {
  await using desk = await openDesk();
  const file = desk.home.join("not/there/auth.json");
  const env = { CODEX_AUTH_FILE: file };
  const { code, stderr } = await desk.run(["run", "x"], { env });
  assert.deepEqual(
    { code, stderr },
    { code: 3, stderr: "codex: Nobody is signed in\nhint: Sign in with: codex login\n" },
  );
  assert.deepEqual(await desk.home.list(), [".local"], "a run makes no folder");
  assert.equal((await desk.run(["login", "--headless"], { env })).code, 0);
  assert.equal((await desk.run(["run", "x"], { env })).code, 0);
});

const UNUSABLE: readonly (readonly [what: string, text: string, said: RegExp])[] = [
  [
    "a damaged file",
    '{"openai": {"type": "oauth", "ref',
    /^codex: Cannot use ".*auth\.json": it is damaged .*: it is no JSON object\nhint: Move it away, then sign in again with: codex login\n$/,
  ],
  [
    "an entry of another kind",
    '{"openai": {"type": "wellknown", "key": "K", "token": "T"}}',
    /^codex: Cannot use ".*auth\.json": its entry "openai" is no sign-in of a kind known here\nhint: Move it away, /,
  ],
];

for (const [what, text, said] of UNUSABLE) {
  Deno.test(`codex reports ${what} with its path, and never writes it`, async () => {
    await using desk = await openDesk();
    await desk.home.write(AUTH_FILE, text, 0o600);
    for (const args of [["run", "x"], ["status"], ["refresh", "--force"], ["logout"]]) {
      const { code, stderr } = await desk.run(args);
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, said, args.join(" "));
    }
    assert.equal(await desk.home.read(AUTH_FILE), text);
    assert.deepEqual(desk.simulator.requests, []);
  });
}

Deno.test("codex run tells that others may read the file, tightens it, and says so once", async () => {
  await using desk = await openDesk({}, LIFETIMES.expired);
  const file = desk.home.join(AUTH_FILE);
  await Deno.chmod(file, 0o644);
  const { code, stderr } = await desk.run(["run", "x"]);
  const said = `warning: "${file}" is open to other users (mode 644): tightened to 600\n`;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: said });
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assert.equal((await desk.run(["run", "x"])).stderr, "");
});

// A clock that is an hour off: the simulator's time is moved, since the process has the machine's.

function hourOff(hours: number, lifetimeSeconds: number): Scenario {
  const now = new Date(Date.now() + hours * 3_600_000).toISOString();
  return { now, tokens: { lifetimeSeconds } };
}

Deno.test("codex run with a clock an hour behind renews a token that the service calls expired", async () => {
  await using desk = await openDesk(hourOff(1, 1800), -60);
  const { code, stderr } = await desk.run(["run", "x"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);
  assert.ok(desk.simulator.requests.some(({ status }) => status === 401));
});

Deno.test("codex run with a clock an hour ahead renews once a run, and names the clock", async () => {
  await using desk = await openDesk(hourOff(-1, 1800), 1800);
  for (const requests of [1, 2]) {
    const { code, stderr } = await desk.run(["run", "x"]);
    assert.deepEqual({ code, stderr }, {
      code: 0,
      stderr: "warning: By this machine's clock the new access token has expired already, so it " +
        "is renewed at every use. Compare the clock with the server's: codex doctor\n",
    });
    assert.equal(desk.simulator.requestsTo("refresh").length, requests);
  }
});

Deno.test("codex run with a clock an hour off does not mind where tokens live for days", async () => {
  for (const hours of [1, -1]) {
    await using desk = await openDesk(hourOff(hours, 864_000), 864_000);
    const { code, stderr } = await desk.run(["run", "x"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.equal(desk.simulator.requestsTo("refresh").length, 0);
  }
});

// What others do while the issuer is asked.

const HELD_MS = 20_000;
const WORKSPACES = [{ id: "acct-1", plan: "plus" }, { id: "acct-2", plan: "team" }] as const;

/** Lets something happen between a refresh's request and its answer. */
async function meanwhile(
  act: (
    desk: Desk,
    signIn: (accountId: string, lifetime?: number) => object,
    pid: number,
  ) => Promise<void>,
  { args = ["run", "x"], ...options }: CliOptions & { readonly args?: readonly string[] } = {},
): Promise<{ desk: Desk; result: CliResult; account: string | undefined }> {
  const desk = await openDesk({
    account: { workspaces: WORKSPACES },
    faults: [fault("refresh", { delayMs: HELD_MS, effect: true })],
  }, LIFETIMES.expired);
  const { CODEX_ISSUER_URL: issuer = "", CODEX_BASE_URL: baseUrl = "" } = desk.env;
  await using run = await desk.start(args, options);
  await until(() => desk.simulator.requestsTo("refresh").length === 1, "the issuer is asked");
  await act(
    desk,
    (accountId, lifetimeSeconds = LIFETIMES.good) =>
      desk.simulator.signIn({ issuer, baseUrl, accountId, lifetimeSeconds }),
    run.pid,
  );
  await desk.simulator.clock.advance(HELD_MS);
  const result = await run.ended;
  const account = desk.simulator.requestsTo("responses")[0]?.headers["chatgpt-account-id"];
  return { desk, result, account };
}

/** Replaces the file as a whole, as editors and other tools do. */
async function replace(desk: Desk, content: object): Promise<void> {
  const made = await desk.home.write(`${FOLDER}/new`, JSON.stringify(content), 0o600);
  await Deno.rename(made, desk.home.join(AUTH_FILE));
}

Deno.test("codex run: a file that is replaced during a refresh keeps what the other put there", async () => {
  const theirs = { type: "api", key: "theirs" };
  const { desk, result, account } = await meanwhile(async (desk) => {
    const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
    await replace(desk, { anthropic: theirs, openai });
  });
  await using _ = desk;
  assert.deepEqual([result.code, result.stderr, account], [0, "", "acct-1"]);
  const file = JSON.parse(await desk.home.read(AUTH_FILE));
  assert.deepEqual(file.anthropic, theirs);
  assert.equal((await desk.run(["run", "x"])).code, 0);
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);
});

Deno.test("codex run: an account that is switched to during a refresh is used, and stays", async () => {
  const { desk, result, account } = await meanwhile((desk, signIn) =>
    replace(desk, { openai: signIn("acct-2") })
  );
  await using _ = desk;
  assert.deepEqual([result.code, account], [0, "acct-2"]);
  assert.equal(
    result.stderr,
    `warning: Another program has changed the sign-in in "${desk.home.join(AUTH_FILE)}" ` +
      "meanwhile, and it was left so. See who is signed in with: codex status\n",
  );
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  assert.equal(openai.accountId, "acct-2");
});

Deno.test("codex run: an account switched to that cannot be used at once ends the run with 3", async () => {
  const { desk, result } = await meanwhile((desk, signIn) =>
    replace(desk, { openai: signIn("acct-2", -60) })
  );
  await using _ = desk;
  assert.deepEqual([result.code, result.stderr], [
    3,
    "codex: Another sign-in was stored meanwhile\nhint: Run the command again to use that one\n",
  ]);
  assert.equal((await desk.run(["run", "x"])).code, 0);
});

Deno.test("codex run: an API key that takes the place during a refresh is not billed by that run", async () => {
  const { desk, result } = await meanwhile((desk) =>
    replace(desk, { openai: { type: "api", key: "sk-simulator" } })
  );
  await using _ = desk;
  assert.equal(result.code, 3);
  assert.match(result.stderr, /^codex: Another sign-in was stored meanwhile\nhint: /);
  assert.equal(desk.simulator.requestsTo("api-responses").length, 0);
});

const REMOVALS: readonly (readonly [what: string, act: (desk: Desk) => Promise<void>])[] = [
  ["entry", (desk) => replace(desk, {})],
  ["file", (desk) => Deno.remove(desk.home.join(AUTH_FILE))],
  ["folder", (desk) => Deno.remove(desk.home.join(FOLDER), { recursive: true })],
];

for (const [what, act] of REMOVALS) {
  Deno.test(`codex run: a sign-in whose ${what} is removed during a refresh stays removed`, async () => {
    const { desk, result } = await meanwhile(act);
    await using _ = desk;
    assert.deepEqual([result.code, result.stderr], [
      3,
      "codex: Nobody is signed in\nhint: Sign in with: codex login\n",
    ]);
    const text = await desk.home.read(AUTH_FILE).catch(() => "{}");
    assert.equal(text, "{}");
  });
}

Deno.test({
  name: "codex logout during a refresh waits for it, and then ends the new sign-in",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    let logout: RunningCli | undefined;
    const { desk, result } = await meanwhile(async (desk) => {
      const { pid } = logout = await desk.start(["logout", "--revoke"]);
      await until(() => hasOpen(pid, "auth.json.lock"), "the logout waits for the lock");
    }, { args: ["refresh"] });
    await using _ = desk;
    assert.equal(result.code, 0, result.stderr);
    assert.equal((await logout?.ended)?.code, 0);
    assert.equal(await desk.home.read(AUTH_FILE), "{}");
    const [refresh] = desk.simulator.requestsTo("refresh");
    const [revoke] = desk.simulator.requestsTo("revoke");
    assert.notEqual(tokenIn(revoke?.json, "token"), "");
    assert.notEqual(tokenIn(revoke?.json, "token"), tokenIn(refresh?.json, "refresh_token"));
    assert.equal((await desk.run(["run", "x"])).code, 3);
  },
});

function tokenIn(body: unknown, member: string): string {
  return isObject(body) ? String(body[member] ?? "") : "";
}

Deno.test("codex run goes on with a new sign-in that it cannot save, and says the one thing to do", async () => {
  const { desk, result, account } = await meanwhile(async (desk) => {
    await desk.home.write(AUTH_FILE, '{"openai": {');
  });
  await using _ = desk;
  assert.deepEqual([result.code, account], [0, "acct-1"]);
  assert.equal(
    result.stderr,
    `warning: Cannot save the sign-in: Cannot use "${desk.home.join(AUTH_FILE)}": it is damaged ` +
      "or something else: it is no JSON object. Move it away, then sign in again with: codex " +
      "login\n",
  );
});

testMount("codex run goes on when its disk turns read-only during a refresh", async () => {
  const { desk, result, account } = await meanwhile(async (desk, _signIn, pid) => {
    const script = readOnly(desk.home.join(FOLDER));
    const { success } = await new Deno.Command("nsenter", {
      args: ["--mount", "--target", String(pid), "sh", "-ec", script],
    }).output();
    assert.ok(success, "it could not be mounted");
  }, { wrapper: inMounts(":") });
  await using _ = desk;
  assert.deepEqual([result.code, account], [0, "acct-1"]);
  assert.equal(
    result.stderr,
    `warning: Cannot save the sign-in in "${desk.home.join(AUTH_FILE)}": its file system is ` +
      `read-only. Make it writable, ${ELSEWHERE}, then sign in again with: codex login\n`,
  );
});

Deno.test("docs/credentials.md explains what is said of places and of what others do", async () => {
  const sentences = [
    '"FILE" is mounted by itself and cannot be replaced: better mount its folder',
    '"FILE" is open to other users (mode 644): tightened to 600',
    'Cannot use "FILE": it is damaged or something else: it is no JSON object',
    'Cannot use "FILE": its entry "openai" is no sign-in of a kind known here',
    "By this machine's clock the new access token has expired already",
    'Another program has changed the sign-in in "FILE" meanwhile',
    "Another sign-in was stored meanwhile",
    "Nobody is signed in",
    "The access token has expired and cannot be renewed:",
    "The sign-in could not be renewed yet:",
  ];
  for (const sentence of sentences) await assertDocumented(sentence);
});
