/** `codex run -o`, `-x`, and what of stdout cannot be written. */
import assert from "node:assert/strict";
import { cut, httpError, reply, silent } from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { testWith } from "../support/need.ts";

/** What whoever installs the command gives it. */
const INSTALLED = "read write env net run sys=uid".split(" ").map((name) => `--allow-${name}`);

Deno.test("codex run -o writes the answer to the file as well, as stdout has it", async () => {
  await using desk = await openDesk({ turns: [reply("Yes.\n\n", { chunks: 2 })] });
  const { code, stdout, stderr } = await desk.run(["run", "x", "-o", "answer.txt"]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "Yes.\n", stderr: "" });
  assert.equal(await desk.home.read("answer.txt"), "Yes.\n");
  assert.deepEqual((await desk.home.list()).filter((name) => name.includes("answer")), [
    "answer.txt",
  ]);
});

Deno.test("codex run -o replaces a file as a whole, keeps its mode and follows a link to it", async () => {
  await using desk = await openDesk({ turns: [reply("new")] });
  const file = await desk.home.write("kept/answer.txt", "old and longer\n", 0o640);
  await Deno.chmod(file, 0o640);
  await Deno.symlink(file, desk.home.join("link"));
  assert.equal((await desk.run(["run", "x", "-o", "link"])).code, 0);
  assert.equal(await desk.home.read("kept/answer.txt"), "new\n");
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o640);
  assert.ok((await Deno.lstat(desk.home.join("link"))).isSymlink);
});

