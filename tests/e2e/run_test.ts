import assert from "node:assert/strict";
import {
  cut,
  httpError,
  incomplete,
  rateLimited,
  reasoning,
  refuse,
  reply,
  silent,
  usageLimit,
} from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { runCli } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

/** The body of the last model request. */
interface Body {
  readonly [key: string]: unknown;
  readonly input: readonly { content: readonly { type: string; text: string }[] }[];
}

Deno.test("codex run prints the answer and one newline, nothing on stderr, with one request", async () => {
  await using desk = await openDesk({ turns: [reply("first"), reply("Hello, world.\n\n")] });
  await desk.run(["run", "x"]);
  desk.simulator.clearRequests();
  const result = await desk.run(["run", "x"]);
  assert.deepEqual(result, { code: 0, signal: null, stdout: "Hello, world.\n", stderr: "" });
  assert.deepEqual(desk.simulator.requests.map(({ route }) => route), ["responses"]);
});

Deno.test("codex run without a sign-in fails at once with nothing on stdout", async () => {
  await using home = await TempDir.make();
  const { code, stdout, stderr } = await runCli(["run", "x"], { home: home.path, stdin: "open" });
  assert.equal(code, 3);
  assert.equal(stdout, "");
  assert.equal(stderr, "codex: Nobody is signed in\nhint: Sign in with: codex login\n");
});

Deno.test("codex run sends what is piped in as a part of its own, byte for byte", async () => {
  await using desk = await openDesk();
  const piped = "\ufeffline one\r\nline two \u{1f680}</stdin>\n";
  await desk.run(["run", "what is this?"], { stdin: piped });
  const body = desk.simulator.requestsTo("responses")[0]?.json as Body;
  assert.deepEqual(body.input.at(-1)?.content, [
    { type: "input_text", text: "what is this?" },
    { type: "input_text", text: `<stdin>\n${piped}\n</stdin>` },
  ]);
});

for (const args of [["run", "-"], ["run"]]) {
  Deno.test(`codex ${args.join(" ")} takes the prompt from stdin`, async () => {
    await using desk = await openDesk();
    assert.equal((await desk.run(args, { stdin: "from a pipe\n" })).code, 0);
    const body = desk.simulator.requestsTo("responses")[0]?.json as Body;
    assert.equal(body.input.at(-1)?.content[0]?.text, "from a pipe\n");
    const none = await desk.run(args, { stdin: "" });
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^codex: There is no prompt\nhint: /);
  });
}

Deno.test("codex run sends the classic shape, our own identity and none of what is refused", async () => {
  await using desk = await openDesk();
  await desk.run(["run", "--no-tools", "-m", "gpt-5.5", "-e", "high", "x"]);
  const request = desk.simulator.requestsTo("responses")[0];
  const body = request?.json as Body;
  assert.deepEqual(Object.keys(body).sort(), [
    "include",
    "input",
    "instructions",
    "model",
    "parallel_tool_calls",
    "prompt_cache_key",
    "reasoning",
    "store",
    "stream",
    "tool_choice",
  ]);
  assert.equal(body["model"], "gpt-5.5");
  assert.equal(body["store"], false);
  assert.equal(body["stream"], true);
  assert.deepEqual(body["include"], ["reasoning.encrypted_content"]);
  assert.deepEqual(body["reasoning"], { effort: "high" });
  assert.equal(request?.headers["originator"], "codex_deno");
  assert.match(request?.headers["user-agent"] ?? "", /^codex_deno\/\d+\.\d+\.\d+ \(\w+; \w+\)$/);
  assert.equal(request?.headers["session-id"], body["prompt_cache_key"]);
  assert.equal(request?.headers["chatgpt-account-id"], "acct-simulator-0001");
});

