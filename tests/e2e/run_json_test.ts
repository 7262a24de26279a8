/** `codex run --json`: every run's events are those of the published schema. */
import assert from "node:assert/strict";
import {
  combine,
  completedOnly,
  customToolCall,
  cut,
  disconnected,
  failed,
  garbage,
  httpError,
  incomplete,
  oneBigDelta,
  rateLimited,
  reasoning,
  refuse,
  reply,
  silent,
  toolCall,
  type Turn,
  unauthorized,
  usageLimit,
} from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { eventsOf } from "../support/event_schema.ts";
import { runCli } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

Deno.test("codex run --json begins with run-start, ends with run-finish, and tells steps and usage", async () => {
  await using desk = await openDesk({ turns: [reply("Yes. No.", { chunks: 2 })] });
  const { code, stdout, stderr } = await desk.run(["run", "--json", "x"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const events = await eventsOf(stdout);
  assert.deepEqual(events.map(({ type }) => type), [
    "run-start",
    "step-start",
    "limits",
    "start",
    "text-start",
    "text-delta",
    "text-delta",
    "text-end",
    "finish",
    "step-finish",
    "run-finish",
  ]);
  const last = events.at(-1);
  assert.deepEqual([last?.["reason"], last?.["steps"], last?.["text"]], ["stop", 1, "Yes. No."]);
  assert.deepEqual(last?.["usage"], events.at(-2)?.["usage"]);
  assert.ok(Number(last?.["firstTokenMs"]) <= Number(last?.["ms"]));
});

/** Turns of every kind, the status they end with, and the reason that the last event tells. */
const RUNS: readonly (readonly [turns: readonly Turn[], code: number, reason: string])[] = [
  [[reply("")], 9, "failed"],
  [[combine(reasoning("Hm."), reply("Four.", { phase: "final_answer" }))], 0, "stop"],
  [[combine(reply("Let me see.", { phase: "commentary" }), reply("Four."))], 0, "stop"],
  [[oneBigDelta("word ".repeat(10_000))], 0, "stop"],
  [[completedOnly("whole")], 0, "stop"],
  [[rateLimited({ retryAfter: 0 }), reply("after a retry")], 0, "stop"],
  [[unauthorized(), reply("after a refresh")], 0, "stop"],
  [[garbage(), reply("after a retry")], 0, "stop"],
  [[usageLimit({ resetsIn: 3600, plan: "plus" })], 4, "failed"],
  [[rateLimited({ retryAfter: 3600 })], 4, "failed"],
  [[cut({ text: "one two three", afterChunks: 2 })], 5, "failed"],
  [[disconnected("reset"), reply("after a retry")], 0, "stop"],
  [[httpError(400, { detail: "Something is wrong" })], 6, "failed"],
  [[failed("server_error", "It broke", { text: "some text" })], 5, "failed"],
  [[refuse("I cannot help with that.")], 9, "refusal"],
  [[incomplete("max_output_tokens", { text: "some text" })], 9, "length"],
  [[incomplete("content_filter")], 9, "content-filter"],
  [[incomplete("something_new")], 9, "other"],
];

for (const [index, [turns, code, reason]] of RUNS.entries()) {
  const title = JSON.stringify(turns[0]).slice(0, 70);
  Deno.test(`codex run --json ends run ${index} with ${code} and ${reason}: ${title}`, async () => {
    await using desk = await openDesk({ turns });
    const result = await desk.run(["run", "--json", "x"], { timeoutMs: 60_000 });
    const events = await eventsOf(result.stdout);
    const last = events.at(-1);
    assert.equal(result.code, code, JSON.stringify(last));
    assert.equal(result.stderr, "");
    assert.equal(events[0]?.type, "run-start");
    assert.equal(last?.type, code === 0 ? "run-finish" : "error");
    assert.equal(events.filter(({ type }) => type === "error").length, code === 0 ? 0 : 1);
    assert.equal(last?.["reason"], reason);
    assert.equal(last?.["steps"], 1);
    const text = events.filter(({ type }) => type === "text-delta").map(({ delta }) => delta);
    if (code !== 0) assert.equal(last?.["text"], text.join(""));
    assert.ok(result.stdout.length < 20_000 + 8 * text.join("").length, "linear in the text");
  });
}

Deno.test("codex run --json tells calls of unknown tools as events too, and answers them", async () => {
  await using desk = await openDesk({
    turns: [combine(toolCall("a", { b: 1 }), customToolCall("c", "free text")), reply("Well.")],
  });
  const { stdout } = await desk.run(["run", "--json", "x"]);
  const events = await eventsOf(stdout);
  const calls = events.filter(({ type }) => type === "tool-call");
  assert.deepEqual(calls.map(({ name, input }) => [name, input]), [["a", { b: 1 }], [
    "c",
    "free text",
  ]]);
  const results = events.filter(({ type }) => type === "tool-result");
  assert.deepEqual(results.map(({ output, ok }) => [output, ok]), [
    ["unsupported call: a", false],
    ["unsupported call: c", false],
  ]);
  assert.equal(events.at(-1)?.["text"], "Well.");
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`codex run --json ends with what it had after ${signal}`, async () => {
    await using desk = await openDesk({ turns: [silent({ text: "some words", afterChunks: 1 })] });
    await using run = await desk.start(["run", "--json", "x"]);
    await run.waitForStdout("text-delta");
    run.kill(signal);
    const result = await run.ended;
    assert.equal(result.code, code);
    const last = (await eventsOf(result.stdout)).at(-1);
    assert.deepEqual([last?.["code"], last?.["reason"], last?.["text"]], [
      "aborted",
      "aborted",
      "some ",
    ]);
  });
}

Deno.test("codex run --json ends with timeout and what it had", async () => {
  await using desk = await openDesk({ turns: [silent({ text: "some words", afterChunks: 1 })] });
  const { code, stdout } = await desk.run(["run", "--json", "--timeout", "1s", "x"]);
  const last = (await eventsOf(stdout)).at(-1);
  assert.deepEqual([code, last?.["code"], last?.["text"]], [124, "timeout", "some "]);
});

Deno.test("codex run --json tells in one line what kept it from beginning", async () => {
  await using home = await TempDir.make();
  const signedOut = await runCli(["run", "--json", "x"], { home: home.path });
  assert.equal(signedOut.code, 3);
  const wrong = await runCli(["run", "--json", "--bogus"], { home: home.path });
  assert.equal(wrong.code, 2);
  for (const { stdout, stderr } of [signedOut, wrong]) {
    assert.equal((await eventsOf(stdout)).length, 1);
    assert.equal(stderr, "");
  }
});

Deno.test("codex run --json writes each event when it comes", async () => {
  await using desk = await openDesk({ turns: [silent({ text: "some words", afterChunks: 1 })] });
  await using run = await desk.start(["run", "--json", "x"]);
  const so = await run.waitForStdout('"delta":"some "');
  assert.ok(so.endsWith("}\n"));
});
