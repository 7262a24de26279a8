import assert from "node:assert/strict";
import { cliEnv, runCli, type RunningCli, startCli } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWith } from "../support/need.ts";
import { Tmux } from "../support/tmux.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** The command as a program among others: a script that finds it on the PATH. */
async function installed(dir: TempDir): Promise<Record<string, string>> {
  const run = `exec '${Deno.execPath()}' run -q --no-prompt --cached-only -A '${CLI}' "$@"`;
  await dir.write("bin/codex", `#!/bin/sh\n${run}\n`, 0o755);
  await Deno.mkdir(dir.join("tmp"));
  const path = Deno.env.get("PATH") ?? "/usr/bin:/bin";
  return { PATH: `${dir.join("bin")}:${path}`, TMPDIR: dir.join("tmp") };
}

/** Nothing is left of the simulator's own folder. */
async function assertNothingLeft(dir: TempDir): Promise<void> {
  assert.deepEqual(await dir.list("tmp"), []);
}

/** Waits until a program writes that it is there. */
async function ready(cli: RunningCli): Promise<void> {
  await cli.waitForStdout("ready\n");
}

Deno.test("codex simulator -- COMMAND runs a script that is signed in, and ends as it does", async () => {
  await using dir = await TempDir.make();
  const env = await installed(dir);
  const script = await dir.write(
    "script.sh",
    'codex status --json >status.json && codex run --no-stdin "hello" && exit 7\n',
  );
  const { code, stdout, stderr } = await runCli(["simulator", "--", "sh", script], {
    home: dir.path,
    env,
  });
  assert.equal(stdout, "Hello from the simulator! Every part of this sentence came by itself.\n");
  assert.equal(stderr, "");
  assert.equal(code, 7);
  assert.equal(JSON.parse(await dir.read("status.json")).email, "ada@example.com");
  // The sign-in of the home was neither needed nor made.
  assert.deepEqual((await dir.list()).sort(), ["bin", "script.sh", "status.json", "tmp"]);
  await assertNothingLeft(dir);
});

Deno.test("codex simulator -- COMMAND bears a program that removes the sign-in's folder", async () => {
  await using dir = await TempDir.make();
  const script = 'rm -r "$(dirname "$CODEX_AUTH_FILE")"; exit 7';
  const { code, stderr } = await runCli(["simulator", "--", "sh", "-c", script], {
    home: dir.path,
    env: await installed(dir),
  });
  assert.deepEqual([code, stderr], [7, ""]);
  await assertNothingLeft(dir);
});

Deno.test("codex simulator -- COMMAND passes arguments and stdin on as they are", async () => {
  await using dir = await TempDir.make();
  const { code, stdout } = await runCli(
    [
      "simulator",
      "--port",
      "0",
      "--",
      "sh",
      "-c",
      'cat; printf "<%s>" "$@"',
      "-",
      "--json",
      "",
      "-v",
    ],
    { home: dir.path, env: await installed(dir), stdin: "piped\n" },
  );
  assert.equal(stdout, "piped\n<--json><><-v>");
  assert.equal(code, 0);
});

Deno.test("codex simulator --json -- COMMAND writes one line before the program's own", async () => {
  await using dir = await TempDir.make();
  const { stdout } = await runCli(
    ["simulator", "--json", "--", "sh", "-c", "echo $CODEX_BASE_URL"],
    {
      home: dir.path,
      env: await installed(dir),
    },
  );
  const [first = "", second, ...rest] = stdout.split("\n");
  assert.equal(second, JSON.parse(first).env.CODEX_BASE_URL);
  assert.deepEqual(rest, [""]);
});

Deno.test("codex simulator --tls -- COMMAND is trusted by a program that reads the environment", async () => {
  await using dir = await TempDir.make();
  const { code, stdout, stderr } = await runCli(
    ["simulator", "--tls", "--", "codex", "run", "--no-stdin", "hello"],
    { home: dir.path, env: await installed(dir) },
  );
  assert.equal(stderr, "");
  assert.match(stdout, /^Hello from the simulator!/);
  assert.equal(code, 0);
  await assertNothingLeft(dir);
});

Deno.test("codex simulator says that TMPDIR is no folder, with status 2", async () => {
  await using dir = await TempDir.make();
  const TMPDIR = dir.join("nowhere");
  const { code, stdout, stderr } = await runCli(["simulator", "--", "true"], {
    home: dir.path,
    env: { ...await installed(dir), TMPDIR },
  });
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    `codex: Cannot make a folder in TMPDIR, "${TMPDIR}"\n` +
      "hint: Set TMPDIR to a folder that can be written to\n",
  );
  assert.equal(code, 2);
});

const ENDINGS = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 143]] as const;

