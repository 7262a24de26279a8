import assert from "node:assert/strict";
import { fault, type Scenario } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";

const AT_ONCE: Scenario = { device: { approveAfter: 1 } };

function lines(stdout: string): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

async function fileOf(desk: Desk): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await desk.home.read(AUTH_FILE));
}

/** A desk with a plan, a second plan whose sign-in is over, and an API key. */
async function openThree(scenario: Scenario = {}): Promise<Desk> {
  const desk = await openDesk({ ...AT_ONCE, ...scenario });
  const { openai = {} } = await fileOf(desk);
  const refresh = "rt_refused";
  const hash = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(refresh)),
  );
  const reauth = {
    code: "refresh_token_expired",
    at: "2026-01-02T03:04:05.000Z",
    for: hash.toHex().slice(0, 16),
  };
  await desk.home.write(
    AUTH_FILE,
    JSON.stringify({
      openai,
      anthropic: { type: "api", key: "of another provider" },
      "openai@old": { ...openai, refresh, expires: 1, reauth },
      "openai@key": { type: "api", key: "sk-simulator", baseUrl: desk.env["CODEX_API_BASE_URL"] },
    }),
    0o600,
  );
  return desk;
}

Deno.test("codex takes --profile before and after the command, and else CODEX_PROFILE", async () => {
  await using desk = await openDesk(AT_ONCE);
  const env = { CODEX_PROFILE: "three" };
  assert.equal((await desk.run(["--profile", "one", "login"])).code, 0);
  assert.equal((await desk.run(["login", "--profile=two"], { env })).code, 0);
  assert.equal((await desk.run(["login"], { env })).code, 0);
  assert.deepEqual(
    Object.keys(await fileOf(desk)),
    ["openai", "openai@one", "openai@two", "openai@three"],
  );
  for (const args of [["--profile", "two", "status"], ["status", "--profile", "two"]]) {
    const { stdout } = await desk.run([...args, "--json"], { env });
    assert.equal(lines(stdout)[0]?.["profile"], "two");
  }
  const gone = await desk.run(["--profile", "two", "logout"], { env });
  assert.equal(gone.code, 0);
  assert.deepEqual(Object.keys(await fileOf(desk)), ["openai", "openai@one", "openai@three"]);
});

Deno.test("codex names the profile in what it proposes", async () => {
  await using desk = await openDesk(AT_ONCE);
  const flag = await desk.run(["status", "--profile", "work"]);
  assert.equal(flag.code, 3);
  assert.equal(
    flag.stderr,
    "codex: Nobody is signed in\nhint: Sign in with: codex --profile work login\n",
  );
  const login = await desk.run(["login", "--profile", "work"]);
  assert.match(login.stderr, /or sign in with: codex --profile work login --browser/);
  assert.equal((await desk.run(["logout", "--profile", "work"])).code, 0);
  const variable = await desk.run(["status", "--json"], { env: { CODEX_PROFILE: "work" } });
  assert.equal(variable.stderr, "");
  assert.equal(lines(variable.stdout)[0]?.["hint"], "Sign in with: codex --profile work login");
});

