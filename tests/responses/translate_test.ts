import assert from "node:assert/strict";
import type { WireEvent } from "../../src/protocol/responses.ts";
import { Accumulator } from "../../src/responses/accumulator.ts";
import type { StreamEvent } from "../../src/responses/events.ts";
import { Translator, type TranslatorOptions } from "../../src/responses/translate.ts";
import { COMPLETED, CREATED, delta, message } from "./fakes.ts";

function isEvent(value: unknown): value is WireEvent {
  return typeof value === "object" && value !== null && "type" in value;
}

/** What becomes of some events. */
function translate(events: readonly unknown[], options: TranslatorOptions = {}) {
  const answer = new Accumulator("asked-for");
  const translator = new Translator(answer, options);
  const out: StreamEvent[] = [];
  for (const event of events) {
    assert.ok(isEvent(event));
    translator.translate(event, out);
  }
  const ending = translator.ending;
  return {
    answer,
    translator,
    out,
    types: out.map(({ type }) => type).join(" "),
    shown: answer.shown.toString(),
    result: ending === undefined ? undefined : answer.result(ending),
  };
}

const added = (item: unknown, output_index = 0) => ({
  type: "response.output_item.added",
  output_index,
  item,
});
const done = (item: unknown, output_index = 0) => ({
  type: "response.output_item.done",
  output_index,
  item,
});

Deno.test("Translator shows text from deltas and takes it from the finished item", () => {
  const { types, result, shown } = translate([
    CREATED,
    delta("Hel"),
    delta("lo"),
    message("Hello"),
    COMPLETED,
  ]);
  assert.equal(types, "start text-start text-delta text-delta text-end finish");
  assert.deepEqual([shown, result?.text, result?.usage.totalTokens], ["Hello", "Hello", 5]);
});

Deno.test("Translator shows the rest of an item that goes on beyond its deltas", () => {
  const { out, shown } = translate([CREATED, delta("Hel"), message("Hello"), COMPLETED]);
  assert.deepEqual(out.slice(2, 5), [
    { type: "text-delta", id: "msg_1", delta: "Hel" },
    { type: "text-delta", id: "msg_1", delta: "lo" },
    { type: "text-end", id: "msg_1", text: "Hello" },
  ]);
  assert.equal(shown, "Hello");
});

Deno.test("Translator warns where the item differs from its deltas, and trusts the item", () => {
  const { out, types, result, shown } = translate([
    CREATED,
    delta("Hallo"),
    message("Hello"),
    COMPLETED,
  ]);
  assert.equal(types, "start text-start text-delta warning text-end finish");
  const warning = out.find((event) => event.type === "warning");
  assert.equal(warning?.code, "text_differs");
  assert.deepEqual([shown, result?.text], ["Hallo", "Hello"]);
});

Deno.test("Translator keeps what was said of a message whose finished item is empty", () => {
  const { types, result } = translate([
    CREATED,
    delta("Hello"),
    message("", { content: [] }),
    COMPLETED,
  ]);
  assert.equal(types, "start text-start text-delta text-end finish");
  assert.equal(result?.text, "Hello");
});

Deno.test("Translator takes deltas without an item, an item without deltas, and neither", () => {
  const deltasOnly = translate([CREATED, delta("Hel"), delta("lo"), COMPLETED]);
  assert.equal(deltasOnly.result?.text, "Hello");
  assert.deepEqual(deltasOnly.result?.items, [{
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text: "Hello" }],
  }]);
  const itemOnly = translate([CREATED, message("Hello"), COMPLETED]);
  assert.equal(itemOnly.types, "start text-start text-delta text-end finish");
  const output = [{ type: "message", content: [{ type: "output_text", text: "Hello" }] }];
  const completed = { type: "response.completed", response: { id: "r", output } };
  const completedOnly = translate([completed]);
  assert.equal(completedOnly.types, "start text-start text-delta text-end finish");
  assert.deepEqual(completedOnly.result?.items, output);
  for (const { result, shown } of [deltasOnly, itemOnly, completedOnly]) {
    assert.deepEqual([result?.text, shown], ["Hello", "Hello"]);
  }
});

Deno.test("Translator reads the terminal event's output only where nothing else came", () => {
  const output = [{ type: "message", content: [{ type: "output_text", text: "other" }] }];
  const completed = { type: "response.completed", response: { id: "r", output } };
  assert.equal(translate([CREATED, delta("Hello"), completed]).result?.text, "Hello");
  assert.equal(translate([CREATED, message("Hello"), completed]).result?.items.length, 1);
  const announced = added({ id: "msg_1", type: "message" });
  assert.equal(translate([CREATED, announced, completed]).result?.text, "other");
});

