import assert from "node:assert/strict";
import { SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { until } from "../../support/until.ts";
import { alive, run, sandboxIn, uniqueSleep } from "./support.ts";

const FREE = { unconfined: true };

Deno.test("startUnconfined() gives both outputs in their order, and the status", async () => {
  await using dir = await TempDir.make();
  const { exitCode, timedOut, output } = await run(
    sandboxIn(dir.path),
    "echo a; echo b >&2; echo c; pwd; exit 5",
    FREE,
  );
  assert.deepEqual({ exitCode, timedOut }, { exitCode: 5, timedOut: false });
  assert.equal(output, `a\nb\nc\n${dir.path}\n`);
  assert.equal((await run(sandboxIn(dir.path), "kill -TERM $$", FREE)).exitCode, 143);
});

Deno.test("startUnconfined() keeps secrets of the environment outside too", async () => {
  await using dir = await TempDir.make();
  const environment = { PATH: "/usr/bin:/bin", GITHUB_TOKEN: "x", CODEX_ACCESS_TOKEN: "x" };
  const sandbox = sandboxIn(dir.path, {}, { host: { environment, cwd: "/" } });
  const { output } = await run(sandbox, "env", FREE);
  assert.match(output, /^PATH=/m);
  assert.doesNotMatch(output, /TOKEN/);
});

Deno.test("startUnconfined() ends what a command leaves in its session", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const command = `for i in 1 2 3; do sleep ${sleep} & done; set -m; sleep ${sleep} & echo begun`;
  const { output, ms } = await run(sandboxIn(dir.path), command, FREE);
  assert.equal(output, "begun\n");
  assert.ok(ms < 10_000);
  await until(() => alive(sleep) === 0, "no process is left");
});

Deno.test("startUnconfined() ends a command that is late, with those that left its session", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const command = `trap '' TERM; setsid sleep ${sleep} & echo begun; sleep ${sleep}`;
  const { exitCode, timedOut } = await run(sandboxIn(dir.path), command, {
    ...FREE,
    timeoutMs: 400,
  });
  assert.deepEqual({ exitCode, timedOut }, { exitCode: 137, timedOut: true });
  await until(() => alive(sleep) === 0, "no process is left");
});

/** Leaves the session, and is nobody's child any more. */
const away = (sleep: string) => `(setsid sleep ${sleep} &) ; (setsid sh -c 'sleep ${sleep}' &)`;

Deno.test("startUnconfined() ends whoever left its session and has no parent", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const { output } = await run(sandboxIn(dir.path), `${away(sleep)}; sleep 0.05; echo begun`, FREE);
  assert.equal(output, "begun\n");
  await until(() => alive(sleep) === 0, "no process is left");
});

Deno.test("startUnconfined() ends them too when it is late or aborted", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const command = `trap '' TERM INT; ${away(sleep)}; sleep 0.05; echo begun; sleep ${sleep}`;
  const { timedOut } = await run(sandboxIn(dir.path), command, { ...FREE, timeoutMs: 400 });
  assert.ok(timedOut);
  await until(() => alive(sleep) === 0, "no process is left");
  const controller = new AbortController();
  const onOutput = () => controller.abort(new Error("enough"));
  const { signal } = controller;
  await assert.rejects(run(sandboxIn(dir.path), command, { ...FREE, signal, onOutput }), /enough/);
  await until(() => alive(sleep) === 0, "no process is left");
});

Deno.test("startUnconfined() does not wait for whoever keeps the output open", async () => {
  await using dir = await TempDir.make();
  // Without its session, its parent and its environment it gets away, but holds nobody up.
  const { output, ms } = await run(
    sandboxIn(dir.path),
    "env -i setsid sleep 3 & sleep 0.05; echo begun",
    FREE,
  );
  assert.equal(output, "begun\n");
  assert.ok(ms < 2500, `${ms}`);
});

Deno.test("startUnconfined() rejects with the reason of its signal", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const controller = new AbortController();
  const running = run(sandboxIn(dir.path), `echo begun; sleep ${sleep}`, {
    ...FREE,
    signal: controller.signal,
    onOutput: () => controller.abort(new Error("enough")),
  });
  await assert.rejects(running, /enough/);
  await until(() => alive(sleep) === 0, "no process is left");
});

Deno.test("startUnconfined() says which folder is not there", async () => {
  await using dir = await TempDir.make();
  const running = run(sandboxIn(dir.path), "true", { ...FREE, cwd: dir.join("missing") });
  await assert.rejects(running, SandboxError);
});
