import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import { createSimulator, reply } from "../../../testing.ts";
import { admission, ask, askForEvents, BACKEND, classic, eventsOf, textOf } from "../client.ts";

const ADDRESS = `${BACKEND}/codex/responses`;

Deno.test("an answer carries the headers that a client reads", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    limits: { primary: { usedPercent: 42, resetsIn: 60 }, credits: { unlimited: true } },
  });
  const response = await ask(simulator);
  await response.body?.cancel();
  const reset = Date.parse("2027-01-15T08:01:00Z") / 1000;
  for (
    const [name, value] of [
      ["content-type", "text/event-stream"],
      ["openai-model", "gpt-5.5"],
      ["x-codex-primary-used-percent", "42"],
      ["x-codex-primary-window-minutes", "300"],
      ["x-codex-primary-reset-at", String(reset)],
      ["x-codex-secondary-window-minutes", "10080"],
      ["x-codex-credits-has-credits", "true"],
      ["x-codex-credits-unlimited", "true"],
    ] as const
  ) {
    assert.equal(response.headers.get(name), value, name);
  }
  assert.match(response.headers.get("x-request-id") ?? "", /^req_/);
});

Deno.test("a turn adds headers, and replaces them", async () => {
  const headers = { "x-codex-primary-used-percent": "99", "x-codex-turn-state": "s" };
  await using simulator = createSimulator({ turns: [reply("x", { headers })] });
  const response = await ask(simulator);
  await response.body?.cancel();
  assert.equal(response.headers.get("x-codex-primary-used-percent"), "99");
  assert.equal(response.headers.get("x-codex-turn-state"), "s");
});

Deno.test("a body compressed with zstd is taken, a broken one is refused", async () => {
  await using simulator = createSimulator({ turns: [reply("unpacked")] });
  const headers = { ...admission(simulator), "content-encoding": "zstd" };
  const body = new Uint8Array(zstdCompressSync(JSON.stringify(classic())));
  const response = await simulator.fetch(ADDRESS, { method: "POST", headers, body });
  assert.equal(textOf(eventsOf(await response.text())), "unpacked");
  assert.deepEqual(simulator.requests[0]?.json, classic());
  for (const encoding of ["zstd", "br"]) {
    const broken = await simulator.fetch(ADDRESS, {
      method: "POST",
      headers: { ...headers, "content-encoding": encoding },
      body: "not compressed",
    });
    assert.equal(broken.status, 400);
  }
});

Deno.test("a body that is too large is refused by the size that it had on the wire", async () => {
  await using simulator = createSimulator({ rules: { maxBodyBytes: 2000 } });
  const input = [{ role: "user", content: "x".repeat(2000) }];
  assert.equal((await ask(simulator, classic({ input }))).status, 413);
  assert.equal((await ask(simulator)).status, 200);
});

Deno.test("an upgrade to a WebSocket is answered with 426 and nothing else", async () => {
  await using simulator = createSimulator();
  const headers = { ...admission(simulator), upgrade: "websocket" };
  const response = await simulator.fetch(ADDRESS, { headers });
  assert.equal(response.status, 426);
  assert.equal(await response.text(), "");
  assert.equal(simulator.requests[0]?.route, "websocket");
  assert.equal((await simulator.fetch(ADDRESS, { headers: admission(simulator) })).status, 405);
});

Deno.test("a turn may wait for its prompt, whatever shape the prompt has", async () => {
  await using simulator = createSimulator({
    turns: [reply("Oslo", { when: "weather", times: "always" }), reply("other")],
  });
  const inputs = [
    [{ role: "user", content: "weather?" }],
    [{ role: "user", content: [{ type: "input_text", text: "the weather" }] }],
    [
      { role: "user", content: "weather" },
      { type: "function_call", name: "f", arguments: "{}", call_id: "c" },
      { type: "function_call_output", call_id: "c", output: "cold" },
    ],
  ];
  for (const input of inputs) {
    assert.equal(textOf(await askForEvents(simulator, classic({ input }))), "Oslo");
  }
  const input = [{ role: "user", content: "weather" }, { role: "user", content: "news" }];
  assert.equal(textOf(await askForEvents(simulator, classic({ input }))), "other");
});

Deno.test("a request to compact the conversation gets one item, and uses up no turn", async () => {
  await using simulator = createSimulator({ turns: [reply("left")] });
  const input = [{ role: "user", content: "long" }, { type: "compaction_trigger" }];
  const events = await askForEvents(simulator, classic({ input }));
  const items = events.filter(({ type }) => type === "response.output_item.done")
    .map((event) => Object(event["item"]).type);
  assert.deepEqual(items, ["compaction"]);
  assert.equal(simulator.pendingTurns, 1);
});
