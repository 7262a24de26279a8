import assert from "node:assert/strict";
import { type Fault, fault, type Scenario } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { TempDir } from "../support/temp_dir.ts";

/** Granted at the first poll. */
const AT_ONCE: Scenario = { device: { approveAfter: 1 } };

/** The lines of a command's `--json`. */
function events(stdout: string): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

async function entryIn(desk: Desk): Promise<Record<string, unknown>> {
  return JSON.parse(await desk.home.read(AUTH_FILE))["openai"];
}

Deno.test("codex login without a choice and without a terminal goes headless", async () => {
  await using desk = await openDesk(AT_ONCE);
  const before = await entryIn(desk);
  const { code, stdout, stderr } = await desk.run(["login"]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^ {2}http:\/\/127\.0\.0\.1:\d+\/codex\/device$/m);
  assert.match(stderr, /^ {2}SIMU-\d+$/m);
  assert.match(stderr, /^The code ends \d{4}-\d\d-\d\d \d\d:\d\d \(in 1[45] min/m);
  assert.match(stderr, /\nSigned in as ada@example\.com, plan plus\.\n$/);
  assert.notEqual((await entryIn(desk))["refresh"], before["refresh"]);
  assert.equal(desk.simulator.requestsTo("revoke").length, 0, "the old one is not ended");
});

Deno.test("codex login --quiet shows what must be known, and nothing when it is done", async () => {
  await using desk = await openDesk(AT_ONCE);
  const { code, stderr } = await desk.run(["login", "--quiet"]);
  assert.equal(code, 0);
  assert.match(stderr, /SIMU-\d+/);
  assert.doesNotMatch(stderr, /Signed in/);
});

Deno.test("codex login refuses options that contradict each other, before anything is asked", async () => {
  await using desk = await openDesk(AT_ONCE);
  for (
    const args of [
      ["--browser", "--headless"],
      ["--headless", "--with-api-key"],
      ["--headless", "--no-browser"],
      ["--with-api-key", "--workspace", "acct-1"],
    ]
  ) {
    const { code, stderr } = await desk.run(["login", ...args], { stdin: "sk-key" });
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /^codex: .*\nhint: /);
  }
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex login --headless --json gives a machine the code, then the account", async () => {
  await using desk = await openDesk({ ...AT_ONCE, account: { plan: "free" } });
  const { code, stdout, stderr } = await desk.run(["login", "--headless", "--json"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const [prompt, account, ...rest] = events(stdout);
  assert.deepEqual(Object.keys(prompt ?? {}), ["type", "url", "code", "expiresAt"]);
  assert.equal(prompt?.["type"], "device-code");
  assert.ok(Date.parse(String(prompt?.["expiresAt"])) > Date.now() + 800_000);
  const { type, profile, method, state, plan, email, accountId } = account ?? {};
  assert.deepEqual({ type, profile, method, state, plan, email, accountId }, {
    type: "account",
    profile: "default",
    method: "chatgpt",
    state: "valid",
    plan: "free",
    email: "ada@example.com",
    accountId: "acct-simulator-0001",
  });
  assert.deepEqual(rest, []);
  assert.doesNotMatch(stdout, /eyJ|rt_/);
});

Deno.test("codex login keeps the email out of the file", async () => {
  await using desk = await openDesk(AT_ONCE);
  assert.equal((await desk.run(["login"])).code, 0);
  assert.deepEqual(
    Object.keys(await entryIn(desk)),
    ["type", "refresh", "access", "expires", "accountId", "issuer", "baseUrl"],
  );
});

/** How a headless sign-in fails, and what is then told. */
const FAILURES: readonly {
  readonly name: string;
  readonly scenario: Scenario;
  readonly args?: readonly string[];
  readonly exit: number;
  readonly code: string;
  readonly told: RegExp;
}[] = [
  {
    name: "a server without codes",
    scenario: { device: { disabled: true } },
    exit: 3,
    code: "device_login_disabled",
    told: /not switched on[^]*codex login --browser/,
  },
  {
    name: "a denial",
    scenario: { device: { approveAfter: 1, outcome: "deny" } },
    exit: 3,
    code: "sign_in_rejected",
    told: /denied on the other device/,
  },
  {
    name: "a code that ends",
    scenario: { device: { approveAfter: 1, outcome: "expire" } },
    exit: 3,
    code: "sign_in_expired",
    told: /ended before it was granted/,
  },
  {
    name: "a code that ends untouched",
    scenario: { device: { approveAfter: "page", expiresIn: 1 } },
    exit: 3,
    code: "sign_in_expired",
    told: /ended before it was granted[^]*codex login --browser/,
  },
  {
    name: "a poll that is refused",
    scenario: { faults: [fault("device-poll", { status: 400, body: "{}" })] },
    exit: 3,
    code: "sign_in_rejected",
    told: /The sign-in was refused: .*\(status 400\)/,
  },
  {
    name: "a workspace without Codex",
    scenario: {
      faults: [
        fault("device-poll", {
          status: 403,
          body: { error: { code: "access_denied", message: "Missing_Codex_Entitlement" } },
        }),
      ],
    },
    exit: 6,
    code: "plan_not_included",
    told: /no Codex in this workspace/,
  },
  {
    name: "a code exchange that is refused",
    scenario: {
      ...AT_ONCE,
      faults: [fault("token", { status: 400, body: { error: "invalid_grant" } })],
    },
    exit: 3,
    code: "sign_in_rejected",
    told: /refused: invalid_grant/,
  },
  {
    name: "an answer without a refresh token",
    scenario: { ...AT_ONCE, tokens: { omitFields: ["refresh_token"] } },
    exit: 3,
    code: "sign_in_rejected",
    told: /something other than tokens/,
  },
  {
    name: "an account that was not wanted",
    scenario: AT_ONCE,
    args: ["--workspace", "acct-other"],
    exit: 3,
    code: "sign_in_rejected",
    told: /for the workspace acct-simulator-0001, not acct-other/,
  },
  {
    name: "a server that redirects",
    scenario: {
      faults: [fault("device-code", { status: 307, headers: { location: "https://x.test/" } })],
    },
    exit: 5,
    code: "network",
    told: /redirect to x\.test/,
  },
  {
    name: "a time limit",
    scenario: { device: { approveAfter: "page" } },
    args: ["--timeout", "300ms"],
    exit: 124,
    code: "timeout",
    told: /Nobody signed in within/,
  },
];

for (const { name, scenario, args = [], exit, code, told } of FAILURES) {
  Deno.test(`codex login --headless that ends with ${name} changes nothing`, async () => {
    await using desk = await openDesk(scenario);
    const before = await desk.home.read(AUTH_FILE);
    const result = await desk.run(["login", "--headless", "--json", ...args]);
    assert.equal(result.code, exit, result.stdout);
    assert.equal(result.stderr, "");
    const found = events(result.stdout);
    assert.deepEqual(found.filter(({ type }) => type === "error"), found.slice(-1), "one error");
    assert.equal(found.at(-1)?.["code"], code);
    assert.match(`${found.at(-1)?.["message"]} ${found.at(-1)?.["hint"]}`, told);
    assert.ok(found.length <= 2);
    assert.equal(await desk.home.read(AUTH_FILE), before);
    assert.equal(desk.simulator.requestsTo("revoke").length, 0);
  });
}

/** What a server does between two polls that ends the official client, and must not end us. */
const HICCUPS: readonly (readonly [name: string, details: Omit<Fault, "route">])[] = [
  ["502", { status: 502 }],
  ["a cut connection", { connection: "reset" }],
];

for (const [name, details] of HICCUPS) {
  Deno.test(`codex login --headless waits out ${name} at a poll`, async () => {
    await using desk = await openDesk({ ...AT_ONCE, faults: [fault("device-poll", details)] });
    const { code, stderr } = await desk.run(["login", "--headless"]);
    assert.equal(code, 0, stderr);
  });
}

Deno.test("codex login --headless takes an interval as a number, and 404 for pending", async () => {
  await using desk = await openDesk({
    device: { interval: 1, pendingStatus: "alternate", approveAfter: 3, expiresIn: null },
  });
  const { code, stderr } = await desk.run(["login", "--headless"]);
  assert.equal(code, 0, stderr);
  assert.equal(desk.simulator.requestsTo("device-poll").length, 3);
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`codex login --headless ended by ${signal} changes nothing`, async () => {
    await using desk = await openDesk({ device: { approveAfter: "page" } });
    const before = await desk.home.read(AUTH_FILE);
    await using login = await desk.start(["login", "--headless", "--json"]);
    await login.waitForStdout("\n");
    login.kill(signal);
    const { code, stdout, stderr } = await login.ended;
    assert.equal(code, status);
    assert.equal(stderr, "");
    assert.deepEqual(events(stdout).map(({ type }) => type), ["device-code", "error"]);
    assert.equal(events(stdout)[1]?.["code"], "aborted");
    assert.equal(await desk.home.read(AUTH_FILE), before);
  });
}

Deno.test("codex login asks nobody when the new sign-in could not be saved", async () => {
  await using desk = await openDesk(AT_ONCE);
  await desk.home.write(AUTH_FILE, "no credential file");
  for (const args of [["--headless"], ["--with-api-key"]]) {
    const { code, stderr } = await desk.run(["login", ...args], { stdin: "sk-key" });
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, /auth\.json": it is damaged or something else/);
    assert.equal(await desk.home.read(AUTH_FILE), "no credential file");
  }
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex login --with-api-key stores what comes on stdin, trimmed", async () => {
  await using desk = await openDesk({ apiKeys: ["sk-mine"] });
  const login = await desk.run(["login", "--with-api-key"], { stdin: " sk-mine\r\n" });
  assert.deepEqual([login.code, login.stdout, login.stderr], [
    0,
    "",
    "Signed in with an API key.\n",
  ]);
  const baseUrl = desk.env["CODEX_API_BASE_URL"];
  assert.deepEqual(await entryIn(desk), { type: "api", key: "sk-mine", baseUrl });
  assert.deepEqual(desk.simulator.requests, [], "the key is not tried");

  const status = await desk.run(["status", "--check"]);
  assert.deepEqual(
    [status.code, status.stdout],
    [0, "Signed in  with an API key\nService    accepts it\n"],
  );
  const [request] = desk.simulator.requestsTo("api-models");
  assert.equal(request?.headers["authorization"], "Bearer sk-mine");
  assert.equal(request?.headers["chatgpt-account-id"], undefined);
});

Deno.test("codex login --with-api-key --json tells the account and no key", async () => {
  await using desk = await openDesk();
  const { code, stdout, stderr } = await desk.run(["login", "--with-api-key", "--json"], {
    stdin: "sk-simulator",
  });
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.deepEqual(events(stdout), [
    { type: "account", profile: "default", method: "api-key", state: "valid" },
  ]);
});

for (
  const [name, stdin, told] of [
    ["nothing", "", /is empty/],
    ["blanks", " \n\t\n", /is empty/],
    ["two lines", "sk-one\nsk-two\n", /more than one line/],
    ["two words", "sk-one sk-two", /more than one line or word/],
    ["another alphabet", "sk-ключ", /characters that no key has/],
    ["a control character", "sk-\x1b[1m", /characters that no key has/],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x41]), /not UTF-8/],
    ["far too much", "x".repeat(70_000), /more than 65536 bytes/],
  ] as const
) {
  Deno.test(`codex login --with-api-key refuses ${name}, and repeats none of it`, async () => {
    await using desk = await openDesk();
    const before = await desk.home.read(AUTH_FILE);
    const { code, stdout, stderr } = await desk.run(["login", "--with-api-key"], { stdin });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, told);
    assert.match(stderr, /\nhint: .*codex login --with-api-key\n$/);
    assert.doesNotMatch(stderr, /sk-/);
    assert.equal(await desk.home.read(AUTH_FILE), before);
  });
}

