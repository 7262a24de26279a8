import assert from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { Accumulator } from "../../src/responses/accumulator.ts";
import type { Sink } from "../../src/responses/attempt.ts";
import { incompleteness } from "../../src/responses/completeness.ts";
import type { ModelResult, StreamEvent } from "../../src/responses/events.ts";
import { QUEUE_BOUND } from "../../src/responses/event_queue.ts";
import type { ModelStream } from "../../src/responses/model_stream.ts";
import { type OpenOptions, OpenStream } from "../../src/responses/open_stream.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { codexErrorOf, collect } from "./fakes.ts";

const NO_USAGE = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
};
const text = (delta: string): StreamEvent => ({ type: "text-delta", id: "m", delta });

/** A stream whose work a test does by hand. */
function open(options: Partial<OpenOptions<ModelResult>> = {}) {
  const clock = new ManualClock();
  const answer = new Accumulator("gpt-5.5");
  const { promise, resolve, reject } = Promise.withResolvers<ModelResult>();
  let sink: Sink | undefined;
  let signal: AbortSignal | undefined;
  const stream = new OpenStream<StreamEvent, ModelResult>((to, ending) => {
    sink = to;
    signal = ending;
    to.begin(answer);
    return promise;
  }, { flaw: incompleteness, clock, ...options });
  const say = (delta: string, weight = 1) => {
    answer.shown.add("m", delta);
    sink?.push([text(delta)], weight);
  };
  const finish = (reason: ModelResult["reason"] = "stop") => {
    const { usageOrNothing: usage } = answer;
    answer.answer = answer.shown.toString();
    sink?.push([{ type: "finish", reason, usage }], 1);
    resolve(answer.result({ reason, continues: false }));
  };
  const room = () => sink?.room();
  return { stream, clock, answer, say, finish, room, fail: reject, signal: () => signal };
}

async function textsOf(stream: ModelStream): Promise<string[]> {
  const texts: string[] = [];
  for await (const delta of stream.textStream) texts.push(delta);
  return texts;
}

Deno.test("OpenStream begins its work at once, and gives the events once", async () => {
  const { stream, say, finish, signal } = open();
  assert.ok(signal() !== undefined);
  say("Hel");
  say("lo");
  finish();
  assert.deepEqual((await collect(stream)).map(({ type }) => type), [
    "text-delta",
    "text-delta",
    "finish",
  ]);
  assert.throws(() => stream[Symbol.asyncIterator](), /iterated once/);
  assert.throws(() => stream.toReadableStream(), /iterated once/);
  await assert.rejects(textsOf(stream), /iterated once/);
});

Deno.test("OpenStream lets promises and iteration be combined, in any order", async () => {
  const { stream, say, finish } = open();
  const final = stream.final();
  say("Hello");
  finish();
  assert.equal((await collect(stream)).length, 2);
  assert.equal((await final).text, "Hello");
  assert.equal(await stream.text(), "Hello");

  const awaitedFirst = open();
  awaitedFirst.say("Hello");
  awaitedFirst.finish();
  assert.equal(await awaitedFirst.stream.text(), "Hello");
  assert.deepEqual(await textsOf(awaitedFirst.stream), ["Hello"]);
});

Deno.test("OpenStream fails everything with the same error, what had come first", async () => {
  const { stream, say, fail } = open();
  const final = stream.final();
  say("so far");
  fail(new CodexError("stream_cut", "It was cut"));
  const seen: string[] = [];
  const iterating = (async () => {
    for await (const event of stream) if (event.type === "text-delta") seen.push(event.delta);
  })();
  const error = await codexErrorOf(iterating);
  assert.deepEqual([error.code, error.partial?.text], ["stream_cut", seen.join("")]);
  assert.equal(await codexErrorOf(final), error);
  assert.equal(await codexErrorOf(stream.text()), error);
});

Deno.test("OpenStream leaves nothing unhandled when nobody looks", async () => {
  const { stream, fail, clock } = open();
  fail(new CodexError("network", "It broke"));
  await clock.advance(1);
  // Asked for and dropped: they must not be unhandled either.
  stream.text();
  stream.final();
  await clock.advance(1);
});

Deno.test("OpenStream takes what is no error of ours for a fault of its own", async () => {
  const { stream, fail } = open();
  const cause = new TypeError("x is undefined");
  fail(cause);
  const error = await codexErrorOf(stream.text());
  assert.deepEqual([error.code, error.cause], ["internal", cause]);
  const refused = open();
  const permission = new Error("Requires net access");
  permission.name = "NotCapable";
  refused.fail(permission);
  await assert.rejects(refused.stream.text(), permission);
});

