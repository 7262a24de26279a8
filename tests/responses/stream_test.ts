import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { isCodexError } from "../../src/base/errors.ts";
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../src/base/json.ts";
import type { StreamEvent } from "../../src/responses/events.ts";
import { startStream } from "../../src/responses/stream.ts";
import {
  answer,
  CHATGPT,
  codexErrorOf,
  collect,
  COMPLETED,
  CREATED,
  delta,
  FakeCatalogue,
  fakeDeps,
  FakeSession,
  HastyClock,
  TOKEN,
  wire,
} from "./fakes.ts";
import { json, ScriptedFetch, sse } from "../support/scripted_fetch.ts";

const FIXTURES = new URL("../fixtures/responses/", import.meta.url);
/** Before every reset in the recordings. */
const RECORDED_AT = Date.parse("2026-11-20T07:00:00Z");

async function fixture(name: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(new URL(name, FIXTURES)));
}

/** Runs a call that is given the same answer to each attempt, and says how it ended. */
async function outcomeOf(status: number, headers: HeadersInit, body: string): Promise<JsonObject> {
  const catalogue = new FakeCatalogue();
  let tries = 0;
  const fetch = () => {
    tries++;
    return Promise.resolve(new Response(status === 302 ? null : body, { status, headers }));
  };
  const deps = fakeDeps(fetch, { catalogue, clock: new HastyClock(RECORDED_AT) });
  const stream = startStream("hi", {}, deps);
  const events: StreamEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
  } catch (error) {
    assert.ok(isCodexError(error));
    assert.equal(await codexErrorOf(stream.final()), error);
    const { message, hint, ...record } = error.toJSON();
    assert.match(message, /^[A-Z\w].*[^.]$/s);
    assert.ok(hint, `no hint for: ${message}`);
    assert.ok(!JSON.stringify([message, hint]).includes(TOKEN));
    const noted = catalogue.limits[0];
    return { ...record, tries, ...(noted === undefined ? {} : { noted }) };
  }
  assert.equal(tries, 1);
  return summary(events, await stream.final());
}

function summary(
  events: readonly StreamEvent[],
  result: Awaited<ReturnType<ReturnType<typeof startStream>["final"]>>,
): JsonObject {
  const shown = events.map((event) => event.type === "text-delta" ? event.delta : "").join("");
  const calls = result.calls.map(({ name, input }) => [
    name,
    typeof input === "string" ? "text" : input,
  ]);
  return {
    reason: result.reason,
    ...(result.detail === undefined ? {} : { detail: result.detail }),
    ...(result.continues ? { continues: true } : {}),
    text: result.text,
    ...(shown === result.text ? {} : { shown }),
    ...(calls.length === 0 ? {} : { calls }),
    items: result.items.map((item) => item["type"]),
    events: counted(events.map(({ type }) => type)),
    tokens: result.usage.totalTokens,
  };
}

/** Such as `start text-delta x2 finish`. */
function counted(types: readonly string[]): string {
  const runs: { type: string; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return runs.map(({ type, count }) => count === 1 ? type : `${type} x${count}`).join(" ");
}

Deno.test("startStream() ends every recorded stream as the table says", async () => {
  const expected = objectAt(await fixture("expected.json"), "streams");
  const names = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name)
    .filter((name) => name.endsWith(".sse"));
  assert.deepEqual(names.toSorted(), Object.keys(expected).toSorted());
  for (const name of names) {
    const body = await Deno.readTextFile(new URL(name, FIXTURES));
    const outcome = await outcomeOf(200, { "content-type": "text/event-stream" }, body);
    assert.deepEqual(outcome, expected[name], name);
  }
});

Deno.test("startStream() ends every recorded failure as the table says", async () => {
  const expected = objectAt(await fixture("expected.json"), "failures");
  const cases = arrayAt(await fixture("failures.json"), "cases");
  assert.equal(cases.length, Object.keys(expected).length);
  for (const entry of cases) {
    const name = stringAt(entry, "case") ?? "";
    const { status, headers, body } = objectAt(entry, "response");
    assert.ok(typeof status === "number" && isObject(headers) && typeof body === "string");
    const list = Object.entries(headers).map(([key, value]) => [key, String(value)]);
    assert.deepEqual(
      await outcomeOf(status, Object.fromEntries(list), body),
      expected[name],
      name,
    );
  }
});

Deno.test("startStream() sends one request in the classic shape, and the events follow", async () => {
  const net = new ScriptedFetch(sse([answer("Hello")], { "x-request-id": "req_1" }));
  const stream = startStream("say hello", {}, fakeDeps(net.fetch));
  assert.deepEqual(await collect(stream), [
    { type: "start", id: "resp_1", model: "gpt-5.5", requestId: "req_1" },
    { type: "text-start", id: "msg_1" },
    { type: "text-delta", id: "msg_1", delta: "Hello" },
    { type: "text-end", id: "msg_1", text: "Hello" },
    {
      type: "finish",
      reason: "stop",
      usage: {
        inputTokens: 3,
        cachedInputTokens: 0,
        outputTokens: 2,
        reasoningTokens: 0,
        totalTokens: 5,
      },
    },
  ]);
  assert.equal(stream.requestId, "req_1");
  const { method, url, headers, redirect } = net.request(0);
  assert.equal(`${method} ${url}`, `POST ${CHATGPT.baseUrl}/responses`);
  assert.equal(headers.get("authorization"), `Bearer ${TOKEN}`);
  assert.equal(headers.get("originator"), "codex_test");
  assert.equal(redirect, "manual");
  assert.equal(net.requests.length, 1);
});

