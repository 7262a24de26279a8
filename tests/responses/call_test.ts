import assert from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { isObject } from "../../src/base/json.ts";
import type { StreamDeps } from "../../src/responses/call.ts";
import type { Input, StreamOptions } from "../../src/responses/options.ts";
import { startStream } from "../../src/responses/stream.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { fail, hang, json, ScriptedFetch, sse } from "../support/scripted_fetch.ts";
import {
  answer,
  API_KEY,
  CHATGPT,
  codexErrorOf,
  collect,
  CREATED,
  delta,
  FakeCatalogue,
  fakeDeps,
  FakeSession,
  HastyClock,
  model,
  NOW,
  wire,
} from "./fakes.ts";

/** A call with waits that are over at once. */
function start(
  net: ScriptedFetch,
  options: StreamOptions = {},
  others: Partial<StreamDeps> = {},
  input: Input = "hi",
) {
  const clock = new HastyClock();
  const stream = startStream(input, options, fakeDeps(net.fetch, { clock, ...others }));
  return { clock, stream };
}

const BUSY = json({ error: { message: "busy" } }, 503);
const GATE = json({ error: { message: "Model not found gpt-5.5" } }, 404);

function limited(resetsAt: number) {
  const error = { type: "usage_limit_reached", plan_type: "plus", resets_at: resetsAt / 1000 };
  return json({ error }, 429);
}

function bodyOf(net: ScriptedFetch, index: number): Record<string, unknown> {
  const { json } = net.request(index);
  assert.ok(isObject(json));
  return json;
}

Deno.test("call() tries again before the first output, and tells of it", async () => {
  const net = new ScriptedFetch(BUSY, fail(), sse([wire(CREATED)]), sse([answer("Hello")]));
  const { stream, clock } = start(net);
  const events = await collect(stream);
  assert.deepEqual(events.filter(({ type }) => type === "retry"), [
    { type: "retry", attempt: 1, of: 4, delayMs: 150, code: "overloaded" },
    { type: "retry", attempt: 2, of: 4, delayMs: 300, code: "network" },
    { type: "retry", attempt: 3, of: 4, delayMs: 600, code: "stream_cut" },
  ]);
  assert.deepEqual(clock.waits.filter((ms) => ms < 1_000), [150, 300, 600]);
  assert.equal(await stream.text(), "Hello");
});

Deno.test("call() makes every attempt with the same request", async () => {
  const net = new ScriptedFetch(BUSY, sse([answer("Hello")]));
  await start(net).stream.text();
  assert.equal(net.request(0).body, net.request(1).body);
  assert.equal(
    net.request(0).headers.get("session-id"),
    "00000000-0000-4000-8000-000000000001",
  );
  assert.equal(bodyOf(net, 0)["prompt_cache_key"], net.request(1).headers.get("session-id"));
});

Deno.test("call() does not try again once anything was shown", async () => {
  const net = new ScriptedFetch(sse([wire(CREATED, delta("so far"))]), sse([answer("again")]));
  const error = await codexErrorOf(start(net).stream.text());
  assert.deepEqual([error.code, error.partial], ["stream_cut", { text: "so far" }]);
  assert.equal(net.requests.length, 1);
});

Deno.test("call() does not try again after a silence, which took long enough", async () => {
  const clock = new ManualClock();
  const net = new ScriptedFetch(hang(), sse([answer("again")]));
  const { stream } = start(net, {}, { clock });
  const error = codexErrorOf(stream.text());
  await clock.advance(61_000);
  assert.equal((await error).code, "network");
  assert.equal(net.requests.length, 1);
});

Deno.test("call() has a rejected sign-in renewed, once", async () => {
  const renewed = { ...CHATGPT, headers: { authorization: "Bearer renewed-token" } };
  const session = new FakeSession(CHATGPT, renewed);
  const net = new ScriptedFetch(json({}, 401), sse([answer("Hello")]));
  assert.equal(await start(net, {}, { session }).stream.text(), "Hello");
  assert.equal(session.asked[1]?.rejected, CHATGPT);
  assert.equal(net.request(1).headers.get("authorization"), "Bearer renewed-token");

  const twice = new ScriptedFetch(json({}, 401), json({}, 401), sse([answer("never")]));
  const error = await codexErrorOf(start(twice).stream.text());
  assert.deepEqual([error.code, twice.requests.length], ["sign_in_rejected", 2]);
});

