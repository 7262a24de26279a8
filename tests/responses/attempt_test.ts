import assert from "node:assert/strict";
import type { Fetch } from "../../src/base/http.ts";
import type { Standing } from "../../src/responses/open_stream.ts";
import { attempt, type AttemptContext } from "../../src/responses/attempt.ts";
import type { StreamEvent } from "../../src/responses/events.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { fail, hang, json, ScriptedFetch, sse, text } from "../support/scripted_fetch.ts";
import { answer, COMPLETED, CREATED, delta, message, TOKEN, wire } from "./fakes.ts";

const REQUEST = { url: "https://chat.test/responses", headers: {}, body: "{}" };
const encoder = new TextEncoder();

/** An attempt, with everything that was told on the way. */
function start(fetch: Fetch, others: Partial<AttemptContext> = {}) {
  const clock = new ManualClock();
  const controller = new AbortController();
  const events: StreamEvent[] = [];
  const answers: Standing[] = [];
  const etags: string[] = [];
  const outcome = attempt(REQUEST, {
    fetch,
    clock,
    options: {},
    model: "gpt-5.5",
    failures: { kind: "chatgpt", plan: "plus", secrets: [TOKEN] },
    signal: controller.signal,
    sink: {
      begin: (answer) => answers.push(answer),
      push: (batch) => events.push(...batch),
      room: () => undefined,
    },
    onEtag: (etag) => etags.push(etag),
    ...others,
  });
  outcome.catch(() => {});
  return { clock, controller, events, answers, etags, outcome };
}

/** A body that a test writes, and that remembers whether it was cancelled. */
function writtenBody() {
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined;
  const cancelled: unknown[] = [];
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      writer = controller;
    },
    cancel: (reason) => {
      cancelled.push(reason);
    },
  });
  return {
    cancelled,
    fetch: () => Promise.resolve(new Response(stream)),
    write: (chunk: string) => writer?.enqueue(encoder.encode(chunk)),
    fail: (reason: unknown) => writer?.error(reason),
    close: () => writer?.close(),
  };
}

async function failureOf(outcome: ReturnType<typeof attempt>) {
  const ended = await outcome;
  assert.ok("failure" in ended);
  return ended;
}

Deno.test("attempt() gives the answer, and what the headers told", async () => {
  const net = new ScriptedFetch(sse([answer("Hello")], {
    "x-request-id": "req_1",
    "openai-model": "gpt-5.5-served",
    "x-models-etag": "etag-1",
    "x-codex-primary-used-percent": "12",
  }));
  const { outcome, events, etags } = start(net.fetch);
  const ended = await outcome;
  assert.ok("result" in ended);
  assert.deepEqual(
    [ended.result.text, ended.result.requestId, ended.result.model],
    ["Hello", "req_1", "gpt-5.5-served"],
  );
  assert.deepEqual(ended.result.limits, { primary: { usedPercent: 12 } });
  assert.equal(events[0]?.type, "limits");
  assert.deepEqual(etags, ["etag-1"]);
});

Deno.test("attempt() ends with the terminal event, though the connection stays open", async () => {
  const body = writtenBody();
  const { outcome } = start(body.fetch);
  body.write(wire(CREATED, delta("x"), COMPLETED) + wire(delta("after the end")));
  const ended = await outcome;
  assert.ok("result" in ended);
  assert.equal(ended.result.text, "x");
  assert.equal(body.cancelled.length, 1);
});

Deno.test("attempt() calls an answer cut that ends or breaks before its last event", async () => {
  const ended = writtenBody();
  const clean = start(ended.fetch);
  ended.write(wire(CREATED, delta("so far")));
  ended.close();
  const cut = await failureOf(clean.outcome);
  assert.equal(cut.failure.error.code, "stream_cut");
  assert.ok(cut.shown && !cut.silent);

  const broken = writtenBody();
  const reset = start(broken.fetch);
  broken.write(wire(CREATED));
  await reset.clock.advance(1);
  const cause = new TypeError("error reading a body from connection");
  broken.fail(cause);
  const { failure, shown } = await failureOf(reset.outcome);
  assert.deepEqual([failure.error.code, failure.error.cause, shown], ["stream_cut", cause, false]);
});

