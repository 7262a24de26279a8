/** `codex run` as others start it: cron, Node, xargs, make, a loop that reads. */
import assert from "node:assert/strict";
import { type Desk, openDesk } from "../support/desk.ts";
import { testWith } from "../support/need.ts";
import { cliEnv } from "../support/run_cli.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const HELLO = /^Hello from the simulator!.*$/;

/** A file that runs the real command, for programs that start others by their name. */
async function install(desk: Desk): Promise<string> {
  const words = [Deno.execPath(), "run", "-q", "--no-prompt", "--cached-only", "-A", CLI];
  const script = `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`;
  return await desk.home.write("bin/codex", script, 0o755);
}

async function start(
  desk: Desk,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const known = await cliEnv(desk.home.path);
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: desk.home.path,
    env: {
      ...known,
      ...desk.env,
      ...env,
      PATH: `${desk.home.join("bin")}:${known["PATH"]}`,
    },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(25_000),
  });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("codex run works in the environment that cron gives", async () => {
  await using desk = await openDesk();
  const codex = await install(desk);
  const known = await cliEnv(desk.home.path);
  // No TERM, no LANG, a short PATH, /bin/sh, and stdin at its end.
  const variables = {
    HOME: desk.home.path,
    LOGNAME: "somebody",
    SHELL: "/bin/sh",
    PATH: "/usr/bin:/bin",
    DENO_DIR: known["DENO_DIR"] ?? "",
    ...desk.env,
  };
  const env = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const { code, stdout, stderr } = await start(desk, "env", [
    "-i",
    ...env,
    "/bin/sh",
    "-c",
    `${codex} run x`,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout.trimEnd(), HELLO);
  assert.equal(stderr, "");
});

const NODE_PARENT = `
const { spawn } = require("node:child_process");
const child = spawn("codex", process.argv.slice(2), { stdio: ["pipe", "pipe", "pipe"] });
let out = "", err = "";
child.stdout.on("data", (data) => out += data);
child.stderr.on("data", (data) => err += data);
child.on("close", (code) => {
  console.log(JSON.stringify({ code, out, err }));
  process.exit(0);
});
`;

testWith(
  ["node"],
  "codex run ends by itself under a Node parent that leaves its pipes open",
  async () => {
    await using desk = await openDesk();
    await install(desk);
    await desk.home.write("parent.cjs", NODE_PARENT);
    const alone = await start(desk, "node", ["parent.cjs", "run", "--no-stdin", "x"]);
    const { code, out, err } = JSON.parse(alone.stdout);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out.trimEnd(), HELLO);
    const waits = ["parent.cjs", "run", "--stdin-timeout", "500ms", "x"];
    const silent = JSON.parse((await start(desk, "node", waits)).stdout);
    assert.equal(silent.code, 2);
    assert.match(silent.err, /open but silent[^]*--no-stdin/);
  },
);

Deno.test("codex run works eight at a time under xargs, each with its own answer", async () => {
  await using desk = await openDesk();
  await install(desk);
  const numbers = Array.from({ length: 16 }, (_, index) => `prompt-${index}`).join("\n");
  await desk.home.write("prompts.txt", `${numbers}\n`);
  const { code, stdout, stderr } = await start(desk, "sh", [
    "-c",
    "xargs -P 8 -n 1 codex run < prompts.txt",
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  // They write as they come, between each other; whole they are all the same.
  assert.equal(stdout.split("\n").length - 1, 16);
  const asked = desk.simulator.requestsTo("responses").map(({ json }) =>
    (json as { input: { content: { text: string }[] }[] }).input.at(-1)?.content[0]?.text
  );
  assert.deepEqual(asked.toSorted(), numbers.split("\n").toSorted());
});

testWith(["make"], "codex run works in a recipe of make, in parallel too", async () => {
  await using desk = await openDesk();
  await install(desk);
  const targets = "one.txt two.txt three.txt";
  await desk.home.write(
    "Makefile",
    `all: ${targets}\n%.txt:\n\t@codex run "write $*" -o $@ > /dev/null\n.DELETE_ON_ERROR:\n` +
      "failing:\n\t@codex run -m none x\n",
  );
  const { code, stderr } = await start(desk, "make", ["-s", "-j3"]);
  assert.equal(code, 0, stderr);
  for (const name of targets.split(" ")) {
    assert.match((await desk.home.read(name)).trimEnd(), HELLO);
  }
  const failing = await start(desk, "make", ["-s", "failing"]);
  assert.equal(failing.code, 2);
  assert.match(failing.stderr, /failing\] Error 6/);
});

Deno.test("codex run --no-stdin leaves a loop its lines, and without it takes them", async () => {
  await using desk = await openDesk();
  await install(desk);
  await desk.home.write("names.txt", "Ada\nBob\nCyd\n");
  const loop = (flag: string) =>
    `while read -r name; do codex run ${flag} "greet $name"; done < names.txt`;
  const told = await start(desk, "sh", ["-c", loop("--no-stdin")]);
  assert.equal(told.code, 0, told.stderr);
  assert.equal(told.stdout.trimEnd().split("\n").length, 3);
  desk.simulator.clearRequests();
  const untold = await start(desk, "sh", ["-c", loop("")]);
  assert.equal(untold.stdout.trimEnd().split("\n").length, 1, "as the help says");
  const closed = await start(desk, "sh", ["-c", loop("</dev/null")]);
  assert.equal(closed.stdout.trimEnd().split("\n").length, 3);
});

Deno.test("codex run gives a command substitution its answer and its status", async () => {
  await using desk = await openDesk();
  await install(desk);
  const { stdout } = await start(desk, "sh", [
    "-c",
    'a=$(codex run x) && echo "<$a>"; b=$(codex run -m none x 2>/dev/null) || echo "status $? <$b>"',
  ]);
  assert.match(stdout, /^<Hello from [^>]*>\nstatus 6 <>\n$/);
});
