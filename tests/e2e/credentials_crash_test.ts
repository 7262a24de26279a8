/** A process that is killed in the middle of a refresh: what the next one finds. */
import assert from "node:assert/strict";
import { fault } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { inMounts, testMount } from "../support/mounts.ts";
import { hasOpen } from "../support/open_files.ts";
import { BEFORE_REQUEST, IN_MEMORY, killAt, STEPS } from "../support/renewing.ts";
import { until } from "../support/until.ts";

/** Holds an answer back until the simulator's clock is moved. */
const HELD_MS = 20_000;

function refreshes(desk: Desk): number {
  return desk.simulator.requestsTo("refresh").length;
}

/** Asserts that the file is whole, and gives its entry. */
async function entryOf(desk: Desk): Promise<Record<string, unknown>> {
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  assert.equal(openai.type, "oauth");
  assert.equal(typeof openai.refresh, "string");
  return openai;
}

/** Asserts that the next run works, and that nothing of the dead process is left. */
async function goesOn(desk: Desk): Promise<void> {
  const { code, stderr } = await desk.run(["run", "x"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.deepEqual(
    await desk.home.list(".local/share/codex"),
    ["auth.json", "auth.json.lock", "auth.models.json"],
  );
}

/** Asserts that a new sign-in is needed, that every command says so, and that nothing is sent. */
async function isOver(desk: Desk): Promise<void> {
  const first = await desk.run(["run", "x"]);
  assert.equal(first.code, 3, first.stderr);
  assert.equal(
    first.stderr,
    "codex: The sign-in is over: its refresh token works once, and was used before\n" +
      "hint: Sign in again with: codex login. A copy of the file elsewhere had used it, or a " +
      "renewal that was cut off\n",
  );
  const sent = desk.simulator.requests.length;
  for (const args of [["run", "x"], ["models"], ["refresh"], ["refresh", "--force"], ["status"]]) {
    const { code, stderr } = await desk.run(args);
    assert.equal(code, 3, args.join(" "));
    assert.match(stderr, /codex login/, args.join(" "));
  }
  assert.equal(desk.simulator.requests.length, sent, "nothing was sent again");
}

for (const step of STEPS) {
  const lost = step === IN_MEMORY;
  const ends = lost
    ? "the sign-in is over, as its successor was in memory alone"
    : "the next run goes on";
  Deno.test(`codex killed during a refresh at ${step}: ${ends}`, async () => {
    await using desk = await openDesk({}, -60);
    const before = await entryOf(desk);
    await killAt(desk, desk.home.join(AUTH_FILE), step);
    assert.equal(refreshes(desk), BEFORE_REQUEST.has(step) ? 0 : 1);
    const after = await entryOf(desk);
    assert.equal(after["refresh"] !== before["refresh"], step === "renamed" || step === "saved");
    if (lost) return await isOver(desk);
    await goesOn(desk);
    assert.equal(refreshes(desk), 1, "what was asked for was not lost");
  });
}

Deno.test({
  name: "codex killed while it waits for the lock leaves everything as it was",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using desk = await openDesk({ faults: [fault("refresh", { delayMs: HELD_MS })] }, -60);
    await using holder = await desk.start(["run", "x"]);
    await until(() => refreshes(desk) === 1, "the holder of the lock asks the issuer");
    await using waiting = await desk.start(["run", "x"]);
    await until(() => hasOpen(waiting.pid, "auth.json.lock"), "another process waits");
    waiting.kill("SIGKILL");
    assert.equal((await waiting.ended).signal, "SIGKILL");
    await desk.simulator.clock.advance(HELD_MS);
    assert.equal((await holder.ended).code, 0);
    assert.equal(refreshes(desk), 1);
    await goesOn(desk);
  },
});

Deno.test("codex killed before the issuer has acted: the next run makes the request again", async () => {
  await using desk = await openDesk({ faults: [fault("refresh", { delayMs: HELD_MS })] }, -60);
  const before = await entryOf(desk);
  await using run = await desk.start(["run", "x"]);
  await until(() => refreshes(desk) === 1, "the request is there");
  run.kill("SIGKILL");
  await run.ended;
  assert.deepEqual(await entryOf(desk), before);
  await goesOn(desk);
  assert.equal(refreshes(desk), 2);
});

// The one case that nobody can mend: the issuer has spent the token, and its answer reached nobody.
Deno.test("codex killed after the issuer has acted and before its answer came: the sign-in is over", async () => {
  await using desk = await openDesk({
    faults: [fault("refresh", { delayMs: HELD_MS, effect: true })],
  }, -60);
  const before = await entryOf(desk);
  await using run = await desk.start(["run", "x"]);
  await until(() => refreshes(desk) === 1, "the request is there");
  run.kill("SIGKILL");
  await run.ended;
  assert.deepEqual(await entryOf(desk), before, "the file is whole");
  await isOver(desk);
  const marked = await entryOf(desk);
  assert.deepEqual({ ...marked, reauth: undefined }, { ...before, reauth: undefined });
});

Deno.test("codex killed after the issuer has acted: an issuer that forgives loses nothing", async () => {
  await using desk = await openDesk({
    refresh: { graceSeconds: 60 },
    faults: [fault("refresh", { delayMs: HELD_MS, effect: true })],
  }, -60);
  await using run = await desk.start(["run", "x"]);
  await until(() => refreshes(desk) === 1, "the request is there");
  run.kill("SIGKILL");
  await run.ended;
  await goesOn(desk);
});

Deno.test("codex killed while others wait: the next of them takes over, and all get their answers", async () => {
  await using desk = await openDesk({ faults: [fault("refresh", { delayMs: HELD_MS })] }, -60);
  await using first = await desk.start(["run", "x"]);
  await until(() => refreshes(desk) === 1, "the request is there");
  const others = Array.from({ length: 5 }, () => desk.run(["run", "x"]));
  first.kill("SIGKILL");
  await first.ended;
  for (const { code, stderr } of await Promise.all(others)) {
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  }
  assert.equal(refreshes(desk), 2);
});

Deno.test("codex interrupted by SIGINT and SIGTERM during a refresh keeps what it has spent", async () => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    await using desk = await openDesk({
      faults: [fault("refresh", { delayMs: HELD_MS, effect: true })],
    }, -60);
    const before = await entryOf(desk);
    await using run = await desk.start(["run", "x"]);
    await until(() => refreshes(desk) === 1, "the request is there");
    run.kill(signal);
    await desk.simulator.clock.advance(HELD_MS);
    assert.equal((await run.ended).code, status);
    assert.notEqual((await entryOf(desk))["refresh"], before["refresh"]);
    await goesOn(desk);
    assert.equal(refreshes(desk), 1);
  }
});

testMount("codex killed while it writes a file in place: it is whole at every step", async () => {
  for (
    const [step, written] of [["claimed", false], ["overwritten", true], ["cut", true]] as const
  ) {
    await using desk = await openDesk({}, -60);
    const source = await desk.home.write("source.json", await desk.home.read(AUTH_FILE), 0o600);
    const path = desk.home.join(AUTH_FILE);
    const before = await entryOf(desk);
    const mount = inMounts(`mount --bind '${source}' '${path}'`);
    await killAt(desk, path, step, mount);
    const { openai } = JSON.parse(await desk.home.read("source.json"));
    assert.equal(openai.refresh !== before["refresh"], written, step);
    const { code } = await desk.run(["run", "x"], { wrapper: mount });
    assert.equal(code, 0);
    assert.equal(refreshes(desk), 1, step);
    const text = await desk.home.read("source.json");
    // Blanks behind the end are no change to JSON; the next write takes them away.
    if (step !== "overwritten") assert.equal(text, text.trimEnd(), step);
  }
});