Deno.test("codex refuses a name that cannot be a profile's, before a file is touched", async () => {
  await using desk = await openDesk();
  for (const name of ["a b", "../x", "ä", "x".repeat(65)]) {
    for (const command of ["login", "status", "logout"]) {
      const { code, stderr } = await desk.run([command, `--profile=${name}`]);
      assert.equal(code, 2, `${command} ${name}: ${stderr}`);
      assert.match(stderr, /cannot be the name of a profile/);
    }
  }
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex status --all lists every profile, and names the one that is over", async () => {
  await using desk = await openThree();
  const { code, stdout, stderr } = await desk.run(["status", "--all"]);
  assert.equal(code, 3);
  assert.deepEqual(stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/)), [
    ["default", "ada@example.com", "plus", stdout.match(/good until .*/)?.[0]],
    ["old", "ada@example.com", "plus", "cannot be renewed (refresh_token_expired): sign in again"],
    ["key", "an API key"],
  ]);
  assert.equal(
    stderr,
    "codex: old: The sign-in is over (refresh_token_expired)\n" +
      "hint: Sign in again with: codex --profile old login\n",
  );
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex status --all --json prints one object a profile, then the failure", async () => {
  await using desk = await openThree();
  const { code, stdout, stderr } = await desk.run(["status", "--all", "--json"]);
  assert.equal(code, 3);
  assert.equal(stderr, "");
  assert.deepEqual(
    lines(stdout).map(({ type, profile, state, code }) => ({ type, profile, state, code })),
    [
      { type: "account", profile: "default", state: "valid", code: undefined },
      { type: "account", profile: "old", state: "over", code: undefined },
      { type: "account", profile: "key", state: "valid", code: undefined },
      { type: "error", profile: undefined, state: undefined, code: "sign_in_expired" },
    ],
  );
  assert.doesNotMatch(stdout, /eyJ|rt_|sk-/);
});

Deno.test("codex status --all shows the others when one entry cannot be read", async () => {
  await using desk = await openDesk();
  const { openai } = await fileOf(desk);
  await desk.home.write(
    AUTH_FILE,
    JSON.stringify({ openai: { type: "wellknown", key: "K", token: "t" }, "openai@good": openai }),
  );
  const { code, stdout, stderr } = await desk.run(["status", "--all"]);
  assert.equal(code, 1);
  assert.match(stdout, /^default {2}cannot be read\ngood {5}ada@example\.com {2}plus/);
  assert.match(stderr, /^codex: default: .*its entry "openai" is no sign-in of a kind known here/);
  const json = await desk.run(["status", "--all", "--json"]);
  const [odd, , error] = lines(json.stdout);
  assert.equal(odd?.["profile"], "default");
  assert.equal(Object(odd?.["error"]).code, "store_unavailable");
  assert.equal(error?.["type"], "error");
});

Deno.test("codex status --all says so when there is nobody, or no file to be read", async () => {
  await using desk = await openDesk();
  await desk.home.write(AUTH_FILE, "{}");
  const nobody = await desk.run(["status", "--all"]);
  assert.equal(nobody.code, 3);
  assert.deepEqual([nobody.stdout, nobody.stderr.split("\n")[0]], [
    "",
    "codex: Nobody is signed in",
  ]);
  await desk.home.write(AUTH_FILE, "{ damaged");
  for (const command of ["status", "logout"]) {
    const damaged = await desk.run([command, "--all"]);
    assert.equal(damaged.code, 1, command);
    assert.match(damaged.stderr, /it is damaged/);
  }
  assert.equal(await desk.home.read(AUTH_FILE), "{ damaged");
});

Deno.test("codex status --all and --profile exclude each other", async () => {
  await using desk = await openDesk();
  for (const command of ["status", "logout"]) {
    const { code, stderr } = await desk.run([command, "--all", "--profile", "x"]);
    assert.equal(code, 2);
    assert.match(stderr, /--profile and --all exclude each other\nhint: Give one of the two\n/);
  }
  // The variable is a default and gives way.
  const { code } = await desk.run(["status", "--all"], { env: { CODEX_PROFILE: "x" } });
  assert.equal(code, 0);
});

Deno.test("codex status asks nobody, and codex status --check asks for the models", async () => {
  await using desk = await openDesk();
  assert.equal((await desk.run(["status"])).code, 0);
  assert.deepEqual(desk.simulator.requests.map(({ route }) => route), []);
  const checked = await desk.run(["status", "--check"]);
  assert.equal(checked.code, 0);
  assert.match(checked.stdout, /\nService {7}accepts it\n$/);
  assert.deepEqual(desk.simulator.requests.map(({ route }) => String(route)), ["models"]);
  // Every time, whatever is cached.
  const again = await desk.run(["status", "--check", "--json"]);
  assert.equal(lines(again.stdout)[0]?.["accepted"], true);
  assert.equal(desk.simulator.requests.length, 2);
});