Deno.test("Translator takes the last message for the answer, and tells the phases", () => {
  const { out, result } = translate([
    CREATED,
    added({ id: "msg_1", type: "message", phase: "commentary" }),
    delta("first", "msg_1", 0),
    done({ id: "msg_1", type: "message", content: [{ type: "output_text", text: "first" }] }),
    added({ id: "msg_2", type: "message", phase: "final_answer" }, 1),
    delta("second", "msg_2", 1),
    done({ id: "msg_2", type: "message", content: [{ type: "output_text", text: "second" }] }, 1),
    COMPLETED,
  ]);
  const phases = out.flatMap((event) =>
    event.type === "text-start" || event.type === "text-end" ? [[event.id, event.phase]] : []
  );
  assert.deepEqual(phases, [
    ["msg_1", "interim"],
    ["msg_1", "interim"],
    ["msg_2", "final"],
    ["msg_2", "final"],
  ]);
  assert.equal(result?.text, "second");
});

Deno.test("Translator holds back half a surrogate pair until the other half comes", () => {
  const { out, shown } = translate([
    CREATED,
    delta("a\ud83d"),
    delta("\ude00b\ud83d"),
    delta("\ude00"),
    message("a😀b😀"),
    COMPLETED,
  ]);
  const deltas = out.flatMap((event) => event.type === "text-delta" ? [event.delta] : []);
  assert.deepEqual(deltas, ["a", "😀b", "😀"]);
  assert.equal(shown, "a😀b😀");
});

Deno.test("Translator gives up a half that never gets its other, with the item or at the end", () => {
  const withItem = translate([CREATED, delta("a\ud83d"), message("a😀!"), COMPLETED]);
  assert.equal(withItem.shown, "a😀!");
  const without = translate([CREATED, delta("a\ud83d"), COMPLETED]);
  assert.equal(without.result?.text, "a\ud83d");
  assert.equal(without.shown, "a\ud83d");
  const cut = translate([CREATED, delta("a\ud83d")]);
  assert.equal(cut.shown, "a");
});

Deno.test("Translator shows a refusal, and names it as the reason", () => {
  const { types, result } = translate([
    CREATED,
    { type: "response.refusal.delta", item_id: "msg_1", output_index: 0, delta: "I will not" },
    message("", { content: [{ type: "refusal", refusal: "I will not" }] }),
    COMPLETED,
  ]);
  assert.equal(types, "start text-start text-delta text-end finish");
  assert.deepEqual([result?.reason, result?.text], ["refusal", "I will not"]);
});

Deno.test("Translator takes calls from finished items, with their input as a value", () => {
  const call = { id: "fc_1", type: "function_call", call_id: "call_1", name: "run" };
  const { out, result } = translate([
    CREATED,
    added({ ...call, arguments: "" }),
    { type: "response.function_call_arguments.delta", item_id: "fc_1", delta: '{"a"' },
    { type: "response.function_call_arguments.delta", item_id: "fc_1", delta: ":1}" },
    done({ ...call, arguments: '{"a":1}' }),
    COMPLETED,
  ]);
  assert.deepEqual(out.slice(1, 4), [
    { type: "tool-input-delta", id: "call_1", delta: '{"a"' },
    { type: "tool-input-delta", id: "call_1", delta: ":1}" },
    { type: "tool-call", id: "call_1", name: "run", input: { a: 1 } },
  ]);
  assert.equal(result?.reason, "tool-calls");
  assert.deepEqual(result?.calls, [{ id: "call_1", name: "run", input: { a: 1 } }]);
});

Deno.test("Translator gives bad arguments as text, none as an empty object, and custom input as it is", () => {
  const call = { type: "function_call", call_id: "c", name: "run" };
  const custom = { type: "custom_tool_call", call_id: "d", name: "patch", namespace: "ns" };
  const { result } = translate([
    done({ ...call, arguments: "{bad" }, 0),
    done({ ...call, arguments: "" }, 1),
    done({ ...call, arguments: "null" }, 2),
    done({ ...custom, input: '{"a":1}' }, 3),
    COMPLETED,
  ]);
  assert.deepEqual(result?.calls.map(({ input }) => input), ["{bad", {}, null, '{"a":1}']);
  assert.equal(result?.calls[3]?.namespace, "ns");
});

Deno.test("Translator warns of a call that was begun and not finished, and does not make it", () => {
  const { out, result } = translate([
    added({ id: "fc_1", type: "function_call", call_id: "c", name: "run" }),
    { type: "response.function_call_arguments.delta", item_id: "fc_1", delta: '{"a":1}' },
    COMPLETED,
  ]);
  const warnings = out.flatMap((event) => event.type === "warning" ? [event.code] : []);
  assert.deepEqual(warnings, ["call_unfinished"]);
  assert.deepEqual([result?.calls, result?.reason, result?.text], [[], "stop", ""]);
});

