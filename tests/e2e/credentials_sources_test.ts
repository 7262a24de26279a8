/** Where a sign-in comes from and what becomes of it: refused for good, borrowed, from the environment. */
import assert from "node:assert/strict";
import { fault, silent } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { assertDocumented } from "../support/documented.ts";
import { openProductionDesk, type ProductionDesk } from "../support/production_desk.ts";
import { until } from "../support/until.ts";

const FOLDER = ".local/share/codex";
const LOGIN = "hint: Sign in again with: codex login";

/** Runs commands one after another, and asserts that each ends with 3 and names the way out. */
async function assertAllSayLogin(desk: Desk): Promise<void> {
  for (const args of [["run", "x"], ["models"], ["usage"], ["refresh"], ["status"]]) {
    const { code, stderr } = await desk.run(args);
    assert.equal(code, 3, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, /hint: .*codex login/, args.join(" "));
  }
}

// Refused for good.

const FINAL: readonly (readonly [code: string, status: number, body: object | undefined])[] = [
  ["refresh_token_expired", 401, { error: { code: "refresh_token_expired", message: "Expired" } }],
  ["refresh_token_invalidated", 400, { error: { code: "refresh_token_invalidated" } }],
  ["invalid_grant", 400, { error: "invalid_grant", error_description: "Unknown" }],
  ["unauthorized", 401, undefined],
];

for (const [code, status, body] of FINAL) {
  Deno.test(`codex marks a sign-in that is refused for good (${code}), and never sends it again`, async () => {
    await using desk = await openDesk({
      faults: [fault("refresh", { status, ...(body ? { body: JSON.stringify(body) } : {}) })],
    }, -60);
    const before = JSON.parse(await desk.home.read(AUTH_FILE)).openai;
    const { code: exit, stderr } = await desk.run(["run", "x"]);
    assert.deepEqual([exit, stderr], [3, `codex: The sign-in is over (${code})\n${LOGIN}\n`]);
    const { reauth, ...kept } = JSON.parse(await desk.home.read(AUTH_FILE)).openai;
    assert.deepEqual(kept, before, "the entry stays");
    assert.equal(reauth.code, code);
    assert.match(reauth.for, /^[0-9a-f]{16}$/);
    assert.ok(Math.abs(Date.parse(reauth.at) - Date.now()) < 60_000);

    desk.simulator.clearRequests();
    await assertAllSayLogin(desk);
    assert.deepEqual(desk.simulator.requests, [], "nothing was sent");
  });
}