Deno.test("call() passes the session's own failures on", async () => {
  const over = new CodexError("sign_in_expired", "The sign-in is over");
  const net = new ScriptedFetch(json({}, 401));
  const later = start(net, {}, { session: new FakeSession(CHATGPT, over) });
  assert.equal(await codexErrorOf(later.stream.text()), over);
  const none = new CodexError("not_signed_in", "Nobody is signed in");
  const nobody = start(new ScriptedFetch(), {}, { session: new FakeSession(none) });
  assert.equal(await codexErrorOf(nobody.stream.final()), none);
});

Deno.test("call() answers a gate with one attempt in the other shape, and remembers what worked", async () => {
  const catalogue = new FakeCatalogue();
  const net = new ScriptedFetch(GATE, sse([answer("Hello")]));
  const { stream, clock } = start(net, {}, { catalogue });
  assert.equal(await stream.text(), "Hello");
  assert.deepEqual([...catalogue.shapes], [["gpt-5.5", "lite"]]);
  assert.equal(net.request(1).headers.get("x-openai-internal-codex-responses-lite"), "true");
  assert.ok("instructions" in bodyOf(net, 0) && !("instructions" in bodyOf(net, 1)));
  assert.deepEqual(clock.waits, []);

  const next = new ScriptedFetch(sse([answer("Hello")]));
  await start(next, {}, { catalogue }).stream.text();
  assert.ok(!("instructions" in bodyOf(next, 0)));
});

Deno.test("call() goes back to the classic shape where the remembered one is refused", async () => {
  const catalogue = new FakeCatalogue();
  catalogue.shapes.set("gpt-5.5", "lite");
  const refused = json({
    error: {
      code: "unsupported_value",
      param: "model",
      message: "This model is not supported when using X-OpenAI-Internal-Codex-Responses-Lite.",
    },
  }, 400);
  const net = new ScriptedFetch(refused, sse([answer("Hello")]));
  assert.equal(await start(net, {}, { catalogue }).stream.text(), "Hello");
  assert.equal(catalogue.shapes.get("gpt-5.5"), "classic");
});

Deno.test("call() names the models that work where neither shape does", async () => {
  const catalogue = new FakeCatalogue(model("gpt-5.5", 2), model("gpt-6-sol", 1));
  for (const second of [GATE, json({ detail: "Unknown shape" }, 400)]) {
    const net = new ScriptedFetch(GATE, second);
    const error = await codexErrorOf(start(net, { model: "gpt-5.5" }, { catalogue }).stream.text());
    assert.deepEqual([error.code, error.hint, error.status], [
      "model_unavailable",
      "Use gpt-6-sol",
      404,
    ]);
    assert.equal(net.requests.length, 2);
  }
  assert.equal(catalogue.shapes.size, 0);
});

Deno.test("call() keeps another failure of the second shape for what it is", async () => {
  const net = new ScriptedFetch(GATE, limited(NOW + 60_000));
  assert.equal((await codexErrorOf(start(net).stream.text())).code, "usage_limit");
});

Deno.test("call() tells other processes of a limit of the whole account, and of no other", async () => {
  const catalogue = new FakeCatalogue();
  const net = new ScriptedFetch(limited(NOW + 3_600_000));
  const error = await codexErrorOf(start(net, {}, { catalogue }).stream.text());
  assert.equal(error.code, "usage_limit");
  assert.deepEqual(catalogue.limits, [error.resetsAt]);
  const past = new FakeCatalogue();
  const old = new ScriptedFetch(limited(NOW - 1_000));
  await codexErrorOf(start(old, {}, { catalogue: past }).stream.text());
  assert.deepEqual(past.limits, []);
});

