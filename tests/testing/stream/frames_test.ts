import assert from "node:assert/strict";
import {
  combine,
  createSimulator,
  cut,
  onWire,
  raw,
  reply,
  silent,
  type Wire,
} from "../../../testing.ts";
import { ask, askForEvents, eventsOf, textOf } from "../client.ts";

const NOW = "2027-01-15T08:00:00Z";

async function chunksOf(response: Response): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const bytes of response.body ?? []) chunks.push(bytes);
  return chunks;
}

Deno.test("each event is written by itself, with a line that names it", async () => {
  await using simulator = createSimulator({ turns: [reply("one two")] });
  const decoder = new TextDecoder();
  for (const bytes of await chunksOf(await ask(simulator))) {
    assert.match(decoder.decode(bytes), /^event: ([\w.]+)\ndata: \{"type":"\1".*\}\n\n$/);
  }
});

Deno.test("a stream written in another way is the same stream", async () => {
  const text = "Grüße 👋 an alle";
  for (
    const wire of [
      { bytesPerWrite: 1 },
      { bytesPerWrite: 7, lineEnd: "crlf" },
      { lineEnd: "cr" },
      { comments: true, eventLines: false },
    ] as const
  ) {
    await using simulator = createSimulator({ turns: [onWire(reply(text), wire)] });
    const chunks = await chunksOf(await ask(simulator));
    const whole = await new Blob(chunks.map((bytes) => new Uint8Array(bytes))).text();
    assert.equal(/^event: /m.test(whole), !("eventLines" in wire));
    assert.equal(/^: comment$/m.test(whole), "comments" in wire);
    const unified = whole.replaceAll(/\r\n|\r/g, "\n").replaceAll(/^: .*\n/gm, "");
    assert.equal(textOf(eventsOf(unified)), text);
    const { bytesPerWrite = Infinity } = wire as Wire;
    assert.ok(chunks.every(({ length }) => length <= bytesPerWrite));
  }
});

Deno.test("delays pass by the simulator's time, before each delta", async () => {
  await using simulator = createSimulator({
    now: NOW,
    turns: [reply("a b c", { delayMs: 1000 })],
  });
  const response = await ask(simulator);
  const decoder = new TextDecoder();
  let text = "";
  const reading = (async () => {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes);
  })();
  for (const [seconds, said] of [[0, ""], [1, "a "], [2, "a b "]] as const) {
    assert.equal(textOf(eventsOf(text)), said, `after ${seconds} s`);
    await simulator.clock.advance(1000);
  }
  await reading;
  assert.equal(textOf(eventsOf(text)), "a b c");
});

Deno.test("a slow drip waits after every write", async () => {
  const turn = onWire(reply("x"), { bytesPerWrite: 1000, writeEveryMs: 100 });
  await using simulator = createSimulator({ now: NOW, turns: [turn] });
  let isDone = false;
  const reading = askForEvents(simulator).finally(() => isDone = true);
  await simulator.clock.advance(500);
  assert.equal(isDone, false);
  await simulator.clock.advance(5000);
  assert.equal(textOf(await reading), "x");
});

Deno.test("cut() ends the stream after deltas, events or bytes", async () => {
  const whole = "one two three four";
  const said = async (options: Parameters<typeof cut>[0]) => {
    await using simulator = createSimulator({ seed: "s", now: NOW });
    simulator.enqueue(cut({ text: whole, ...options }));
    return await (await ask(simulator)).text();
  };
  assert.equal(textOf(eventsOf(await said({}))), "one ");
  assert.equal(textOf(eventsOf(await said({ afterChunks: 3 }))), "one two three ");
  assert.equal(textOf(eventsOf(await said({ afterChunks: 0 }))), "");
  assert.equal(eventsOf(await said({ afterEvents: 2 })).length, 2);
  assert.equal(await said({ afterEvents: 0 }), "");
  const long = await said({ afterBytes: 700 });
  assert.equal(new TextEncoder().encode(long).length, 700);
  assert.equal(await said({ afterBytes: 0 }), "");
});

Deno.test("cut() can come in the middle of a character", async () => {
  await using probe = createSimulator({ seed: "s", now: NOW, turns: [reply("👋")] });
  const bytes = new Uint8Array(await (await ask(probe)).arrayBuffer());
  const place = bytes.indexOf(0xf0) + 2;
  await using simulator = createSimulator({ seed: "s", now: NOW });
  simulator.enqueue(cut({ text: "👋", afterBytes: place }));
  const got = new Uint8Array(await (await ask(simulator)).arrayBuffer());
  assert.deepEqual(got, bytes.slice(0, place));
});

Deno.test("a combined turn is cut where its own text says", async () => {
  await using simulator = createSimulator({
    turns: [combine(reply("mine alone"), cut({ afterChunks: 1 })), cut()],
  });
  assert.equal(textOf(eventsOf(await (await ask(simulator)).text())), "mine ");
  assert.equal(textOf(eventsOf(await (await ask(simulator)).text())), "Hello ");
});

Deno.test("silent() says nothing for a while, then goes on", async () => {
  const turn = silent({ ms: 60_000, afterChunks: 1, text: "one two" });
  await using simulator = createSimulator({ now: NOW, turns: [turn] });
  let isDone = false;
  const reading = askForEvents(simulator).finally(() => isDone = true);
  await simulator.clock.advance(59_999);
  assert.equal(isDone, false);
  await simulator.clock.advance(1);
  assert.equal(textOf(await reading), "one two");
});

Deno.test("silent() keeps the connection alive by comments, or by events that mean nothing", async () => {
  for (const keepalive of ["comment", "event"] as const) {
    const turn = silent({ ms: 50_000, keepalive, keepaliveMs: 15_000 });
    await using simulator = createSimulator({ now: NOW, turns: [turn] });
    const reading = ask(simulator).then((response) => response.text());
    await simulator.clock.advance(50_000);
    const text = await reading;
    const sign = keepalive === "comment" ? /^: keepalive$/gm : /^data: \{"type":"keepalive"\}$/gm;
    assert.equal(text.match(sign)?.length, 3);
  }
});

Deno.test("silent() can begin before the headers", async () => {
  const turn = silent({ ms: 1000, beforeHeaders: true });
  await using simulator = createSimulator({ now: NOW, turns: [turn] });
  let isThere = false;
  const asked = ask(simulator).finally(() => isThere = true);
  await simulator.clock.advance(999);
  assert.equal(isThere, false);
  await simulator.clock.advance(1);
  assert.equal((await asked).status, 200);
  await (await asked).body?.cancel();
});

Deno.test("raw() plays bytes as they are, and can break at their end", async () => {
  const bytes = new Uint8Array([100, 97, 116, 97, 0xff, 0xfe, 0]);
  await using simulator = createSimulator({
    turns: [raw(bytes), raw("{}", { status: 206, contentType: "application/json" })],
  });
  const first = await ask(simulator);
  assert.equal(first.headers.get("content-type"), "text/event-stream");
  assert.deepEqual(new Uint8Array(await first.arrayBuffer()), bytes);
  const second = await ask(simulator);
  assert.equal(second.status, 206);
  assert.deepEqual(await second.json(), {});
  simulator.enqueue(raw("data: x", { reset: true }));
  await assert.rejects((await ask(simulator)).text(), /error reading a body/);
});
