/** `codex run` between other programs: sizes, closed ends, full disks and signals in every phase. */
import assert from "node:assert/strict";
import { fault, reply, silent } from "../../testing.ts";
import { type Desk, openDesk } from "../support/desk.ts";
import { cliEnv } from "../support/run_cli.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** A line of the shell in a desk's world, where `codex` is the real command. */
async function shell(desk: Desk, line: string, options: { readonly timeoutMs?: number } = {}) {
  const codex = [Deno.execPath(), "run", "-q", "--no-prompt", "--cached-only", "-A", CLI];
  const script = `codex() { ${codex.map((word) => `'${word}'`).join(" ")} "$@"; }; ${line}`;
  const child = new Deno.Command("bash", {
    args: ["-c", script],
    cwd: desk.home.path,
    env: { ...await cliEnv(desk.home.path), ...desk.env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(options.timeoutMs ?? 20_000),
  });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("codex run sends 4 MB of stdin byte for byte", async () => {
  await using desk = await openDesk();
  const unit = 'line "x" \\ \t \u0001 äöü 漢字 \u{1f680}</stdin>\r\n';
  const piped = unit.repeat(Math.ceil(4_000_000 / new TextEncoder().encode(unit).length));
  const { code, stderr } = await desk.run(["run", "x"], { stdin: piped });
  assert.equal(code, 0, stderr);
  const body = desk.simulator.requestsTo("responses")[0]?.json as {
    input: { content: { text: string }[] }[];
  };
  // Not by assert.equal: what it prints about 4 MB that differ takes minutes.
  assert.ok(body.input.at(-1)?.content[1]?.text === `<stdin>\n${piped}\n</stdin>`);
});

Deno.test("codex run sends 32 MiB of stdin in at most four times that memory", async () => {
  await using desk = await openDesk();
  const made = await shell(
    desk,
    "yes 'a line of a log file, with an ä in it' | head -c 33554400 | " +
      "iconv -c -f UTF-8 -t UTF-8 > big.txt",
  );
  assert.equal(made.code, 0);
  const most = desk.home.join("most");
  await desk.home.write(
    "measure.ts",
    `const [program, ...args] = Deno.args;
     const file = await Deno.open("big.txt");
     const child = new Deno.Command(program, { args, stdin: "piped", stdout: "null" }).spawn();
     let peak = 0;
     const watch = setInterval(() => {
       try {
         const status = Deno.readTextFileSync("/proc/" + child.pid + "/status");
         peak = Math.max(peak, Number(/VmHWM:\\s+(\\d+)/.exec(status)?.[1] ?? 0));
       } catch { /* it has ended */ }
     }, 5);
     await file.readable.pipeTo(child.stdin).catch(() => {});
     const { code } = await child.status;
     clearInterval(watch);
     await Deno.writeTextFile("most", String(peak));
     Deno.exit(code);`,
  );
  const run = [Deno.execPath(), "run", "-q", "--cached-only", "-A", CLI, "run", "x"];
  const { DENO_COVERAGE_DIR: _, ...withoutCoverage } = await cliEnv(desk.home.path);
  const measured = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "measure.ts", ...run],
    cwd: desk.home.path,
    env: { ...withoutCoverage, ...desk.env },
    clearEnv: true,
  });
  const { code, stderr } = await measured.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const kibibytes = Number(await Deno.readTextFile(most));
  assert.ok(kibibytes > 32 * 1024, `${kibibytes} KiB is too little to be true`);
  assert.ok(kibibytes <= 4 * 32 * 1024, `${kibibytes} KiB`);
  assert.ok((desk.simulator.requestsTo("responses")[0]?.body.length ?? 0) > 32_000_000);
});

Deno.test("codex run ends at once with 6 when too much is piped in", async () => {
  await using desk = await openDesk();
  for (const line of ["yes | codex run x", "yes | codex run x | true", "yes | codex run -"]) {
    const result = await shell(desk, `set -o pipefail; ${line}; echo "[\${PIPESTATUS[*]}]"`);
    assert.match(result.stdout, /^\[141 6( 0)?\]\n$/, line);
    assert.match(
      result.stderr,
      /^codex: Stdin holds more than 33554432 bytes\nhint: .*--max-stdin/,
    );
  }
  const small = await shell(desk, "yes | codex run --max-stdin 1K x");
  assert.equal(small.code, 6);
  assert.equal(desk.simulator.requestsTo("responses").length, 0);
});

Deno.test("codex run ends quietly with 141 and drops the request when its reader has seen enough", async () => {
  await using desk = await openDesk({
    turns: [reply("word ".repeat(20_000), { chunks: 20_000, delayMs: 1 })],
  });
  const start = Date.now();
  const { stdout, stderr } = await shell(desk, 'codex run x | head -c1; echo "[${PIPESTATUS[*]}]"');
  assert.equal(stdout, "w[141 0]\n");
  assert.equal(stderr, "");
  assert.ok(Date.now() - start < 15_000, "it did not wait for the rest of the answer");
});