Deno.test("codex run -o leaves the old file as it was when the run fails", async () => {
  await using desk = await openDesk({
    turns: [cut({ text: "half an answer", afterChunks: 2 }), httpError(400, { detail: "No" })],
  });
  await desk.home.write("answer.txt", "old\n", 0o600);
  assert.equal((await desk.run(["run", "x", "-o", "answer.txt"])).code, 5);
  assert.equal((await desk.run(["run", "x", "-o", "answer.txt"])).code, 6);
  assert.equal(await desk.home.read("answer.txt"), "old\n");
  assert.equal(((await Deno.stat(desk.home.join("answer.txt"))).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(await desk.home.list(), [".local", "answer.txt"]);
});

for (
  const signals of [
    ["SIGINT"],
    ["SIGTERM"],
    // As `deno task` passes one keystroke on, and as a terminal that is closed.
    ["SIGINT", "SIGINT"],
    ["SIGHUP", "SIGTERM"],
  ] as const
) {
  Deno.test(`codex run -o --session leaves nothing behind after ${signals.join(" and ")}`, async () => {
    await using desk = await openDesk({ turns: [silent({ text: "some words", afterChunks: 1 })] });
    const args = ["run", "x", "-o", "answer.txt", "--session", "talk.json"];
    await using run = await desk.start(args);
    await run.waitForStdout("some");
    for (const signal of signals) run.kill(signal);
    assert.equal((await run.ended).code, signals[0] === "SIGINT" ? 130 : 143);
    assert.deepEqual(await desk.home.list(), [".local"]);
  });
}

Deno.test("codex run -o says before it asks that a place cannot be written", async () => {
  await using desk = await openDesk();
  await desk.home.write("a-file", "");
  await Deno.symlink("nowhere/at/all", desk.home.join("broken"));
  for (
    const path of ["-", "none/answer.txt", ".", "a-file/answer.txt", "broken", "/proc/nothing/here"]
  ) {
    const { code, stdout, stderr } = await desk.run(["run", "x", "-o", path]);
    assert.equal(code, 2, `${path}: ${stderr}`);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^codex: (Cannot write "|The answer goes to stdout)[^\n]+\nhint: [^\n]+\n$/,
    );
  }
  assert.equal(desk.simulator.requestsTo("responses").length, 0, "nothing was asked");
});

Deno.test("codex run -o writes a device as it is, and says that one is full", async () => {
  await using desk = await openDesk();
  const nothing = await desk.run(["run", "x", "-o", "/dev/null"]);
  assert.equal(nothing.code, 0, nothing.stderr);
  assert.ok((await Deno.stat("/dev/null")).isCharDevice);
  const full = await desk.run(["run", "x", "-o", "/dev/full"]);
  assert.equal(full.code, 1);
  assert.match(full.stderr, /Cannot write the answer to "\/dev\/full": no space is left\nhint: /);
});

Deno.test("codex run -o writes our own streams, below the answer, without every permission", async () => {
  await using desk = await openDesk();
  const options = { permissions: INSTALLED };
  const [out, err] = [
    await desk.run(["run", "x", "-o", "/dev/stdout"], options),
    await desk.run(["run", "x", "-o", "/dev/stderr"], options),
  ];
  const { stdout: answer } = err;
  assert.deepEqual([out.code, out.stdout, out.stderr], [0, answer + answer, ""]);
  assert.deepEqual([err.code, err.stderr], [0, answer]);
  const other = await desk.run(["run", "x", "-o", "/dev/full"], options);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /^hint: Deno opens devices with deno run -A alone/m);
  assert.equal(desk.simulator.requestsTo("responses").length, 2);
});

for (const more of [[], ["--json"], ["-x"]]) {
  const typed = ["codex run", ...more, "-o"].join(" ");
  Deno.test(`${typed} writes the file where stdout is full, and ends with 1 all the same`, async () => {
    const text = "```\nYes.\n```\n";
    await using desk = await openDesk({ turns: [reply(text, { chunks: 5 })] });
    const { code, stderr } = await desk.run(["run", ...more, "x", "-o", "answer.txt"], {
      wrapper: ["sh", "-c", 'exec "$@" > /dev/full', "sh"],
    });
    assert.equal(code, 1);
    assert.match(stderr, /^codex: Cannot write the output: no space is left\nhint: /);
    assert.equal(await desk.home.read("answer.txt"), more[0] === "-x" ? "Yes.\n" : text);
  });
}

Deno.test("codex run -o writes a pipe to its reader", async () => {
  await using desk = await openDesk({ turns: [reply("through a pipe")] });
  const fifo = desk.home.join("pipe");
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  const reading = Deno.readTextFile(fifo);
  assert.equal((await desk.run(["run", "x", "-o", "pipe"])).code, 0);
  assert.equal(await reading, "through a pipe\n");
  assert.ok((await Deno.stat(fifo)).isFifo);
});

Deno.test("codex run -o does not wait for a pipe's reader beyond --timeout", async () => {
  await using desk = await openDesk();
  await new Deno.Command("mkfifo", { args: [desk.home.join("pipe")] }).output();
  const { code } = await desk.run(["run", "x", "-o", "pipe", "--timeout", "1s"]);
  assert.equal(code, 124);
});

testWith(["setpriv"], "codex run -o refuses a file that is not ours to write", async () => {
  await using desk = await openDesk();
  await desk.home.write("theirs.txt", "old\n", 0o444);
  const { code, stderr } = await desk.run(["run", "x", "-o", "theirs.txt"], {
    // Root without the right to write everything is like everybody else.
    wrapper: Deno.uid() === 0 ? ["setpriv", "--bounding-set", "-dac_override", "--"] : [],
  });
  assert.equal(code, 2, stderr);
  assert.match(stderr, /Cannot write "theirs.txt": permission is denied/);
});

const CODE = "Here you are:\n\n```sh\necho one\necho two\n```\n\nThat is all.";

Deno.test("codex run -x writes the fenced code alone, to stdout and to the file", async () => {
  await using desk = await openDesk({ turns: [reply(CODE, { chunks: 9 })] });
  const { code, stdout, stderr } = await desk.run(["run", "-x", "-o", "script.sh", "x"]);
  assert.deepEqual({ code, stdout, stderr }, {
    code: 0,
    stdout: "echo one\necho two\n",
    stderr: "",
  });
  assert.equal(await desk.home.read("script.sh"), stdout);
});

Deno.test("codex run -x takes the first of several blocks, and says so", async () => {
  await using desk = await openDesk({ turns: [reply("```\na\n```\nor\n```\nb\n```")] });
  const { code, stdout, stderr } = await desk.run(["run", "-x", "x"]);
  assert.deepEqual([code, stdout], [0, "a\n"]);
  assert.match(stderr, /^warning: the answer has 2 blocks of code[^\n]*\n$/);
});

Deno.test("codex run -x ends with 7 and nothing on stdout when there is no code", async () => {
  await using desk = await openDesk({ turns: [reply("No code."), reply("No code.")] });
  await desk.home.write("script.sh", "old\n");
  const { code, stdout, stderr } = await desk.run(["run", "-x", "-o", "script.sh", "x"]);
  assert.deepEqual([code, stdout], [7, ""]);
  assert.match(stderr, /^codex: The answer has no fenced code\nhint: [^\n]+\n$/);
  assert.equal(await desk.home.read("script.sh"), "old\n");
  const json = await desk.run(["run", "-x", "--json", "x"]);
  const last = JSON.parse(json.stdout.trimEnd().split("\n").at(-1) ?? "");
  assert.deepEqual([last.type, last.code, last.text], ["error", "output_invalid", "No code."]);
});

Deno.test("codex run -x asks again with --repair", async () => {
  await using desk = await openDesk({ turns: [reply("Sure."), reply("```\nok\n```")] });
  const { code, stdout } = await desk.run(["run", "-x", "--repair", "1", "x"]);
  assert.deepEqual([code, stdout], [0, "ok\n"]);
  assert.equal(desk.simulator.requestsTo("responses").length, 2);
});