Deno.test("codex status --check finds out that a sign-in which looks good is over", async () => {
  await using desk = await openDesk();
  const { openai } = await fileOf(desk);
  await desk.home.write(AUTH_FILE, JSON.stringify({ openai }), 0o600);
  const [token] = [String(openai?.["refresh"])];
  const revoked = await fetch(`${desk.env["CODEX_ISSUER_URL"]}/oauth/revoke`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, token_type_hint: "access_token" }),
  });
  await revoked.body?.cancel();
  assert.match((await desk.run(["status"])).stdout, /good until/);
  const { code, stdout, stderr } = await desk.run(["status", "--check"]);
  assert.equal(code, 3);
  assert.match(stdout, /Access token {2}cannot be renewed \(refresh_token_invalidated\)/);
  assert.match(stdout, /Service {7}does not accept it/);
  assert.match(stderr, /^codex: The sign-in is over .*\nhint: Sign in again with: codex login\n$/);
  // It is known from now on without asking.
  desk.simulator.clearRequests();
  assert.equal((await desk.run(["status"])).code, 3);
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex status --check renews a sign-in that is due, as its next use would", async () => {
  await using desk = await openDesk({}, -10);
  assert.match((await desk.run(["status"])).stdout, /renews at next use/);
  const { code, stdout } = await desk.run(["status", "--check"]);
  assert.equal(code, 0);
  assert.match(stdout, /good until/);
  assert.deepEqual(desk.simulator.requests.map(({ route }) => route), ["refresh", "models"]);
});

Deno.test("codex status --check tells no answer from a no", async () => {
  await using desk = await openDesk({
    faults: [fault("models", { status: 503, times: "always" })],
  });
  const { code, stdout, stderr } = await desk.run(["status", "--check"]);
  assert.equal(code, 5);
  assert.match(stdout, /Service {7}could not be asked\n$/);
  assert.match(stderr, /^codex: 127\.0\.0\.1:\d+ did not list the models \(status 503\)\nhint: /);
  const json = await desk.run(["status", "--check", "--json"]);
  assert.equal(json.code, 5);
  const [account, error] = lines(json.stdout);
  assert.ok(!("accepted" in Object(account)));
  assert.deepEqual([error?.["type"], error?.["code"]], ["error", "overloaded"]);
});

Deno.test("codex status --all --check asks for each profile with its own sign-in", async () => {
  await using desk = await openThree({ apiKeys: [] });
  const { code, stdout, stderr } = await desk.run(["status", "--all", "--check"]);
  assert.equal(code, 3);
  assert.match(stdout, /^default .* accepts it$/m);
  assert.match(stdout, /^old .* does not accept it$/m);
  assert.match(stdout, /^key {6}an API key .* does not accept it$/m);
  assert.match(stderr, /^codex: 2 of 3 sign-ins cannot be used: old, key\nhint: .*--profile old/);
});

Deno.test("codex logout forgets one profile on this machine, and leaves all else", async () => {
  await using desk = await openThree();
  const { code, stderr } = await desk.run(["logout", "--profile", "key"]);
  assert.deepEqual([code, stderr], [0, "Signed out on this machine.\n"]);
  assert.deepEqual(Object.keys(await fileOf(desk)), ["openai", "anthropic", "openai@old"]);
  const again = await desk.run(["logout", "--profile", "key"]);
  assert.deepEqual([again.code, again.stderr], [0, "Nobody was signed in.\n"]);
  const json = await desk.run(["logout", "--profile", "key", "--json"]);
  assert.deepEqual(lines(json.stdout), [{ type: "logout", profile: "key", removed: false }]);
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex logout --all forgets every profile, and nothing of another provider", async () => {
  await using desk = await openThree();
  const { code, stderr } = await desk.run(["logout", "--all"]);
  assert.equal(code, 0);
  assert.equal(
    stderr,
    ["default", "old", "key"].map((name) => `${name}: Signed out on this machine.\n`).join(""),
  );
  assert.deepEqual(Object.keys(await fileOf(desk)), ["anthropic"]);
  const again = await desk.run(["logout", "--all"]);
  assert.deepEqual([again.code, again.stderr], [0, "Nobody was signed in.\n"]);
  assert.deepEqual(desk.simulator.requests, []);
});

