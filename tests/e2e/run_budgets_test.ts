/** `codex run --max-tokens`, `--max-steps`, `--on-limit`, `--max-wait`, `--search` and `--no-tools`. */
import assert from "node:assert/strict";
import { rateLimited, reply, silent, usageLimit } from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { eventsOf } from "../support/event_schema.ts";

Deno.test("codex run --max-tokens ends a long answer with 8 and what it had", async () => {
  const turns = [
    reply("word ".repeat(400), { chunks: 400 }),
    reply("word ".repeat(400), { chunks: 400 }),
  ];
  await using desk = await openDesk({ turns });
  const text = await desk.run(["run", "--max-tokens", "20", "x"]);
  assert.equal(text.code, 8);
  assert.match(text.stderr, /^codex: The run has used its 20 output tokens\nhint: .*--max-tokens/);
  assert.match(text.stdout, /^(word )+\n$/);
  assert.ok(text.stdout.length < 200);
  const json = await desk.run(["run", "--max-tokens", "20", "--json", "x"]);
  const last = (await eventsOf(json.stdout)).at(-1);
  assert.deepEqual([json.code, last?.["code"]], [8, "budget_exceeded"]);
  assert.match(String(last?.["text"]), /^word word/);
});

Deno.test("codex run --max-tokens lets a whole answer stand, and says what it took", async () => {
  const usage = { inputTokens: 10, outputTokens: 900 };
  await using desk = await openDesk({ turns: [reply("Four.", { usage })] });
  const { code, stdout, stderr } = await desk.run(["run", "--max-tokens", "100", "x"]);
  assert.deepEqual([code, stdout], [0, "Four.\n"]);
  assert.match(stderr, /^warning: [^\n]*900 output tokens[^\n]*\n$/);
});

Deno.test("codex run --max-steps ends a model that goes on and on with 8", async () => {
  const goesOn = {
    ...reply("one "),
    ending: { type: "completed", endTurn: false },
    times: "always",
  } as const;
  await using desk = await openDesk({ turns: [goesOn] });
  const { code, stderr } = await desk.run(["run", "--max-steps", "2", "x"]);
  assert.equal(code, 8, stderr);
  assert.match(stderr, /has used its 2 steps\nhint: .*--max-steps/);
  assert.equal(desk.simulator.requestsTo("responses").length, 2);
});

Deno.test("codex run --on-limit wait waits for the reset, says so, and asks again", async () => {
  await using desk = await openDesk({ turns: [usageLimit({ resetsIn: 1 }), reply("Four.")] });
  const { code, stdout, stderr } = await desk.run(["run", "--on-limit", "wait", "x"]);
  assert.deepEqual([code, stdout], [0, "Four.\n"]);
  assert.match(
    stderr,
    /^warning: the usage limit is reached; waiting until \d{4}-\d\d-\d\d \d\d:\d\d \(in \d s\)\n$/,
  );
});

Deno.test("codex run --max-wait does not begin a wait that takes longer", async () => {
  const turns = [usageLimit({ resetsIn: 3600 }), usageLimit({ resetsIn: 3600 })];
  await using desk = await openDesk({ turns });
  const args = ["run", "--on-limit", "wait", "--max-wait", "10m", "x"];
  const { code, stdout, stderr } = await desk.run(args);
  assert.deepEqual([code, stdout], [4, ""]);
  assert.match(stderr, /resets at \d{4}-\d\d-\d\d \d\d:\d\d \(in (1 h|59 min[^)]*)\)\nhint: /);
  const json = await desk.run(["run", "--on-limit", "fail", "--json", "x"]);
  const last = (await eventsOf(json.stdout)).at(-1);
  assert.equal(last?.["code"], "usage_limit");
  const away = Date.parse(String(last?.["resetsAt"])) - Date.now();
  assert.ok(away > 3_500_000 && away < 3_700_000);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`codex run --on-limit wait is ended by ${signal}, and by --timeout`, async () => {
    await using desk = await openDesk({
      turns: [usageLimit({ resetsIn: 3600 }), usageLimit({ resetsIn: 3600 })],
    });
    await using run = await desk.start(["run", "--on-limit", "wait", "x"]);
    await run.waitForStderr("waiting until");
    run.kill(signal);
    assert.equal((await run.ended).code, code);
    const timed = await desk.run(["run", "--on-limit", "wait", "--timeout", "500ms", "x"]);
    assert.equal(timed.code, 124);
  });
}

Deno.test("codex run --max-wait bounds the waits for rate limits too", async () => {
  await using desk = await openDesk({ turns: [rateLimited({ retryAfter: 3 })] });
  const { code } = await desk.run(["run", "--max-wait", "1s", "x"]);
  assert.equal(code, 4);
});

Deno.test("codex run --search lets the service search, and --no-tools sends no tool", async () => {
  await using desk = await openDesk();
  assert.equal((await desk.run(["run", "--search", "x"])).code, 0);
  assert.equal((await desk.run(["run", "--no-tools", "--no-project-doc", "x"])).code, 0);
  const [search, none] = desk.simulator.requestsTo("responses")
    .map(({ json }) => json as Record<string, unknown>);
  const tools = search?.["tools"];
  assert.ok(Array.isArray(tools));
  assert.deepEqual(tools.at(-1), {
    type: "web_search",
    external_web_access: true,
    search_content_types: ["text", "image"],
  });
  assert.ok(!("tools" in (none ?? {})));
  const both = await desk.run(["run", "--search", "--no-tools", "x"]);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--no-tools[^]*hint: /);
});

Deno.test("codex run --timeout counts the wait for stdin", async () => {
  await using desk = await openDesk({ turns: [silent()] });
  const { code } = await desk.run(["run", "--timeout", "300ms", "x"], { stdin: "open" });
  assert.equal(code, 124);
});