Deno.test("codex login --with-api-key does not wait for a key beyond its time limit", async () => {
  await using desk = await openDesk();
  const before = await desk.home.read(AUTH_FILE);
  await using login = await desk.start(["login", "--with-api-key", "--timeout", "300ms"], {
    stdin: "open",
  });
  const { code, stderr } = await login.ended;
  assert.equal(code, 124);
  assert.match(stderr, /^codex: Nobody signed in within \d+ m?s\nhint: /);
  assert.equal(await desk.home.read(AUTH_FILE), before);
});

Deno.test("API keys in the environment change nothing, whatever is done", async () => {
  await using home = await TempDir.make();
  await using desk = await openDesk({ ...AT_ONCE, apiKeys: ["sk-from-env"] });
  const env = { ...desk.env, OPENAI_API_KEY: "sk-from-env", CODEX_API_KEY: "sk-from-env" };
  // Where nobody is signed in, nobody is.
  for (const args of [["status"], ["status", "--check"], ["models"], ["run", "-m", "x", "hi"]]) {
    const { code, stderr } = await desk.run(args, { home: home.path, env });
    assert.equal(code, 3, args.join(" "));
    assert.equal(stderr, "codex: Nobody is signed in\nhint: Sign in with: codex login\n");
  }
  assert.equal(desk.simulator.requests.length, 0);
  // A key that is meant has to be given.
  const empty = await desk.run(["login", "--with-api-key"], { home: home.path, env });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /is empty/);
  // Where somebody is signed in with a plan, the plan is used.
  assert.equal((await desk.run(["login"], { env })).code, 0);
  assert.equal((await desk.run(["status", "--check"], { env })).code, 0);
  assert.equal((await desk.run(["models"], { env })).code, 0);
  const sent = desk.simulator.requests.filter(({ headers }) =>
    headers["authorization"]?.includes("sk-")
  );
  assert.deepEqual(sent, []);
  assert.doesNotMatch(await desk.home.read(AUTH_FILE), /sk-from-env/);
});

Deno.test("codex with an API key asks the public API alone, and says what it has not", async () => {
  await using desk = await openDesk({ apiKeys: ["sk-mine"] });
  assert.equal((await desk.run(["login", "--with-api-key"], { stdin: "sk-mine" })).code, 0);
  const models = await desk.run(["models"]);
  assert.equal(models.code, 0, models.stderr);
  assert.match(models.stdout, /^gpt-5\.5/m);
  const run = await desk.run(["run", "-m", "gpt-5.5", "hi"]);
  assert.equal(run.code, 0, run.stderr);
  for (
    const [args, told] of [
      [["run", "hi"], /the model must be named\nhint: Name one, such as .*gpt-/],
      [["usage"], /An API key has no plan/],
      [["refresh"], /An API key has nothing to refresh/],
    ] as const
  ) {
    const { code, stdout, stderr } = await desk.run(args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, told);
  }
  for (const { route, headers } of desk.simulator.requests) {
    assert.match(route, /^api-/);
    assert.equal(headers["authorization"], "Bearer sk-mine");
  }
});