Deno.test("codex goes on as soon as anybody has replaced a token that was marked", async () => {
  await using desk = await openDesk({ faults: [fault("refresh", { status: 401 })] }, -60);
  assert.equal((await desk.run(["run", "x"])).code, 3);
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  const { CODEX_ISSUER_URL: issuer = "", CODEX_BASE_URL: baseUrl = "" } = desk.env;
  const { refresh } = desk.simulator.signIn({ issuer, baseUrl, lifetimeSeconds: -60 });
  await desk.home.write(AUTH_FILE, JSON.stringify({ openai: { ...openai, refresh } }));
  const { code, stderr } = await desk.run(["run", "x"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const entry = JSON.parse(await desk.home.read(AUTH_FILE)).openai;
  assert.equal("reauth" in entry, false, "the mark is gone");
});

Deno.test("codex uses what is left of a sign-in that is over, and every run says so", async () => {
  await using desk = await openDesk({
    faults: [fault("refresh", { status: 401, body: { error: { code: "refresh_token_expired" } } })],
  });
  assert.equal((await desk.run(["refresh", "--force"])).code, 3);
  desk.simulator.clearRequests();
  for (let turn = 0; turn < 2; turn++) {
    const { code, stderr } = await desk.run(["run", "x", "--profile", "default"]);
    assert.deepEqual([code, stderr], [
      0,
      "warning: The sign-in is over (refresh_token_expired); its access token is used while it " +
      "lasts. Sign in again with: codex login\n",
    ]);
  }
  assert.equal(desk.simulator.requestsTo("refresh").length, 0);
  const { code, stdout, stderr } = await desk.run(["status"]);
  assert.equal(code, 3);
  assert.match(stdout, /cannot be renewed \(refresh_token_expired\): sign in again/);
  assert.match(stderr, /codex login/);
});

Deno.test("codex names the profile in what is to be typed", async () => {
  await using desk = await openDesk({ faults: [fault("refresh", { status: 401 })] }, 200);
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  await desk.home.write(AUTH_FILE, JSON.stringify({ "openai@work": openai }));
  const { code, stderr } = await desk.run(["run", "x", "--profile", "work"]);
  assert.equal(code, 0);
  assert.match(stderr, /^warning: .*Sign in again with: codex --profile work login\n$/);
});

const PASSING: readonly (readonly [
  what: string,
  details: Parameters<typeof fault>[1],
  requests: number,
  exit: number,
  said: RegExp,
])[] = [
  ["{}", { body: {} }, 1, 5, /something other than an access token\nhint: Try again in a minute/],
  ["no JSON", { body: "<html>" }, 1, 5, /something other than an access token\n/],
  ["an error of its own", { status: 500 }, 3, 5, /cannot answer at the moment \(status 500\)/],
  [
    "a wish to be left alone for an hour",
    { status: 429, headers: { "retry-after": "3600" } },
    1,
    4,
    /\(status 429\); it resets .* \(in (1 h|59 min .*)\)\nhint: Try again then\n/,
  ],
  ["a redirect", { status: 302, headers: { location: "https://example.com/" } }, 1, 5, /redirect/],
];

for (const [what, details, requests, exit, said] of PASSING) {
  Deno.test(`codex does not take ${what} for the end of a sign-in, nor asks without end`, async () => {
    await using desk = await openDesk({
      faults: [fault("refresh", { ...details, times: "always" })],
    }, -60);
    const before = await desk.home.read(AUTH_FILE);
    const { code, stderr } = await desk.run(["run", "x"]);
    assert.equal(code, exit, stderr);
    assert.match(stderr, said);
    assert.equal(desk.simulator.requestsTo("refresh").length, requests);
    assert.equal(await desk.home.read(AUTH_FILE), before, "nothing is marked");
  });
}

Deno.test("codex tries a renewal again whose connection broke, and an issuer that forgives gives it", async () => {
  await using desk = await openDesk({
    refresh: { graceSeconds: 30 },
    faults: [fault("refresh", { connection: "reset", effect: true })],
  }, -60);
  const { code, stderr } = await desk.run(["run", "x"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(desk.simulator.requestsTo("refresh").length, 2);
});

// The official tool's sign-in, borrowed.

/** The official tool's file, with a sign-in that the simulator takes. */
async function officialFile(desk: ProductionDesk, lifetimeSeconds: number): Promise<string> {
  const { access, refresh, accountId } = desk.simulator.signIn({ lifetimeSeconds });
  const tokens = {
    id_token: access,
    access_token: access,
    refresh_token: refresh,
    account_id: accountId,
  };
  return await desk.home.write(
    "official/auth.json",
    JSON.stringify({ auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh: "2026" }),
    0o600,
  );
}

Deno.test("codex --auth codex-cli borrows the official tool's sign-in, and writes nothing", async () => {
  await using desk = await openProductionDesk();
  const file = await officialFile(desk, 200);
  const env = { CODEX_HOME: desk.home.join("official") };
  const before = [await Deno.readTextFile(file), (await Deno.stat(file)).mtime];
  const { code, stdout, stderr } = await desk.run(["run", "--auth", "codex-cli", "x"], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Hello/);
  assert.deepEqual([await Deno.readTextFile(file), (await Deno.stat(file)).mtime], before);
  assert.deepEqual(await desk.home.list("official"), ["auth.json"], "no lock, no cache");
  assert.deepEqual(await desk.home.list(), ["ca.pem", "official"]);
  assert.equal(desk.simulator.requestsTo("refresh").length, 0, "although it is due");

  const forced = await desk.run(["refresh", "--force", "--auth", "codex-cli"], { env });
  assert.deepEqual([forced.code, forced.stderr.split("\n")[0]], [
    3,
    "codex: The sign-in borrowed from the official tool is not renewed here",
  ]);
  const without = await desk.run(["run", "x"], { env });
  assert.equal(without.code, 3, "it is borrowed only when asked for");
  assert.equal(desk.simulator.requestsTo("refresh").length, 0);
});

Deno.test("codex --auth codex-cli says in words that the borrowed sign-in has expired", async () => {
  await using desk = await openProductionDesk();
  await officialFile(desk, -60);
  const env = { CODEX_HOME: desk.home.join("official") };
  for (const args of [["run", "x"], ["refresh"], ["models"]]) {
    const { code, stderr } = await desk.run([...args, "--auth", "codex-cli"], { env });
    assert.deepEqual([code, stderr], [
      3,
      "codex: The sign-in borrowed from the official tool has expired and is not renewed here\n" +
      "hint: Run the official tool once, or sign in here with: codex login\n",
    ], args.join(" "));
  }
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex --auth codex-cli says in words why there is nothing to borrow", async () => {
  await using desk = await openProductionDesk();
  const env = { CODEX_HOME: desk.home.join("official") };
  const run = async () => await desk.run(["run", "--auth", "codex-cli", "x"], { env });
  const none = await run();
  assert.equal(none.code, 3);
  assert.match(
    none.stderr,
    /^codex: The official tool has no sign-in in ".*official\/auth\.json"\n/,
  );
  await desk.home.write(
    "official/auth.json",
    '{"auth_mode":"apikey","OPENAI_API_KEY":"sk-hidden"}',
  );
  const key = await run();
  assert.equal(key.code, 3);
  assert.match(key.stderr, /uses an API key .*only a ChatGPT sign-in is borrowed\nhint: Store/);
  assert.doesNotMatch(key.stderr, /sk-hidden/);
});

Deno.test("codex --auth codex-cli is sent to the production addresses alone", async () => {
  await using desk = await openDesk();
  const access = desk.simulator.signIn().access;
  const tokens = { access_token: access, refresh_token: "rt_x" };
  await desk.home.write("official/auth.json", JSON.stringify({ auth_mode: "chatgpt", tokens }));
  const env = { CODEX_HOME: desk.home.join("official") };
  const { code, stderr } = await desk.run(["run", "--auth", "codex-cli", "x"], { env });
  assert.equal(code, 3);
  assert.match(stderr, /belongs to https:\/\/auth\.openai\.com and is not sent to http:/);
  assert.deepEqual(desk.simulator.requests, []);
});

// API keys.

Deno.test("codex bills no API key of the environment unless --auth api-key asks for it", async () => {
  await using desk = await openProductionDesk({ apiKeys: ["sk-billed"] });
  for (const name of ["OPENAI_API_KEY", "CODEX_API_KEY"]) {
    const env = { [name]: "sk-billed" };
    const plain = await desk.run(["run", "-m", "gpt-5.5", "x"], { env });
    assert.equal(plain.code, 3);
    assert.equal(plain.stderr, "codex: Nobody is signed in\nhint: Sign in with: codex login\n");
    assert.equal((await desk.run(["status"], { env })).code, 3);
    assert.deepEqual(desk.simulator.requests, []);

    const asked = await desk.run(["run", "--auth", "api-key", "-m", "gpt-5.5", "x"], { env });
    assert.equal(asked.code, 0, asked.stderr);
    assert.deepEqual(desk.simulator.requests.map(({ route }) => route), ["api-responses"]);
    desk.simulator.clearRequests();
  }
  const none = await desk.run(["run", "--auth", "api-key", "-m", "gpt-5.5", "x"]);
  assert.deepEqual([none.code, none.stderr], [
    3,
    "codex: There is no API key in the environment\n" +
    "hint: Set CODEX_API_KEY or OPENAI_API_KEY\n",
  ]);
});

Deno.test("codex uses the ChatGPT sign-in although an API key is in the environment", async () => {
  await using desk = await openDesk();
  const env = { OPENAI_API_KEY: "sk-billed", CODEX_API_KEY: "sk-billed" };
  assert.equal((await desk.run(["run", "x"], { env })).code, 0);
  assert.deepEqual(desk.simulator.requestsTo("api-responses"), []);
  assert.ok(desk.simulator.requests.every(({ headers }) => !/sk-/.test(JSON.stringify(headers))));
});

// The environment.

/** A desk without a file, and a sign-in as a secret of CI holds it. */
async function openRunner(lifetimeSeconds: number, scenario: Parameters<typeof openDesk>[0] = {}) {
  const desk = await openDesk(scenario, lifetimeSeconds);
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  await Deno.remove(desk.home.join(".local"), { recursive: true });
  return { desk, entry: openai, secret: { CODEX_AUTH_JSON: JSON.stringify({ openai }) } };
}

Deno.test("codex takes a whole sign-in from CODEX_AUTH_JSON, and leaves no file", async () => {
  const { desk, secret } = await openRunner(3600);
  await using _ = desk;
  const { code, stdout, stderr } = await desk.run(["run", "x"], { env: secret });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Hello/);
  assert.deepEqual(await desk.home.list(), []);
});

Deno.test("codex never renews CODEX_AUTH_JSON by itself, and says where to put a renewed one", async () => {
  for (const [lifetime, exit] of [[200, 0], [-60, 3]] as const) {
    const { desk, secret } = await openRunner(lifetime);
    await using _ = desk;
    const { code, stderr } = await desk.run(["run", "x"], { env: secret });
    assert.deepEqual([code, stderr], [
      exit,
      exit === 0 ? "" : "codex: The sign-in from the environment has expired and is not renewed " +
        "by itself\nhint: Give a fresh one, or a whole one in CODEX_AUTH_JSON and where the " +
        "renewed one goes with: --rotate-to FILE\n",
    ]);
    assert.equal(desk.simulator.requestsTo("refresh").length, 0);
    assert.deepEqual(await desk.home.list(), []);
  }
});

Deno.test("codex does not renew CODEX_AUTH_JSON after a 401 either", async () => {
  const { desk, secret } = await openRunner(3600, {
    faults: [fault("responses", { status: 401 }), fault("models", { status: 401 })],
  });
  await using _ = desk;
  const { code, stderr } = await desk.run(["run", "x"], { env: secret });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^codex: The sign-in from the environment was not accepted and is not /);
  assert.match(stderr, /--rotate-to FILE/);
  assert.equal(desk.simulator.requestsTo("refresh").length, 0);
});

Deno.test("codex --rotate-to keeps the renewed sign-in before it uses it, for its owner alone", async () => {
  const { desk, entry, secret } = await openRunner(-60, { turns: [silent()] });
  await using _ = desk;
  const file = desk.home.join("kept/rotated.json");
  await using run = await desk.start(["run", "--rotate-to", file, "x"], { env: secret });
  await until(() => desk.simulator.requestsTo("responses").length > 0, "the new token is used");
  const kept = JSON.parse(await Deno.readTextFile(file)).openai;
  assert.notEqual(kept.refresh, entry.refresh);
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assert.equal(((await Deno.stat(desk.home.join("kept"))).mode ?? 0) & 0o777, 0o700);
  const [used] = desk.simulator.requestsTo("responses");
  assert.equal(used?.headers["authorization"], `Bearer ${kept.access}`);
  run.kill("SIGKILL");
  await run.ended;

  // The secret is the old one for ever, and the file counts.
  const again = await desk.run(["run", "--rotate-to", file, "x"], { env: secret });
  assert.deepEqual([again.code, again.stderr], [0, ""]);
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);
  assert.deepEqual(await desk.home.list("kept"), ["rotated.json", "rotated.json.lock"]);
});

Deno.test("codex --rotate-to renews what it has rotated, many processes at once", async () => {
  const { desk, entry, secret } = await openRunner(-60);
  await using _ = desk;
  const args = ["run", "--rotate-to", desk.home.join("rotated.json"), "x"];
  const runs = await Promise.all(
    Array.from({ length: 8 }, () => desk.run(args, { env: secret })),
  );
  for (const { code, stderr } of runs) assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);

  const { openai } = JSON.parse(await desk.home.read("rotated.json"));
  const due = { ...openai, expires: entry.expires };
  await desk.home.write("rotated.json", JSON.stringify({ openai: due }), 0o600);
  assert.equal((await desk.run(args, { env: secret })).code, 0);
  assert.equal(desk.simulator.requestsTo("refresh").length, 2);
  assert.match(desk.simulator.requestsTo("refresh")[1]?.body ?? "", new RegExp(openai.refresh));
});