Deno.test("call() spares a request that another process was just refused", async () => {
  const catalogue = new FakeCatalogue();
  catalogue.limited = new Date(NOW + 3_600_000).toISOString();
  const net = new ScriptedFetch(sse([answer("Hello")]));
  const error = await codexErrorOf(start(net, {}, { catalogue }).stream.text());
  assert.deepEqual([error.code, error.resetsAt], ["usage_limit", catalogue.limited]);
  assert.equal(net.requests.length, 0);
  const key = start(net, { model: "gpt-5.5" }, { catalogue, session: new FakeSession(API_KEY) });
  assert.equal(await key.stream.text(), "Hello");
});

Deno.test("call() waits for a reset where it is asked to, told or noted", async () => {
  const wait: StreamOptions = { retry: { onUsageLimit: "wait" } };
  const net = new ScriptedFetch(limited(NOW + 30_000), sse([answer("Hello")]));
  const { stream, clock } = start(net, wait);
  const [retry] = (await collect(stream)).filter((event) => event.type === "retry");
  assert.deepEqual([retry?.code, retry?.delayMs], ["usage_limit", 32_000]);
  assert.deepEqual(clock.waits, [32_000]);

  const catalogue = new FakeCatalogue();
  catalogue.limited = new Date(NOW + 30_000).toISOString();
  const noted = new ScriptedFetch(sse([answer("Hello")]));
  assert.equal(await start(noted, wait, { catalogue }).stream.text(), "Hello");
});

Deno.test("call() asks for the sign-in again after a wait, which may have outlasted it", async () => {
  const renewed = { ...CHATGPT, headers: { authorization: "Bearer renewed-token" } };
  const session = new FakeSession(CHATGPT, renewed);
  const net = new ScriptedFetch(limited(NOW + 7_200_000), sse([answer("Hello")]));
  const options: StreamOptions = { retry: { onUsageLimit: "wait" } };
  const clock = new ManualClock(NOW);
  const { stream } = start(net, options, { session, clock });
  assert.equal(await clock.run(stream.text(), 600_000), "Hello");
  assert.equal(session.asked[1]?.rejected, undefined);
  assert.equal(net.request(1).headers.get("authorization"), "Bearer renewed-token");
});

Deno.test("call() can be aborted while it waits", async () => {
  const clock = new ManualClock();
  const net = new ScriptedFetch(json({}, 429, { "retry-after": "10" }));
  const { stream } = start(net, {}, { clock });
  await clock.advance(1_000);
  assert.equal(net.requests.length, 1);
  stream.abort("enough");
  await assert.rejects(stream.text(), (error) => error === "enough");
  assert.equal(clock.pending, 0);
});

Deno.test("call() takes note of the list's mark, and minds no catalogue that cannot", async () => {
  const catalogue = new FakeCatalogue();
  const headers = { "x-models-etag": "etag-2" };
  await start(new ScriptedFetch(sse([answer("x")], headers)), {}, { catalogue }).stream.text();
  assert.deepEqual(catalogue.etags, ["etag-2"]);
  catalogue.noteEtag = () => Promise.reject(new Error("the disk is full"));
  const net = new ScriptedFetch(sse([answer("Hello")], headers));
  assert.equal(await start(net, {}, { catalogue }).stream.text(), "Hello");
});

Deno.test("call() sends a key's request in the classic shape, whatever is remembered", async () => {
  const catalogue = new FakeCatalogue();
  catalogue.shapes.set("gpt-5.5", "lite");
  const session = new FakeSession(API_KEY);
  const net = new ScriptedFetch(GATE);
  const error = await codexErrorOf(
    start(net, { model: "gpt-5.5" }, { catalogue, session }).stream.text(),
  );
  assert.equal(error.code, "model_unavailable");
  assert.equal(net.requests.length, 1);
  assert.ok("instructions" in bodyOf(net, 0));
});

Deno.test("call() refuses bad options and bad input before anything is asked", async () => {
  const session = new FakeSession();
  const refused = [
    start(new ScriptedFetch(), { instructions: "" }, { session }),
    start(new ScriptedFetch(), {}, { session }, []),
  ];
  for (const { stream } of refused) {
    assert.equal((await codexErrorOf(stream.text())).code, "invalid_usage");
  }
  assert.equal(session.asked.length, 0);
});