Deno.test("codex run shows the answer as it comes, before its last event", async () => {
  await using desk = await openDesk({
    turns: [silent({ text: "The first words, and the rest", afterChunks: 1 })],
  });
  await using run = await desk.start(["run", "x"]);
  await run.waitForStdout("The");
  run.kill("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 130);
  assert.match(stdout, /^The[^\n]*\n$/);
  assert.equal(stderr, "codex: Interrupted\n");
});

Deno.test("codex run ends quietly with 141 when its reader has gone", async () => {
  await using desk = await openDesk({
    turns: [reply("word ".repeat(2000), { chunks: 500, delayMs: 2 })],
  });
  await using run = await desk.start(["run", "x"]);
  await run.waitForStdout("word");
  await run.closeStdout();
  const { code, stderr } = await run.ended;
  assert.equal(code, 141);
  assert.equal(stderr, "");
});

Deno.test("codex run tries a model that wants the lite shape once more, and remembers it", async () => {
  await using desk = await openDesk({ rules: { wantsLite: ["*"] } });
  const first = await desk.run(["run", "x"]);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(desk.simulator.requestsTo("responses").length, 2);
  desk.simulator.clearRequests();
  const second = await desk.run(["run", "x"]);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(desk.simulator.requests.map(({ route }) => route), ["responses"]);
  assert.equal(
    desk.simulator.requests[0]?.headers["x-openai-internal-codex-responses-lite"],
    "true",
  );
});

Deno.test("codex run names the models that work when one wants another identity", async () => {
  await using desk = await openDesk({ rules: { wantsIdentity: ["gpt-6-luna"] } });
  const { code, stdout, stderr } = await desk.run(["run", "-m", "gpt-6-luna", "x"]);
  assert.equal(code, 6);
  assert.equal(stdout, "");
  assert.match(stderr, /gpt-6-luna[^]*hint: .*gpt-6-sol/);
  assert.equal(desk.simulator.requestsTo("responses").length, 2);
});

Deno.test("codex run names the nearest models when the account does not have one", async () => {
  await using desk = await openDesk();
  const { code, stderr } = await desk.run(["run", "-m", "gpt-6-lunar", "x"]);
  assert.equal(code, 6);
  assert.match(stderr, /hint: Use gpt-6-luna/);
  assert.equal(desk.simulator.requestsTo("responses").length, 0, "no request was needed");
});

Deno.test("codex run renews an expired access token by itself, once", async () => {
  await using desk = await openDesk({}, -60);
  const { code, stderr } = await desk.run(["run", "x"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    desk.simulator.requests.map(({ route }) => route),
    ["refresh", "models", "responses"],
  );
});

const FAILURES = [
  { turn: usageLimit({ resetsIn: 3600, plan: "plus" }), code: 4, says: /resets? |again at /i },
  { turn: rateLimited({ retryAfter: 3600 }), code: 4, says: /hint: / },
  { turn: httpError(400, { detail: "Something is wrong" }), code: 6, says: /Something is wrong/ },
  { turn: cut({ afterChunks: 1 }), code: 5, says: /hint: / },
  { turn: refuse("I cannot help with that."), code: 9, says: /refused/ },
  { turn: incomplete("max_output_tokens"), code: 9, says: /incomplete/ },
] as const;

for (const { turn, code, says } of FAILURES) {
  Deno.test(`codex run ends with ${code} and one line with a hint after ${JSON.stringify(turn).slice(0, 60)}`, async () => {
    await using desk = await openDesk({ turns: [turn, turn] });
    const text = await desk.run(["run", "x"]);
    assert.equal(text.code, code, text.stderr);
    assert.match(text.stderr, says);
    assert.match(text.stderr, /^codex: [^\n]+\nhint: [^\n]+\n$/);
    const json = await desk.run(["run", "--json", "x"]);
    assert.equal(json.code, code);
    assert.equal(json.stderr, "");
    const events = json.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(events[0].type, "run-start");
    assert.equal(events.at(-1).type, "error");
    assert.equal(typeof events.at(-1).code, "string");
  });
}

Deno.test("codex run --json prints one event a line, from run-start to run-finish", async () => {
  await using desk = await openDesk({ turns: [reasoning("Hm."), reply("Yes.", { chunks: 2 })] });
  await desk.run(["run", "warm the cache"]);
  const { code, stdout, stderr } = await desk.run(["run", "--json", "x"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(Object.keys(events[0]), ["type", "schema", "version", "model"]);
  assert.equal(events[0].model, "gpt-6.1-sol");
  const text = events.filter(({ type }) => type === "text-delta").map(({ delta }) => delta);
  assert.equal(text.join(""), "Yes.");
  const last = events.at(-1);
  assert.equal(last.type, "run-finish");
  assert.equal(last.text, "Yes.");
  assert.ok(last.usage.totalTokens > 0);
});

Deno.test("codex run that takes too long ends with 124", async () => {
  await using desk = await openDesk({ turns: [silent()] });
  const { code, stderr } = await desk.run(["run", "--timeout", "300ms", "x"]);
  assert.equal(code, 124);
  assert.match(stderr, /^codex: .*\nhint: .*--timeout\n$/);
});

Deno.test("codex run does not wait for a silent stdin for ever, and leaves one alone with --no-stdin", async () => {
  await using desk = await openDesk();
  const waited = await desk.run(["run", "--stdin-timeout", "200ms", "x"], { stdin: "open" });
  assert.equal(waited.code, 2);
  assert.match(waited.stderr, /silent[^]*hint: .*--no-stdin/);
  const alone = await desk.run(["run", "--no-stdin", "x"], { stdin: "open" });
  assert.equal(alone.code, 0, alone.stderr);
});
