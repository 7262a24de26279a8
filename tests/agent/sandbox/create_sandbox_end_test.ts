/** Nothing of a command outlives it, however it ends. */
import assert from "node:assert/strict";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { until } from "../../support/until.ts";
import { alive, run, sandboxIn, uniqueSleep } from "./support.ts";

testWith(["bwrap"], "createSandbox() ends what a command leaves in the background", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const { exitCode, output } = await run(
    sandboxIn(dir.path),
    `for i in $(seq 200); do sleep ${sleep} & done; setsid sleep ${sleep} & nohup sleep ${sleep} &
     (trap '' TERM HUP INT; sleep ${sleep}) & sleep 0.05; echo begun`,
  );
  assert.equal(exitCode, 0);
  assert.match(output, /begun\n$/);
  await until(() => alive(sleep) === 0, "no process is left");
});

testWith(["bwrap"], "createSandbox() ends a command when its time is up", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const command = `trap '' TERM; setsid sleep ${sleep} & echo begun; sleep ${sleep}`;
  const { exitCode, timedOut, output } = await run(sandboxIn(dir.path), command, {
    timeoutMs: 250,
  });
  assert.deepEqual({ exitCode, timedOut }, { exitCode: 137, timedOut: true });
  assert.equal(output, "begun\n");
  await until(() => alive(sleep) === 0, "no process is left");
});

testWith(["bwrap"], "createSandbox() ends a command whose signal is aborted", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const reason = new Error("enough");
  const controller = new AbortController();
  const running = run(sandboxIn(dir.path), `echo begun; sleep ${sleep}`, {
    signal: controller.signal,
    onOutput: () => controller.abort(reason),
  });
  await assert.rejects(running, reason);
  await until(() => alive(sleep) === 0, "no process is left");
});

testWith(["bwrap"], "createSandbox() can be aborted before anything has begun", async () => {
  await using dir = await TempDir.make();
  const sandbox = sandboxIn(dir.path);
  await sandbox.confinement();
  const sleep = uniqueSleep();
  const controller = new AbortController();
  const running = run(sandbox, `sleep ${sleep}`, { signal: controller.signal });
  controller.abort(new Error("at once"));
  await assert.rejects(running, /at once/);
  await assert.rejects(run(sandbox, "true", { signal: controller.signal }), /at once/);
  await until(() => alive(sleep) === 0, "no process is left");
});

testWith(["bwrap"], "createSandbox() ends a command whose output nobody takes", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const running = run(sandboxIn(dir.path), `echo begun; sleep ${sleep}`, {
    onOutput: () => {
      throw new Error("full");
    },
  });
  await assert.rejects(running, /full/);
  await until(() => alive(sleep) === 0, "no process is left");
});

testWith(["bwrap"], "createSandbox() leaves nothing alive when its process is killed", async () => {
  await using dir = await TempDir.make();
  const sleep = uniqueSleep();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "-q",
      "--no-check",
      new URL("sandbox_child.ts", import.meta.url).pathname,
      dir.path,
      `setsid sleep ${sleep} & sleep ${sleep}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until(() => alive(sleep) === 2, "the command has begun");
  child.kill("SIGKILL");
  await child.status;
  await until(() => alive(sleep) === 0, "no process is left");
  assert.ok((await dir.list()).includes(".codex"), "there was no time to tidy up");
  await run(sandboxIn(dir.path), "true");
  assert.deepEqual(await dir.list(), []);
});

testWith(["bwrap"], "createSandbox() gives every command a new /tmp and environment", async () => {
  await using dir = await TempDir.make();
  const sandbox = sandboxIn(dir.path);
  const first = "echo x >/tmp/left; cat /tmp/left; export LD_PRELOAD=/tmp/left LEFT=1";
  assert.equal((await run(sandbox, first)).output, "x\n");
  const second = 'ls -A /tmp | grep -v .cache | grep -c left; echo "[$LD_PRELOAD$LEFT]"';
  assert.equal((await run(sandbox, second)).output, "0\n[]\n");
});