Deno.test("attempt() takes an unfinished last event that is a whole one", async () => {
  const whole = wire(CREATED, delta("x"), COMPLETED).trimEnd();
  const ended = await start(() => Promise.resolve(new Response(whole))).outcome;
  assert.ok("result" in ended);
  const cut = await start(() => Promise.resolve(new Response(whole.slice(0, -1)))).outcome;
  assert.ok("failure" in cut);
});

Deno.test("attempt() tells a page or other data from a stream that was cut", async () => {
  const html = new ScriptedFetch(text("<html>Sign in", 200, { "content-type": "text/html" }));
  const page = await failureOf(start(html.fetch).outcome);
  const { code, retryable, message } = page.failure.error;
  assert.deepEqual([code, retryable], ["network", false]);
  assert.match(message, /^chat\.test answered with something other than a stream$/);
  const empty = await failureOf(start(new ScriptedFetch(sse([])).fetch).outcome);
  assert.equal(empty.failure.error.code, "stream_cut");
  const none = await failureOf(start(() => Promise.resolve(new Response(null))).outcome);
  assert.equal(none.failure.error.code, "stream_cut");
});

Deno.test("attempt() reads a stream whatever its type says", async () => {
  const odd = new ScriptedFetch(text(answer("Hello"), 200, { "content-type": "text/plain" }));
  assert.ok("result" in await start(odd.fetch).outcome);
});

Deno.test("attempt() tells a refusal with its limits, and a refused connection", async () => {
  const net = new ScriptedFetch(json({ detail: "no" }, 403, {
    "x-request-id": "req_2",
    "x-codex-primary-used-percent": "99",
  }));
  const refused = start(net.fetch);
  const { failure } = await failureOf(refused.outcome);
  assert.deepEqual([failure.error.status, failure.error.requestId], [403, "req_2"]);
  assert.equal(refused.answers[0]?.limits?.primary?.usedPercent, 99);
  const down = await failureOf(start(new ScriptedFetch(fail()).fetch).outcome);
  assert.equal(down.failure.error.code, "network");
  assert.ok(!down.silent);
});

Deno.test("attempt() names a permission that is missing", async () => {
  const error = new Error("Requires net access");
  error.name = "NotCapable";
  const { failure } = await failureOf(start(() => Promise.reject(error)).outcome);
  assert.equal(failure.error.code, "invalid_usage");
  assert.match(failure.error.hint ?? "", /--allow-net/);
});

Deno.test("attempt() does not wait for ever for the body of a refusal", async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode('{"error":')),
  });
  const stalled = () => Promise.resolve(new Response(body, { status: 503 }));
  const { clock, outcome } = start(stalled, { options: { timeout: { connect: 300 } } });
  await clock.advance(300);
  const { failure } = await failureOf(outcome);
  assert.equal(failure.error.code, "overloaded");
  assert.equal(failure.error.status, 503);
  assert.equal(clock.pending, 0);
});

Deno.test("attempt() waits for the headers as long as it is told, else 60 s", async () => {
  for (const [options, ms] of [[{}, 60_001], [{ timeout: { connect: 5_000 } }, 5_000]] as const) {
    const { clock, outcome } = start(new ScriptedFetch(hang()).fetch, { options });
    await clock.advance(ms - 1);
    assert.equal(await Promise.race([outcome, Promise.resolve("waiting")]), "waiting");
    await clock.advance(1);
    const { failure, silent } = await failureOf(outcome);
    assert.equal(failure.error.code, "network");
    assert.match(failure.error.message, /^No answer from chat\.test within/);
    assert.ok(silent);
  }
});

Deno.test("attempt() gives a large input the time to be sent", async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const body = "x".repeat(32 * 1024 * 1024);
  const sink = { begin() {}, push() {}, room: () => undefined };
  const outcome = attempt({ ...REQUEST, body }, {
    fetch: () => new Promise(() => {}),
    clock,
    options: {},
    model: "m",
    failures: { kind: "chatgpt", plan: undefined, secrets: [] },
    signal,
    sink,
    onEtag() {},
  });
  await clock.advance(600_000);
  assert.equal(await Promise.race([outcome, Promise.resolve("waiting")]), "waiting");
  await clock.advance(600_000);
  assert.ok((await failureOf(outcome)).silent);
});

