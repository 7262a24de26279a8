/** Many processes and one sign-in: one of them asks the issuer, and all of them get an answer. */
import assert from "node:assert/strict";
import { fault } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { OWN_PIDS, testMount } from "../support/mounts.ts";
import type { CliOptions } from "../support/run_cli.ts";
import { until } from "../support/until.ts";

const PROCESSES = 32;

/** Long enough for every process to come before the answer does. */
const SLOW = fault("refresh", { delayMs: 1500, effect: true, times: "always" });

/** Runs prompts at once, and asserts that each got its answer and that one refresh was made. */
async function runAtOnce(
  desk: Desk,
  optionsOf: (index: number) => CliOptions = () => ({}),
): Promise<void> {
  const results = await Promise.all(
    Array.from(
      { length: PROCESSES },
      (_, index) => desk.run(["run", "x"], { timeoutMs: 60_000, ...optionsOf(index) }),
    ),
  );
  for (const { code, stdout, stderr } of results) {
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^Hello from the simulator/);
  }
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);
  const answers = desk.simulator.requestsTo("responses").filter(({ status }) => status === 200);
  assert.equal(answers.length, PROCESSES);
  const left = await desk.home.list(".local/share/codex");
  assert.deepEqual(left, ["auth.json", "auth.json.lock", "auth.models.json"]);
}

/** Renews the sign-in as a program that takes no lock: its stored refresh token is spent. */
async function renewElsewhere(desk: Desk): Promise<{ old: Entry; renewed: Entry }> {
  const { openai: old } = JSON.parse(await desk.home.read(AUTH_FILE));
  const answer = await desk.simulator.fetch("https://auth.openai.com/oauth/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
      grant_type: "refresh_token",
      refresh_token: old.refresh,
    }),
  });
  const { refresh_token: refresh, access_token: access, expires_in } = await answer.json();
  desk.simulator.clearRequests();
  return { old, renewed: { ...old, refresh, access, expires: Date.now() + expires_in * 1000 } };
}

interface Entry {
  readonly refresh: string;
}

/** Puts an entry into the file. */
async function store(desk: Desk, openai: Entry): Promise<void> {
  await desk.home.write(AUTH_FILE, JSON.stringify({ openai }), 0o600);
}

Deno.test(`codex run: ${PROCESSES} processes with an expired token make one refresh request`, async () => {
  await using desk = await openDesk({ faults: [SLOW] }, -60);
  await runAtOnce(desk);
});

Deno.test(`codex run: ${PROCESSES} processes that are answered with 401 make one refresh request`, async () => {
  await using desk = await openDesk({ rules: { newestTokenOnly: true } });
  // The stored access token is no longer the newest, and answered with 401 from now on.
  const { old, renewed } = await renewElsewhere(desk);
  await store(desk, { ...old, refresh: renewed.refresh });
  desk.simulator.fail(SLOW);
  await runAtOnce(desk);
  const refused = desk.simulator.requests.filter(({ status }) => status === 401);
  // How many depends on how many have started before the first one has renewed it.
  assert.ok(refused.length > 1, "several processes had the old token");
});

testMount(
  `codex run: ${PROCESSES} processes in two pid namespaces make one refresh request`,
  async () => {
    await using desk = await openDesk({ faults: [SLOW] }, -60);
    await runAtOnce(desk, (index) => (index % 2 === 0 ? {} : { wrapper: OWN_PIDS }));
  },
);

Deno.test("codex refresh: of several processes one renews, and the others find it done", async () => {
  await using desk = await openDesk({ faults: [SLOW] }, -60);
  const results = await Promise.all(
    Array.from({ length: 6 }, () => desk.run(["refresh", "--json"])),
  );
  for (const { code, stdout } of results) {
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).state, "valid");
  }
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);
});

Deno.test("codex refresh: of several processes one renews, however short the tokens live", async () => {
  await using desk = await openDesk({ faults: [SLOW], tokens: { lifetimeSeconds: 200 } }, -60);
  const results = await Promise.all(Array.from({ length: 6 }, () => desk.run(["refresh"])));
  for (const { code, stderr } of results) {
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Renewed: good until /);
  }
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);
});

Deno.test("codex run: processes of two profiles renew two sign-ins and lose neither", async () => {
  await using desk = await openDesk({ faults: [SLOW] }, -60);
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  const { env: { CODEX_ISSUER_URL: issuer, CODEX_BASE_URL: baseUrl } } = desk;
  assert.ok(issuer && baseUrl);
  const other = desk.simulator.signIn({ issuer, baseUrl, lifetimeSeconds: -60 });
  const file = { google: { type: "api", key: "theirs" }, openai, "openai@work": other };
  await desk.home.write(AUTH_FILE, JSON.stringify(file), 0o600);
  const results = await Promise.all(
    Array.from(
      { length: 8 },
      (_, index) => desk.run(["run", "x", ...(index % 2 === 0 ? [] : ["--profile", "work"])]),
    ),
  );
  for (const { code, stderr } of results) {
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  }
  assert.equal(desk.simulator.requestsTo("refresh").length, 2);
  const now = JSON.parse(await desk.home.read(AUTH_FILE));
  assert.deepEqual(Object.keys(now), Object.keys(file));
  assert.deepEqual(now.google, file.google);
  assert.notEqual(now.openai.refresh, openai.refresh);
  assert.notEqual(now["openai@work"].refresh, other.refresh);
});

Deno.test("codex run: a program without our lock has renewed first, and is waited for", async () => {
  await using desk = await openDesk({}, -60);
  const { renewed } = await renewElsewhere(desk);
  await using run = await desk.start(["run", "x"]);
  await until(() => desk.simulator.requestsTo("refresh").length === 1, "the token is refused");
  await store(desk, renewed);
  const { code, stderr } = await run.ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.equal(desk.simulator.requestsTo("refresh").length, 1);
  assert.equal(JSON.parse(await desk.home.read(AUTH_FILE)).openai.refresh, renewed.refresh);
});
