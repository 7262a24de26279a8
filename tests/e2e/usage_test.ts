/** `codex usage` as a pipe and a machine see it. */
import assert from "node:assert/strict";
import { fault } from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { runCli } from "../support/run_cli.ts";

const LIMITS = {
  primary: { usedPercent: 40, windowMinutes: 300, resetsIn: 3600 },
  secondary: { usedPercent: 99, windowMinutes: 10_080, resetsIn: 86_400 },
};

Deno.test("codex usage tells plan and windows with one request, without bars in a pipe", async () => {
  await using desk = await openDesk({ limits: LIMITS });
  const { code, stdout, stderr } = await desk.run(["usage"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(
    stdout,
    /^Plan plus\n\n5 h {2}40% used {2}resets .* \(in (1 h|59 min.*)\)\n7 d {2}99% used {2}resets /,
  );
  assert.ok(!stdout.includes("█") && !stdout.includes("\x1b"));
  assert.deepEqual(desk.simulator.requests.map(({ route }) => route), ["usage"]);
});

Deno.test("codex usage --json prints the limits of the events", async () => {
  await using desk = await openDesk({ limits: LIMITS });
  const { code, stdout } = await desk.run(["usage", "--json"]);
  assert.equal(code, 0);
  const limits = JSON.parse(stdout);
  assert.equal(limits.plan, "plus");
  assert.equal(limits.primary.usedPercent, 40);
  assert.equal(limits.secondary.windowSeconds, 604_800);
  assert.ok(Date.parse(limits.primary.resetsAt) > Date.now());
});

Deno.test("codex usage ends with the status of what went wrong", async () => {
  await using desk = await openDesk({
    faults: [fault("usage", { status: 500, body: {}, times: "always" })],
  });
  const failed = await desk.run(["usage"]);
  assert.equal(failed.code, 5, failed.stderr);
  assert.match(failed.stderr, /^codex: [^\n]+\nhint: [^\n]+\n$/);
  const key = await runCli(["usage", "--auth", "api-key"], {
    env: { CODEX_API_KEY: "sk-1234567890" },
  });
  assert.equal(key.code, 2);
  assert.match(key.stderr, /An API key has no plan/);
});