Deno.test("codex --rotate-to takes a new secret once the sign-in in its file is over", async () => {
  const { desk, secret } = await openRunner(-60, {
    faults: [fault("refresh", { status: 401, skip: 1, times: 1 })],
  });
  await using _ = desk;
  const rotateTo = ["--rotate-to", desk.home.join("rotated.json")];
  const run = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    desk.run([...args, ...rotateTo], { env });
  assert.equal((await run(secret, "refresh")).code, 0);
  assert.equal((await run(secret, "refresh", "--force")).code, 3);
  desk.simulator.clearRequests();
  const over = await run(secret, "refresh", "--force");
  assert.deepEqual([over.code, over.stderr], [
    3,
    "codex: The sign-in is over (unauthorized)\n" +
    "hint: Give a new sign-in in CODEX_AUTH_JSON: it takes the place of this one\n",
  ]);
  assert.deepEqual(
    desk.simulator.requests,
    [],
    "neither the file's token nor the secret's is sent",
  );

  const { CODEX_ISSUER_URL: issuer = "", CODEX_BASE_URL: baseUrl = "" } = desk.env;
  const fresh = desk.simulator.signIn({ issuer, baseUrl, lifetimeSeconds: 60 });
  const other = { CODEX_AUTH_JSON: JSON.stringify(fresh) };
  assert.deepEqual((await run(other, "run", "x")).code, 0);
  const kept = JSON.parse(await desk.home.read("rotated.json")).openai;
  assert.equal("reauth" in kept, false);
  const again = await run(other, "refresh", "--force");
  assert.equal(again.code, 0, again.stderr);
});