Deno.test("codex logout --all goes on after an entry that it cannot take out", async () => {
  await using desk = await openDesk();
  const { openai: good } = await fileOf(desk);
  const odd = { type: "wellknown", key: "K", token: "t" };
  await desk.home.write(AUTH_FILE, JSON.stringify({ openai: odd, "openai@good": good }));
  const { code, stderr } = await desk.run(["logout", "--all"]);
  assert.equal(code, 1);
  assert.match(stderr, /^good: Signed out on this machine\.\ncodex: .*its entry "openai" is no/);
  assert.deepEqual(await fileOf(desk), { openai: odd });
});

Deno.test("codex logout --revoke ends the sign-in at the server first", async () => {
  await using desk = await openThree();
  const { access } = (await fileOf(desk))["openai"] ?? {};
  const { code, stderr } = await desk.run(["logout", "--revoke"]);
  assert.deepEqual([code, stderr], [0, "Signed out on this machine and at the server.\n"]);
  assert.equal(desk.simulator.requestsTo("revoke").length, 1);
  const answer = await fetch(`${desk.env["CODEX_BASE_URL"]}/models?client_version=1.0.0`, {
    headers: { authorization: `Bearer ${access}` },
  });
  assert.equal(answer.status, 401);
  await answer.body?.cancel();
  const key = await desk.run(["logout", "--revoke", "--profile", "key"]);
  assert.equal(key.code, 0);
  assert.match(key.stderr, /Signed out on this machine\.\nAn API key is not ended from here/);
});

for (
  const [name, details] of [
    ["refuses", { status: 500 }],
    ["cuts the connection", { connection: "reset" }],
  ] as const
) {
  Deno.test(`codex logout --revoke signs out here when the server ${name}, and tells it`, async () => {
    await using desk = await openDesk({
      faults: [fault("revoke", { ...details, times: "always" })],
    });
    const { code, stdout, stderr } = await desk.run(["logout", "--revoke", "--quiet"]);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(stderr, /Signed out on this machine\.\nThe server did not confirm the end/);
    assert.deepEqual(await fileOf(desk), {});
  });
}

Deno.test("codex logout --all --revoke --json tells what became of each", async () => {
  await using desk = await openThree({ faults: [fault("revoke", { status: 503 })] });
  const { code, stdout, stderr } = await desk.run(["logout", "--all", "--revoke", "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(lines(stdout), [
    { type: "logout", profile: "default", removed: true, revoked: false },
    { type: "logout", profile: "old", removed: true, revoked: true },
    { type: "logout", profile: "key", removed: true },
  ]);
});

Deno.test("codex login over an API key, and the other way round, replaces it whole", async () => {
  await using desk = await openDesk(AT_ONCE);
  assert.equal((await desk.run(["login", "--with-api-key"], { stdin: "sk-x" })).code, 0);
  assert.deepEqual(Object.keys((await fileOf(desk))["openai"] ?? {}).sort(), [
    "baseUrl",
    "key",
    "type",
  ]);
  assert.equal((await desk.run(["login"])).code, 0);
  const { openai } = await fileOf(desk);
  assert.equal(openai?.["type"], "oauth");
  assert.ok(!("key" in Object(openai)));
});

Deno.test("codex status --all and logout --all mean the file, whatever the environment holds", async () => {
  await using desk = await openThree();
  const env = { CODEX_ACCESS_TOKEN: String((await fileOf(desk))["openai"]?.["access"]) };
  const all = await desk.run(["status", "--all", "--json"], { env });
  assert.deepEqual(
    lines(all.stdout).map(({ type, method }) => method ?? type),
    ["chatgpt", "chatgpt", "api-key", "error"],
  );
  assert.equal((await desk.run(["logout", "--all"], { env })).code, 0);
  assert.deepEqual(Object.keys(await fileOf(desk)), ["anthropic"]);
});
