import assert from "node:assert/strict";
import * as builders from "../../testing.ts";

const { combine, cut, oneBigDelta, raw, reasoning, reply, toolCall } = builders;

Deno.test("every builder makes plain data that a file can hold", () => {
  const made = [
    reply("a", { chunks: ["a"], delayMs: 1, when: "x", times: 2, headers: { a: "b" } }),
    toolCall("f", { a: [1, null, true] }),
    builders.customToolCall("f", "x", { callId: "c" }),
    reasoning(["a", "b"]),
    builders.refuse("no"),
    builders.outputItem({ type: "x" }),
    combine(reply("a"), reply("b")),
    oneBigDelta("a"),
    builders.completedOnly("a"),
    builders.onWire(reply("a"), { lineEnd: "cr" }),
    raw("a"),
    raw(new Uint8Array([0, 255])),
    builders.incomplete(null),
    builders.failed("x", "y", { extra: { a: 1 } }),
    builders.errorEvent({ code: "x" }),
    builders.usageLimit(),
    builders.rateLimited({ retryAfter: 1 }),
    builders.unauthorized(),
    builders.httpError(500, "x"),
    cut({ afterBytes: 3 }),
    builders.silent({ keepalive: "event" }),
    builders.garbage(),
    builders.disconnected("dns"),
    builders.fault("refresh", { connection: "reset", effect: true }),
    builders.refreshFails("invalid_grant", { times: "always" }),
    builders.deviceLogin({ interval: null }),
    builders.browserLogin({ outcome: "deny" }),
    builders.refreshRotates(),
  ];
  for (const turn of made) {
    // Members that are `undefined` would be lost, and break `exactOptionalPropertyTypes` before.
    assert.deepStrictEqual(JSON.parse(JSON.stringify(turn)), turn);
    assert.deepStrictEqual(structuredClone(turn), turn);
  }
});

Deno.test("reply() writes down only what it is told", () => {
  assert.deepEqual(reply("a"), { type: "answer", items: [{ type: "text", text: "a" }] });
  assert.deepEqual(reply("a", { chunks: 0, when: "b" }), {
    type: "answer",
    items: [{ type: "text", text: "a", chunks: 0 }],
    when: "b",
  });
});

Deno.test("combine() joins the items, and takes the rest from the last turn that says it", () => {
  const joined = combine(
    reasoning("r", { when: "first" }),
    reply("a", { times: 2 }),
    cut({ afterEvents: 1, how: "reset" }),
  );
  assert.deepEqual(joined, {
    type: "answer",
    items: [{ type: "reasoning", summary: ["r"] }, { type: "text", text: "a" }],
    when: "first",
    times: 2,
    breaks: { kind: "reset", afterEvents: 1 },
  });
  assert.deepEqual(combine(), { type: "answer", items: [] });
});

Deno.test("oneBigDelta() has one delta, however long the text", () => {
  assert.deepEqual(oneBigDelta("a b").items, [{ type: "text", text: "a b", chunks: 1 }]);
});

Deno.test("cut() comes after one delta unless it is told another place", () => {
  assert.deepEqual(cut().breaks, { kind: "close", afterChunks: 1 });
  assert.deepEqual(cut({ afterEvents: 3 }).breaks, { kind: "close", afterEvents: 3 });
});

Deno.test("raw() keeps bytes as base64", () => {
  assert.deepEqual(raw(new Uint8Array([0, 255])), { type: "raw", base64: "AP8=" });
});