Deno.test("attempt() notices a silence before the first event and between two, comments or not", async () => {
  const options = { timeout: { firstEvent: 10_000, idle: 3_000 } };
  const never = writtenBody();
  const first = start(never.fetch, { options });
  for (let second = 0; second < 10; second++) {
    never.write(": keepalive\n\n");
    await first.clock.advance(1_000);
  }
  const begun = await failureOf(first.outcome);
  assert.match(begun.failure.error.message, /did not begin to answer for 10 s$/);
  assert.ok(begun.silent && !begun.shown);
  assert.equal(never.cancelled.length, 1);

  const quiet = writtenBody();
  const between = start(quiet.fetch, { options });
  for (let event = 0; event < 5; event++) {
    quiet.write(wire(delta("x")));
    await between.clock.advance(2_000);
  }
  quiet.write(": keepalive\n\n");
  await between.clock.advance(1_000);
  const fell = await failureOf(between.outcome);
  assert.match(fell.failure.error.message, /fell silent for 3 s$/);
  assert.equal(fell.failure.error.code, "network");
  assert.ok(fell.shown);
  assert.equal(between.clock.pending, 0);
});

Deno.test("attempt() takes parts of one long event for signs of life", async () => {
  const body = writtenBody();
  const { clock, outcome } = start(body.fetch, { options: { timeout: { idle: 3_000 } } });
  body.write(wire(CREATED));
  const parts = wire(message("x".repeat(100)), COMPLETED).match(/.{1,20}|\n/gs) ?? [];
  for (const part of parts) {
    body.write(part);
    await clock.advance(1_000);
  }
  assert.ok("result" in await outcome);
});

Deno.test("attempt() gives up an event that is too large, with what came before it", async () => {
  const body = writtenBody();
  const { outcome, answers } = start(body.fetch, { options: { maxEventBytes: 1_000 } });
  body.write(wire(CREATED, delta("so far")));
  body.write(`data: ${"x".repeat(2_000)}`);
  const { failure } = await failureOf(outcome);
  assert.deepEqual([failure.error.code, failure.error.retryable], ["stream_cut", false]);
  assert.equal(answers[0]?.shown.toString(), "so far");
  assert.equal(body.cancelled.length, 1);
});

Deno.test("attempt() ends with the signal's reason at every stage, and closes the connection", async () => {
  const reason = new Error("enough");
  const connecting = start(new ScriptedFetch(hang()).fetch);
  connecting.controller.abort(reason);
  await assert.rejects(connecting.outcome, reason);

  const body = writtenBody();
  const reading = start(body.fetch);
  body.write(wire(CREATED));
  await reading.clock.advance(1);
  reading.controller.abort(reason);
  await assert.rejects(reading.outcome, reason);
  assert.deepEqual(body.cancelled, [reason]);
  assert.equal(reading.clock.pending, 0);

  const refused = writtenBody();
  const telling = start(async () => {
    const { body } = await refused.fetch();
    return new Response(body, { status: 500 });
  });
  await telling.clock.advance(1);
  telling.controller.abort(reason);
  await assert.rejects(telling.outcome, reason);

  const before = start(new ScriptedFetch().fetch, { signal: AbortSignal.abort(reason) });
  await assert.rejects(before.outcome, reason);
});

Deno.test("attempt() does not wait for a fetch that ignores its signal, and drops a late answer", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { controller, outcome, clock } = start(() => promise);
  controller.abort("enough");
  await assert.rejects(outcome, (error) => error === "enough");
  const body = writtenBody();
  resolve(await body.fetch());
  await clock.advance(1);
  assert.equal(body.cancelled.length, 1);
});

Deno.test("attempt() waits while there is no room, and does not take that for a silence", async () => {
  const { promise: room, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const sink = { begin() {}, push() {}, room: () => asked++ === 0 ? room : undefined };
  const body = writtenBody();
  const { clock, outcome } = start(body.fetch, { sink, options: { timeout: { idle: 1_000 } } });
  body.write(wire(CREATED, delta("x")));
  await clock.advance(60_000);
  assert.equal(clock.pending, 0);
  resolve();
  await clock.advance(999);
  body.write(wire(COMPLETED));
  assert.ok("result" in await outcome);
});