Deno.test("startStream() gives the first text before the last event was sent", async () => {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(encoder.encode(wire(CREATED, delta("first"))));
      await end;
      controller.enqueue(encoder.encode(wire(delta(" last"), COMPLETED)));
      controller.close();
    },
  });
  const stream = startStream("hi", {}, fakeDeps(() => Promise.resolve(new Response(body))));
  const seen: string[] = [];
  for await (const text of stream.textStream) {
    seen.push(text);
    resolve();
  }
  assert.deepEqual(seen, ["first", " last"]);
});

Deno.test("startStream() tells what is wrong with the input where every failure is told", async () => {
  const net = new ScriptedFetch();
  const error = await codexErrorOf(startStream("", {}, fakeDeps(net.fetch)).text());
  assert.equal(error.code, "invalid_usage");
  assert.equal(net.requests.length, 0);
});

Deno.test("startStream() can be passed through an async function without being awaited", async () => {
  const net = new ScriptedFetch(sse([answer("Hello")]));
  const start = async () => {
    await Promise.resolve();
    return startStream("hi", {}, fakeDeps(net.fetch));
  };
  const stream = await start();
  assert.equal(await stream.text(), "Hello");
});

Deno.test("startStream() keeps total size linear: no event repeats what others said", async () => {
  const pieces = Array.from({ length: 2_000 }, (_, index) => `word ${index} `);
  const text = pieces.join("");
  const events = pieces.map((piece) => delta(piece));
  const body = wire(CREATED, ...events, COMPLETED);
  const stream = startStream("hi", {}, fakeDeps(() => Promise.resolve(new Response(body))));
  const size = (await collect(stream)).reduce((sum, one) => sum + JSON.stringify(one).length, 0);
  assert.equal(await stream.text(), text);
  // An envelope for each delta, and the text once more at its end.
  assert.ok(size < 2 * text.length + 2_000 * 64 + 1_000, `${size}`);
});

Deno.test("startStream() keeps a token that the service repeats out of every error and event", async () => {
  const said = { message: `bad token ${TOKEN}`, type: "invalid_request_error" };
  const refused = new ScriptedFetch(json({ error: said }, 400));
  const error = await codexErrorOf(startStream("hi", {}, fakeDeps(refused.fetch)).text());
  assert.match(error.message, /bad token \*\*\*$/);
  const echoed = new ScriptedFetch(sse([wire({ type: "new.event", note: TOKEN }, COMPLETED)]));
  const events = await collect(startStream("hi", { raw: true }, fakeDeps(echoed.fetch)));
  assert.deepEqual(events[0], { type: "raw", event: { type: "new.event", note: "***" } });
  assert.ok(!JSON.stringify(events).includes(TOKEN));
});

/** A server that answers each request with a body, and tells when a client has gone away. */
function serve(body: (gone: () => void) => ReadableStream<Uint8Array> | string) {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const served: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    served.push(new URL(url).pathname);
    return new Response(body(resolve), { headers: { "content-type": "text/event-stream" } });
  });
  return {
    gone,
    served,
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function overLoopback(baseUrl: string) {
  return fakeDeps(fetch, { session: new FakeSession({ ...CHATGPT, baseUrl }), clock: systemClock });
}

Deno.test("startStream() closes the connection when the loop is left, before another event", async () => {
  await using server = serve((gone) =>
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(wire(CREATED))),
      cancel: gone,
    })
  );
  const stream = startStream("hi", {}, overLoopback(server.baseUrl));
  for await (const event of stream) {
    assert.equal(event.type, "start");
    break;
  }
  await server.gone;
  assert.equal((await codexErrorOf(stream.final())).code, "aborted");
});

Deno.test("startStream() closes the connection when the last event has come", async () => {
  await using server = serve((gone) =>
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(answer("Hello"))),
      cancel: gone,
    })
  );
  assert.equal(await startStream("hi", {}, overLoopback(server.baseUrl)).text(), "Hello");
  await server.gone;
});

const UNSEEN: Readonly<Record<string, () => string>> = {
  "a whole answer": () => answer("Hello"),
  "an answer that was cut": () => wire(CREATED, delta("so far")),
  "more than is kept for nobody": () =>
    wire(CREATED, delta("x".repeat(3_000_000)), delta("y".repeat(3_000_000)), COMPLETED),
};

for (const [what, body] of Object.entries(UNSEEN)) {
  Deno.test(`startStream() that nobody looks at prints nothing and lets the process end: ${what}`, async () => {
    await using server = serve(body);
    const program = new URL("dropped.ts", import.meta.url).href;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "--no-check", "--allow-net=127.0.0.1", program, server.baseUrl],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([code, decoder.decode(stdout), decoder.decode(stderr)], [0, "", ""]);
    assert.deepEqual(server.served, ["/responses"]);
  });
}