for (const [signal, status] of ENDINGS) {
  Deno.test(`codex simulator ends by ${signal} with ${status}, and leaves nothing`, async () => {
    await using dir = await TempDir.make();
    await using cli = await startCli(["simulator"], { home: dir.path, env: await installed(dir) });
    await ready(cli);
    assert.equal((await dir.list("tmp")).length, 1);
    cli.kill(signal);
    const { code, stderr } = await cli.ended;
    assert.equal(code, status);
    assert.equal(stderr, "");
    await assertNothingLeft(dir);
  });

  Deno.test(`codex simulator -- COMMAND lets the program end by ${signal}, and ends as it does`, async () => {
    for (const [trap, expected] of [["exit 9", 9], ["", status]] as const) {
      await using dir = await TempDir.make();
      const program = `${
        trap && `trap '${trap}' INT TERM;`
      } echo ready; while :; do sleep 0.05; done`;
      await using cli = await startCli(["simulator", "--", "sh", "-c", program], {
        home: dir.path,
        env: await installed(dir),
      });
      await ready(cli);
      cli.kill(signal);
      assert.equal((await cli.ended).code, expected);
      await assertNothingLeft(dir);
    }
  });
}

Deno.test("codex simulator -- COMMAND ends as a shell says of a program that a signal ended", async () => {
  await using dir = await TempDir.make();
  const { code } = await runCli(["simulator", "--", "sh", "-c", "kill -9 $$"], {
    home: dir.path,
    env: await installed(dir),
  });
  assert.equal(code, 137);
});

/** A few of the scenarios, through the real command: what it ends with. */
const STATUSES: readonly (readonly [scenario: string, status: number, stderr: RegExp])[] = [
  [`{"turns":[{"usageLimit":{"resetsIn":600}}]}`, 4, /usage limit of the plus plan is reached/],
  [`{"turns":[{"cut":{"how":"reset"},"text":"One two"}]}`, 5, /^codex: /m],
  [`{"turns":[{"incomplete":"max_output_tokens","text":"Once"}]}`, 9, /reached the output limit/],
  [`{"signedIn":false}`, 3, /hint: .*codex login/],
  [
    `{"faults":[{"refreshFails":"refresh_token_expired"}],"tokens":{"lifetimeSeconds":-1}}`,
    3,
    /codex login/,
  ],
  [`{"turns":[{"failed":"context_length_exceeded"}]}`, 6, /larger than the model takes/],
];

for (const [scenario, status, stderr] of STATUSES) {
  Deno.test(`codex run against ${scenario} ends with ${status}`, async () => {
    await using dir = await TempDir.make();
    const file = await dir.write("scenario.json", scenario);
    const result = await runCli(
      ["simulator", "--scenario", file, "--", "codex", "run", "--no-stdin", "hello"],
      { home: dir.path, env: await installed(dir) },
    );
    assert.match(result.stderr, stderr);
    assert.equal(result.code, status);
  });
}

Deno.test("codex simulator ends with 1 when a request is not as expected, whatever the program says", async () => {
  await using dir = await TempDir.make();
  const file = await dir.write(
    "scenario.json",
    '{"turns":[{"reply":"Four."}],"expect":[{"prompt":"2 + 2","effort":"high"}]}',
  );
  const run = (effort: string) =>
    runCli(
      ["simulator", "--scenario", file, "--", "codex", "run", "--no-stdin", "-e", effort, "2 + 2"],
      { home: dir.path, env: { ...env } },
    );
  const env = await installed(dir);
  const good = await run("high");
  assert.deepEqual([good.code, good.stdout, good.stderr], [0, "Four.\n", ""]);
  const bad = await run("low");
  assert.deepEqual([bad.code, bad.stdout], [1, "Four.\n"]);
  assert.equal(
    bad.stderr,
    "codex: POST /backend-api/codex/responses is not as expected (/expect/0)\n" +
      '- effort: "high"\n+ effort: "low"\n',
  );
});

testWith(["tmux"], "codex simulator on a terminal tells each request, until Ctrl-C", async () => {
  await using dir = await TempDir.make();
  const env = { ...await cliEnv(dir.path), ...await installed(dir) };
  await using terminal = await Tmux.start(["codex", "simulator"], { env, cwd: dir.path });
  const screen = await terminal.waitFor("# ready");
  const [page = ""] = /http:\S+\/codex\/device/.exec(screen.replaceAll("\n", "")) ?? [];
  await (await fetch(page)).text();
  await terminal.waitFor("GET /codex/device 200");
  await terminal.press("C-c");
  assert.equal(await terminal.status(), 130);
  await assertNothingLeft(dir);
});

testWith(["tmux"], "codex simulator -- COMMAND leaves Ctrl-C to the program", async () => {
  await using dir = await TempDir.make();
  const env = { ...await cliEnv(dir.path), ...await installed(dir) };
  const program = `n=0; trap 'n=$((n+1)); echo "got $n"' INT; echo ready; ` +
    `while [ $n -lt 2 ]; do sleep 0.05; done; exit 5`;
  await using terminal = await Tmux.start(["codex", "simulator", "--", "sh", "-c", program], {
    env,
  });
  await terminal.waitFor("ready");
  await terminal.press("C-c");
  await terminal.waitFor("got 1");
  assert.doesNotMatch(await terminal.screen(), /got 2|\[status/);
  await terminal.press("C-c");
  assert.equal(await terminal.status(), 5);
  await assertNothingLeft(dir);
});