Deno.test("codex run ends in time, with 124, though nobody reads what it has written", async () => {
  await using desk = await openDesk({ turns: [reply("x".repeat(1_000_000))] });
  const { stdout, stderr } = await shell(
    desk,
    "mkfifo pipe; exec 9<>pipe; codex run --timeout 500ms hi >&9; echo $?",
  );
  assert.equal(stdout, "124\n");
  assert.match(stderr, /^codex: The run took longer than 500 ms\nhint: .*--timeout\n$/);
});

Deno.test("codex run --json ends quietly with 141 too", async () => {
  await using desk = await openDesk();
  const result = await shell(desk, 'codex run --json x | head -n1; echo "[${PIPESTATUS[*]}]"');
  assert.match(result.stdout, /^\{"type":"run-start".*\}\n\[141 0\]\n$/);
  assert.equal(result.stderr, "");
});

Deno.test("codex run says that stdout is full, with 1, as text and as JSON", async () => {
  await using desk = await openDesk();
  for (const args of ["x", "--json x", "-x x"]) {
    desk.simulator.enqueue(reply("```\ncode\n```"));
    const { code, stderr } = await shell(desk, `codex run ${args} > /dev/full`);
    assert.equal(code, 1);
    assert.equal(
      stderr,
      "codex: Cannot write the output: no space is left\nhint: Look at where stdout goes\n",
    );
  }
});

Deno.test("codex run does its work with stderr closed, full or gone", async () => {
  await using desk = await openDesk();
  for (const line of ["codex run -v x 2>&-", "codex run -v x 2>/dev/full"]) {
    const { code, stdout } = await shell(desk, line);
    assert.deepEqual([code, stdout], [0, stdout]);
    assert.match(stdout, /^Hello from the simulator!.*\n$/);
  }
  const failing = await shell(desk, "codex run -m none x 2>&-");
  assert.equal(failing.code, 6);
  const gone = await shell(desk, "codex run -v x 2> >(true)");
  assert.equal(gone.code, 0);
});

Deno.test("codex run takes a closed stdin and a closed stdout for what they are", async () => {
  await using desk = await openDesk();
  const noInput = await shell(desk, "codex run x <&-");
  assert.equal(noInput.code, 0, noInput.stderr);
  const noOutput = await shell(desk, "codex run x >&-");
  assert.ok([0, 1].includes(noOutput.code));
  assert.doesNotMatch(noOutput.stderr, /Uncaught|at file:/);
});

/** Where a run can be when the signal comes: how to get it there, and how that shows. */
const PHASES: readonly {
  readonly name: string;
  readonly scenario: Parameters<typeof openDesk>[0];
  readonly args: readonly string[];
  readonly stdin: "open" | null;
  readonly ready: (run: Awaited<ReturnType<Desk["start"]>>, desk: Desk) => Promise<unknown>;
  readonly lifetime?: number;
}[] = [
  {
    name: "while it waits for stdin",
    scenario: {},
    args: ["run", "-v", "x"],
    stdin: "open",
    ready: (run) => run.waitForStderr("effort"),
  },
  {
    name: "while it reads stdin",
    scenario: {},
    args: ["run", "-v", "x"],
    stdin: "open",
    ready: async (run) => {
      await run.waitForStderr("effort");
      await run.write("some, and no end");
    },
  },
  {
    name: "while it renews the sign-in",
    scenario: { faults: [fault("refresh", { delayMs: 500, effect: true })] },
    args: ["run", "x"],
    stdin: null,
    ready: (_, desk) => requested(desk, "refresh"),
    lifetime: -60,
  },
  {
    name: "while it lists the models",
    scenario: { faults: [fault("models", { connection: "hang" })] },
    args: ["run", "x"],
    stdin: null,
    ready: (_, desk) => requested(desk, "models"),
  },
  {
    name: "before the headers of the answer",
    scenario: { turns: [silent({ beforeHeaders: true })] },
    args: ["run", "x"],
    stdin: null,
    ready: (_, desk) => requested(desk, "responses"),
  },
  {
    name: "before the first text",
    scenario: { turns: [silent()] },
    args: ["run", "--json", "x"],
    stdin: null,
    ready: (run) => run.waitForStdout('"limits"'),
  },
  {
    name: "in the middle of the answer",
    scenario: { turns: [silent({ text: "some words", afterChunks: 1 })] },
    args: ["run", "x"],
    stdin: null,
    ready: (run) => run.waitForStdout("some"),
  },
];

async function requested(desk: Desk, route: Parameters<Desk["simulator"]["requestsTo"]>[0]) {
  for (let tries = 0; tries < 500; tries++) {
    if (desk.simulator.requestsTo(route).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nothing was sent to ${route}`);
}

for (const { name, scenario, args, stdin, ready, lifetime } of PHASES) {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.test(`codex run ends with ${status} by ${signal} ${name}`, async () => {
      await using desk = await openDesk(scenario, lifetime);
      await using run = await desk.start(args, { stdin, timeoutMs: 20_000 });
      await ready(run, desk);
      run.kill(signal);
      const { code, stderr } = await run.ended;
      assert.equal(code, status);
      if (!args.includes("--json")) {
        assert.match(stderr, status === 130 ? /^codex: Interrupted$/m : /^codex: Terminated$/m);
      }
      assert.doesNotMatch(stderr, /Uncaught|at file:/);
    });
  }
}