Deno.test("OpenStream gives an incomplete answer as data, but not as text", async () => {
  for (const [reason, code] of [["length", "incomplete"], ["refusal", "refused"]] as const) {
    const { stream, say, finish } = open();
    say("so far");
    finish(reason);
    assert.equal((await stream.final()).reason, reason);
    const error = await codexErrorOf(stream.text());
    assert.deepEqual([error.code, error.partial], [code, { text: "so far" }]);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const delta of stream.textStream) seen.push(delta);
    })();
    assert.equal((await codexErrorOf(reading)).code, code);
    assert.deepEqual(seen, ["so far"]);
  }
});

Deno.test("OpenStream ends its work when the loop is left", async () => {
  const { stream, say, signal } = open();
  say("a");
  say("b");
  for await (const _ of stream) break;
  assert.ok(signal()?.aborted);
  assert.equal((await codexErrorOf(stream.final())).code, "aborted");

  const texts = open();
  texts.say("a");
  for await (const _ of texts.stream.textStream) break;
  assert.ok(texts.signal()?.aborted);

  const lines = open();
  await lines.stream.toReadableStream().cancel("gone");
  assert.equal(lines.signal()?.reason, "gone");
});

Deno.test("OpenStream aborts with the reason that it is given, or with an error of ours", async () => {
  const reason = new Error("enough");
  const given = open();
  const waiting = given.stream[Symbol.asyncIterator]().next();
  given.stream.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(given.stream.text(), reason);

  const plain = open();
  plain.say("so far");
  plain.stream.abort();
  const error = await codexErrorOf(plain.stream.text());
  assert.deepEqual([error.code, error.partial], ["aborted", { text: "so far" }]);
  assert.equal(plain.signal()?.reason, error);
});

Deno.test("OpenStream heeds the caller's signal, also one that was aborted before", async () => {
  const controller = new AbortController();
  const { stream, signal } = open({ signal: controller.signal });
  controller.abort();
  await assert.rejects(stream.final(), { name: "AbortError" });
  assert.ok(signal()?.aborted);

  const early = open({ signal: AbortSignal.abort("before") });
  assert.equal(early.signal(), undefined);
  await assert.rejects(collect(early.stream), (error) => error === "before");
});

Deno.test("OpenStream does nothing on an abort after its end", async () => {
  const controller = new AbortController();
  const { stream, say, finish, signal } = open({ signal: controller.signal });
  say("Hello");
  finish();
  assert.equal(await stream.text(), "Hello");
  stream.abort("late");
  controller.abort("late");
  assert.ok(!signal()?.aborted);
  assert.deepEqual(await textsOf(stream), ["Hello"]);
});

Deno.test("OpenStream ends as timeout when the total limit has passed", async () => {
  const { stream, clock, say, signal } = open({ totalMs: 5_000 });
  say("so far");
  await clock.advance(4_999);
  assert.ok(!signal()?.aborted);
  await clock.advance(1);
  const error = await codexErrorOf(stream.text());
  assert.deepEqual([error.code, error.partial], ["timeout", { text: "so far" }]);
  assert.match(error.message, /5 s/);
});

Deno.test("OpenStream leaves no timer behind", async () => {
  const { stream, clock, finish } = open({ totalMs: 5_000 });
  assert.equal(clock.pending, 1);
  finish();
  await stream.final();
  assert.equal(clock.pending, 0);
});

Deno.test("OpenStream lets its writer wait for a reader, without a timer in the meantime", async () => {
  const { stream, clock, say, finish, room } = open({ totalMs: 5_000 });
  assert.equal(room(), undefined);
  say("big", QUEUE_BOUND);
  const waiting = room();
  assert.ok(waiting !== undefined);
  // Nobody reads: nothing may keep the process alive, and no limit runs.
  assert.equal(clock.pending, 0);
  await clock.advance(60_000);
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await waiting;
  assert.equal(clock.pending, 1);
  await clock.advance(0);
  // The time that was allowed has passed in between.
  assert.equal((await codexErrorOf(stream.final())).code, "timeout");
  finish();
});

Deno.test("OpenStream drains itself where it is awaited and not iterated", async () => {
  const { stream, say, finish, room } = open();
  say("big", QUEUE_BOUND);
  const waiting = room();
  assert.ok(waiting !== undefined);
  const final = stream.final();
  await waiting;
  say("more", QUEUE_BOUND);
  assert.equal(room(), undefined);
  finish();
  assert.equal((await final).text, "bigmore");
  assert.throws(() => stream[Symbol.asyncIterator](), /text\(\) or final\(\) has read them/);
});