Deno.test("codex --rotate-to spends nothing when the renewed sign-in could not be kept", async () => {
  const { desk, secret } = await openRunner(-60);
  await using _ = desk;
  await desk.home.write("file", "");
  const place = desk.home.join("file/rotated.json");
  const { code, stderr } = await desk.run(["run", "--rotate-to", place, "x"], { env: secret });
  assert.equal(code, 1);
  assert.match(stderr, /rotated\.json.*: a part of its path is not a folder\nhint: /);
  assert.equal(desk.simulator.requestsTo("refresh").length, 0);
});

Deno.test("codex --rotate-to is refused where there is nothing to renew, or another source", async () => {
  await using desk = await openDesk();
  const token = { CODEX_ACCESS_TOKEN: desk.simulator.signIn().access };
  const CASES = [
    [{}, [], /There is no whole sign-in in the environment to renew\nhint: Set CODEX_AUTH_JSON/],
    [token, [], /There is no whole sign-in in the environment to renew/],
    [{}, ["--auth", "codex-cli"], /--auth codex-cli and --rotate-to exclude each other/],
    [{}, ["--auth-file", "x.json"], /--auth-file and --rotate-to exclude each other/],
  ] as const;
  for (const [env, args, said] of CASES) {
    const { code, stderr } = await desk.run(["run", "--rotate-to", "r.json", ...args, "x"], {
      env,
    });
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
  const two = await desk.run(["run", "--auth", "api-key", "--auth-file", "x", "y"]);
  assert.match(two.stderr, /^codex: --auth api-key and --auth-file exclude each other\n/);
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex takes an access token from CODEX_ACCESS_TOKEN, until it expires", async () => {
  await using desk = await openProductionDesk();
  const run = (access: string) => desk.run(["run", "x"], { env: { CODEX_ACCESS_TOKEN: access } });
  const good = await run(desk.simulator.signIn({ lifetimeSeconds: 60 }).access);
  assert.deepEqual([good.code, good.stderr], [0, ""]);
  const old = await run(desk.simulator.signIn({ lifetimeSeconds: -60 }).access);
  assert.equal(old.code, 3);
  assert.match(old.stderr, /^codex: The sign-in from the environment has expired/);
  assert.deepEqual(await desk.home.list(), ["ca.pem"]);
  assert.equal(desk.simulator.requestsTo("refresh").length, 0);
});

const UNFIT: readonly (readonly [env: Readonly<Record<string, string>>, said: string])[] = [
  [
    { CODEX_ACCESS_TOKEN: "at-0123456789abcdef" },
    "CODEX_ACCESS_TOKEN holds a personal access token, which is not taken here",
  ],
  [
    { CODEX_ACCESS_TOKEN: "sk-0123456789abcdef" },
    "CODEX_ACCESS_TOKEN holds an API key and no access token",
  ],
  [{ CODEX_AUTH_JSON: "rt_0123456789abcdef" }, "CODEX_AUTH_JSON holds no JSON object"],
  [
    {
      CODEX_ACCESS_TOKEN: "eyJhbGciOiJub25lIn0.e30.x",
      CODEX_AUTH_JSON: '{"type":"api","key":"k"}',
    },
    "CODEX_ACCESS_TOKEN and CODEX_AUTH_JSON are both set",
  ],
];

for (const [env, said] of UNFIT) {
  Deno.test(`codex says in words that ${said}, and repeats nothing of it`, async () => {
    await using desk = await openDesk();
    for (const args of [["run", "x"], ["status"], ["models"]]) {
      const { code, stdout, stderr } = await desk.run(args, { env });
      assert.equal(code, 2, args.join(" "));
      assert.ok(stderr.startsWith(`codex: ${said}\nhint: `), stderr);
      for (const value of Object.values(env)) assert.ok(!(stdout + stderr).includes(value));
    }
    assert.deepEqual(desk.simulator.requests, []);
  });
}

Deno.test("codex uses the file that is named although the environment holds a sign-in", async () => {
  await using desk = await openDesk();
  const env = { CODEX_ACCESS_TOKEN: "eyJhbGciOiJub25lIn0.e30.c2ln" };
  const file = desk.home.join(AUTH_FILE);
  const { code, stderr } = await desk.run(["run", "--auth-file", file, "x"], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual((await desk.home.list(FOLDER)).slice(0, 1), ["auth.json"]);
});

Deno.test("docs/credentials.md explains what is said of a sign-in", async () => {
  const sentences = [
    "The sign-in is over (refresh_token_expired)",
    "The sign-in is over: its refresh token works once, and was used before",
    "; its access token is used while it lasts",
    "answered the refresh with something other than an access token",
    "cannot answer at the moment (status 503)",
    "The sign-in from the environment has expired and is not renewed by itself",
    "The sign-in borrowed from the official tool has expired",
    "This sign-in has no refresh token, so that it cannot be renewed",
  ];
  for (const sentence of sentences) await assertDocumented(sentence);
});