Deno.test("Translator sets the parts of a reasoning summary apart", () => {
  const summary = (text: string, index: number) => ({
    type: "response.reasoning_summary_text.delta",
    item_id: "rs_1",
    output_index: 0,
    summary_index: index,
    delta: text,
  });
  const { out, result } = translate([
    CREATED,
    summary("one", 0),
    summary(" more", 0),
    summary("two", 1),
    done({ id: "rs_1", type: "reasoning", summary: [{ type: "summary_text", text: "x" }] }),
    done({ id: "rs_2", type: "reasoning", content: [{ type: "reasoning_text", text: "raw" }] }, 1),
    COMPLETED,
  ]);
  const deltas = out.flatMap((event) => event.type === "reasoning-delta" ? [event.delta] : []);
  assert.deepEqual(deltas, ["one", " more", "\n\ntwo", "raw"]);
  assert.deepEqual([result?.text, result?.items.length], ["", 2]);
});

Deno.test("Translator keeps every finished item in order, known or not, once", () => {
  const items = [
    { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "E" },
    { id: "x_1", type: "brand_new", value: 1 },
    { id: "msg_1", type: "message", content: [] },
  ];
  const events = items.map((item, index) => done(item, index));
  const { result } = translate([...events, ...events, COMPLETED]);
  assert.deepEqual(result?.items, items);
});

Deno.test("Translator tells an incomplete answer by its reason", () => {
  const incomplete = (details: unknown) =>
    translate([
      CREATED,
      delta("so far"),
      { type: "response.incomplete", response: { incomplete_details: details } },
    ]);
  const reasons = [
    [{ reason: "max_output_tokens" }, "length", "max_output_tokens"],
    [{ reason: "content_filter" }, "content-filter", "content_filter"],
    [{ reason: "budget_reached" }, "other", "budget_reached"],
    [null, "other", undefined],
  ] as const;
  for (const [details, reason, detail] of reasons) {
    const { result, types } = incomplete(details);
    assert.deepEqual([result?.reason, result?.detail, result?.text], [reason, detail, "so far"]);
    assert.ok(types.endsWith("text-end finish"));
  }
});

Deno.test("Translator tells that the model wants to be asked again", () => {
  const completed = { type: "response.completed", response: { id: "r", end_turn: false } };
  const { out, result } = translate([CREATED, completed]);
  const last = out.at(-1);
  assert.ok(last?.type === "finish" && last.continues === true);
  assert.equal(result?.continues, true);
});

Deno.test("Translator takes every kind of failure for the end", () => {
  for (const type of ["response.failed", "response.cancelled", "response.error", "error"]) {
    const { translator } = translate([CREATED, { type, note: 1 }]);
    assert.deepEqual(translator.failure, { type, note: 1 });
    assert.ok(translator.ended && translator.ending === undefined);
  }
});

Deno.test("Translator says whether a retry would repeat what was shown", () => {
  const isShown = (...events: unknown[]) => translate(events).translator.shown;
  assert.ok(!isShown(CREATED, added({ id: "m", type: "message" })));
  assert.ok(!isShown(CREATED, done({ type: "reasoning", summary: [] })));
  assert.ok(!isShown({ type: "codex.rate_limits", rate_limits: {} }));
  assert.ok(!isShown(CREATED, delta("")));
  assert.ok(isShown(CREATED, delta("x")));
  assert.ok(isShown(done({ type: "function_call", call_id: "c", name: "n", arguments: "" })));
  assert.ok(isShown({ type: "response.reasoning_text.delta", delta: "x" }));
  assert.ok(isShown({ type: "response.custom_tool_call_input.delta", delta: "x" }));
});

Deno.test("Translator passes limits on, and keeps them for the end", () => {
  const window = { used_percent: 40, window_minutes: 300 };
  const event = { type: "codex.rate_limits", plan_type: "plus", rate_limits: { primary: window } };
  const limits = { plan: "plus", primary: { usedPercent: 40, windowSeconds: 18_000 } };
  const { out, result } = translate([event, COMPLETED]);
  assert.deepEqual(out[0], { type: "limits", limits });
  assert.deepEqual(result?.limits, limits);
});

Deno.test("Translator passes the wire's events on where they are wanted, without secrets", () => {
  const event = { type: "new.event", list: ["my-secret-token", { deep: "a my-secret-token b" }] };
  const raw = { secrets: ["my-secret-token"] };
  assert.deepEqual(translate([event], { raw }).out, [{
    type: "raw",
    event: { type: "new.event", list: ["***", { deep: "a *** b" }] },
  }]);
  assert.deepEqual(translate([event]).out, []);
  assert.equal(translate([CREATED, COMPLETED], { raw }).types, "raw start raw finish");
});

Deno.test("Translator names the model and the id as far as they are told", () => {
  const told = translate([CREATED, COMPLETED]).result;
  assert.deepEqual([told?.id, told?.model], ["resp_1", "gpt-5.5"]);
  const untold = translate([delta("x"), { type: "response.completed" }]).result;
  assert.deepEqual([untold?.id, untold?.model], ["", "asked-for"]);
  const late = translate([delta("x"), COMPLETED]).result;
  assert.equal(late?.id, "resp_1");
});