Deno.test("OpenStream does not hang when the reader awaits the end in the middle of the loop", async () => {
  const { stream, say, finish, room } = open();
  say("first");
  say("big", QUEUE_BOUND);
  const seen: string[] = [];
  for await (const event of stream) {
    seen.push(event.type);
    if (seen.length > 1) continue;
    const final = stream.final();
    assert.equal(room(), undefined);
    say("last", QUEUE_BOUND);
    finish();
    await final;
  }
  assert.deepEqual(seen, ["text-delta", "text-delta", "text-delta", "finish"]);
});

Deno.test("OpenStream holds a writer back for a reader who is slow, awaited or not", async () => {
  const { stream, say, room, finish } = open();
  const final = stream.final();
  const iterator = stream[Symbol.asyncIterator]();
  say("big", QUEUE_BOUND);
  const waiting = room();
  assert.ok(waiting !== undefined);
  await iterator.next();
  await waiting;
  finish();
  assert.equal((await final).text, "big");
});

Deno.test("OpenStream wakes its writer when it is aborted", async () => {
  const { stream, say, room } = open();
  say("big", QUEUE_BOUND);
  const waiting = room();
  stream.abort();
  await waiting;
});

Deno.test("OpenStream shows what has arrived so far", () => {
  const { stream, say, answer } = open();
  assert.deepEqual(stream.partial, { text: "", items: [] });
  say("Hel");
  answer.requestId = "req_1";
  answer.limits = { plan: "plus" };
  assert.deepEqual(
    [stream.partial.text, stream.requestId, stream.limits],
    ["Hel", "req_1", { plan: "plus" }],
  );
});

Deno.test("OpenStream shows the limits of an earlier attempt until the next one tells its own", () => {
  const { stream, answer } = open();
  answer.limits = { plan: "plus" };
  stream.begin(new Accumulator("gpt-5.5"));
  assert.deepEqual(stream.limits, { plan: "plus" });
});

Deno.test("OpenStream is closed when a block of `await using` is left", async () => {
  const { stream, signal, fail } = open();
  {
    await using held = stream;
    assert.ok(!signal()?.aborted);
    // The work ends because it was told to.
    signal()?.addEventListener("abort", () => fail(signal()?.reason), { once: true });
    assert.equal(held.requestId, undefined);
  }
  assert.ok(signal()?.aborted);
});

Deno.test("OpenStream gives JSON lines that end as it does", async () => {
  const { stream, say, finish } = open();
  say("Hello");
  finish();
  const lines = (await new Response(stream.toReadableStream()).text()).trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line).type), ["text-delta", "finish"]);
});

Deno.test("OpenStream is no promise, so that an async function can pass it on", () => {
  const { stream, finish } = open();
  assert.ok(!("then" in stream));
  finish();
});

Deno.test("OpenStream lets whoever leaves at the last event have the result", async () => {
  for (const leave of ["loop", "abort", "dispose"]) {
    const late = Promise.withResolvers<void>();
    const clock = new ManualClock();
    const answer = new Accumulator("gpt-5.5");
    const stream = new OpenStream<StreamEvent, ModelResult>(async (sink, signal) => {
      sink.begin(answer);
      sink.push([text("Hello"), { type: "finish", reason: "stop", usage: NO_USAGE }], 1);
      // What is noted on a disk after an answer takes a moment.
      await late.promise;
      assert.ok(!signal.aborted);
      return answer.result({ reason: "stop", continues: false });
    }, { clock });
    for await (const { type } of stream) {
      if (type !== "finish") continue;
      if (leave === "abort") stream.abort("late");
      if (leave === "loop") break;
      late.resolve();
    }
    const ended = leave === "dispose" ? stream[Symbol.asyncDispose]() : undefined;
    late.resolve();
    await ended;
    assert.equal((await stream.final()).reason, "stop", leave);
  }
});

Deno.test("OpenStream still ends by the caller's signal after the last event", async () => {
  const controller = new AbortController();
  const clock = new ManualClock();
  const stream = new OpenStream<StreamEvent, ModelResult>((sink) => {
    sink.push([{ type: "finish", reason: "stop", usage: NO_USAGE }], 1);
    return new Promise(() => {});
  }, { clock, signal: controller.signal });
  for await (const _ of stream) break;
  controller.abort("enough");
  await assert.rejects(stream.final(), (reason) => reason === "enough");
});

Deno.test("OpenStream takes a step's finish for no end where another event is the last", async () => {
  const stream = new OpenStream<StreamEvent, ModelResult>((sink) => {
    sink.push([{ type: "finish", reason: "stop", usage: NO_USAGE }], 1);
    return new Promise(() => {});
  }, { clock: new ManualClock(), last: "run-finish" });
  for await (const _ of stream) break;
  assert.equal((await codexErrorOf(stream.final())).code, "aborted");
});

Deno.test("OpenStream gives nothing more to an iterator that was left", async () => {
  const { stream, say } = open();
  say("Hello");
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.return?.();
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});
