import assert from "node:assert/strict";
import { type CallsContext, performCalls } from "../../src/agent/calls.ts";
import { tool } from "../../src/agent/define_tool.ts";
import type { RunEvent } from "../../src/agent/run_events.ts";
import type { Approve } from "../../src/agent/run_options.ts";
import type { Tool, ToolContext, ToolEffects } from "../../src/agent/tool.ts";
import { CodexError } from "../../src/base/errors.ts";
import type { ToolCall } from "../../src/responses/events.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** A tool of a test: takes a text, and does what it is told to. */
function doing(
  execute: (text: string, context: ToolContext) => unknown,
  { name = "t", effects }: { name?: string; effects?: ToolEffects } = {},
): Tool {
  return tool({
    name,
    description: "Does it",
    input: {
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
      additionalProperties: false,
    },
    ...(effects === undefined ? {} : { effects }),
    execute: ({ text }, context) => execute(text, context),
  });
}

const call = (text: string, { id = "c", name = "t" } = {}): ToolCall => ({
  id,
  name,
  input: { text },
});

/** Makes calls, and keeps what was told. */
function perform(
  calls: readonly ToolCall[],
  tools: readonly Tool[],
  options: Partial<CallsContext> = {},
) {
  const clock = new ManualClock();
  const controller = new AbortController();
  const events: RunEvent[] = [];
  const outcome = performCalls(calls, {
    tools: new Map(tools.map((one) => [one.name, one])),
    approve: undefined,
    step: 1,
    parallel: true,
    signal: controller.signal,
    clock,
    tell: (event) => void events.push(event),
    ...options,
  });
  outcome.catch(() => {});
  return { outcome, events, clock, controller };
}

/** What the model is told of a single call. */
async function toldOf(
  given: ToolCall,
  made: Tool,
  options: Partial<CallsContext> = {},
): Promise<unknown> {
  const { outcome } = perform([given], [made], options);
  return (await outcome).results[0]?.output;
}

const results = (events: readonly RunEvent[]) =>
  events.flatMap((event) => event.type === "tool-result" ? [event] : []);

Deno.test("performCalls() gives text as it is, other values as JSON, and says when there is nothing", async () => {
  for (
    const [value, output] of [
      ["text", "text"],
      [{ a: [1] }, '{"a":[1]}'],
      [0, "0"],
      [null, "null"],
      ["", "(no output)"],
      [undefined, "(no output)"],
    ] as const
  ) {
    assert.equal(await toldOf(call("x"), doing(() => value)), output);
  }
});

Deno.test("performCalls() passes text and image parts on, and tells of an image its size alone", async () => {
  const parts = [{ type: "text", text: "look" }, { type: "image", image: new Uint8Array(7) }];
  const { outcome, events } = perform([call("x")], [doing(() => parts)]);
  assert.deepEqual((await outcome).results[0]?.output, parts);
  const [result] = results(events);
  assert.deepEqual(result?.output, [{ type: "text", text: "look" }, { type: "image", size: 7 }]);
  assert.doesNotThrow(() => structuredClone(result));
});

for (
  const [what, given, expected] of [
    ["an unknown tool", call("x", { name: "nope" }), /^unsupported call: nope$/],
    ["a name of the prototype", call("x", { name: "toString" }), /^unsupported call/],
    ["arguments that are no JSON", { id: "c", name: "t", input: '{"text": ' }, /no JSON/],
    ["missing arguments", { id: "c", name: "t", input: {} }, /"text"/],
    ["arguments of another type", { id: "c", name: "t", input: { text: 1 } }, /"\/text"/],
    ["too many arguments", { id: "c", name: "t", input: { text: "x", more: 1 } }, /"\/more"/],
    ["a list", { id: "c", name: "t", input: [] }, /do not match/],
    ["null", { id: "c", name: "t", input: null }, /do not match/],
  ] as const
) {
  Deno.test(`performCalls() answers a call with ${what}, and does not make it`, async () => {
    let made = 0;
    const { outcome, events } = perform([given], [doing(() => void made++)]);
    const [result] = (await outcome).results;
    assert.equal(result?.id, "c");
    assert.match(String(result?.output), expected);
    assert.equal(made, 0);
    assert.deepEqual(results(events).map(({ ok }) => ok), [false]);
  });
}

for (
  const [what, execute, expected] of [
    ["throws", () => {
      throw new TypeError("no such shelf");
    }, "no such shelf"],
    ["rejects", () => Promise.reject(new Error("gone")), "gone"],
    ["rejects with what is no error", () => Promise.reject("just text"), "just text"],
    ["throws an error without words", () => {
      throw new Error("");
    }, "Error"],
    ["gives what is no JSON", () => 1n, "The tool gave something that is no JSON"],
  ] as const
) {
  Deno.test(`performCalls() tells the model when a tool ${what}`, async () => {
    const { outcome, events } = perform([call("x")], [doing(execute)]);
    assert.equal((await outcome).results[0]?.output, expected);
    assert.deepEqual(results(events).map(({ ok, output }) => [ok, output]), [[false, expected]]);
  });
}

Deno.test("performCalls() ends with a CodexError that a tool throws", async () => {
  const error = new CodexError("tool_failed", "The store is on fire");
  const { outcome } = perform([call("x")], [doing(() => Promise.reject(error))]);
  await assert.rejects(outcome, error);
});

Deno.test("performCalls() makes reading calls together, and the others one after another", async () => {
  for (const [effects, together] of [["read", 3], [undefined, 1]] as const) {
    let running = 0;
    let most = 0;
    const made = doing(async (text) => {
      most = Math.max(most, ++running);
      await Promise.resolve().then(() => {}).then(() => {});
      running--;
      return text;
    }, effects === undefined ? {} : { effects });
    const calls = ["a", "b", "c"].map((text, at) => call(text, { id: `c${at}` }));
    const { outcome } = perform(calls, [made]);
    assert.deepEqual((await outcome).results.map(({ id, output }) => [id, output]), [
      ["c0", "a"],
      ["c1", "b"],
      ["c2", "c"],
    ]);
    assert.equal(most, together);
    const alone = perform(calls, [made], { parallel: false });
    most = 0;
    await alone.outcome;
    assert.equal(most, 1);
  }
});

Deno.test("performCalls() prepares a call only when those before it are done", async () => {
  const order: string[] = [];
  const slow: Tool = {
    name: "t",
    declare: () => undefined,
    prepare: (input) => {
      order.push(`prepare ${input}`);
      return Promise.resolve({ execute: () => void order.push(`execute ${input}`) });
    },
  };
  const calls = ["a", "b"].map((input) => ({ id: input, name: "t", input }));
  await perform(calls, [slow]).outcome;
  assert.deepEqual(order, ["prepare a", "execute a", "prepare b", "execute b"]);
});

Deno.test("performCalls() tells what comes out of a tool in order, before its result, and not without end", async () => {
  const made = doing((_text, { emit }) => {
    emit("one");
    emit("", "stderr");
    emit("two", "stderr");
    for (let i = 0; i < 100; i++) emit("x".repeat(10_000));
    return "done";
  });
  const { outcome, events } = perform([call("x")], [made]);
  await outcome;
  const deltas = events.flatMap((event) => event.type === "tool-output-delta" ? [event] : []);
  assert.deepEqual(deltas.slice(0, 2).map(({ channel, delta }) => [channel, delta]), [
    ["stdout", "one"],
    ["stderr", "two"],
  ]);
  assert.equal(deltas.reduce((sum, { delta }) => sum + delta.length, 0), 256 * 1024);
  assert.equal(events.at(-1)?.type, "tool-result");
});

Deno.test("performCalls() asks before a call with effects, and makes it after a yes alone", async () => {
  const answers: readonly (readonly [Approve | undefined, RegExp])[] = [
    [() => true, /^did it$/],
    [() => Promise.resolve({ allow: true }), /^did it$/],
    [() => false, /^This call was not made: the tool "t" changes files, and it was refused\./],
    [() => ({ allow: false, reason: "not today" }), /not today/],
    [undefined, /nobody is there to allow it/],
  ];
  for (const [approve, expected] of answers) {
    const made = doing(() => "did it", { effects: "write" });
    assert.match(String(await toldOf(call("x"), made, { approve })), expected);
  }
  const reading = doing(() => "did it", { effects: "read" });
  assert.equal(await toldOf(call("x"), reading, { approve: () => false }), "did it");
});

Deno.test("performCalls() tells that it asks, but not of what stays confined or is allowed at once", async () => {
  for (
    const [need, answer, asks] of [
      [undefined, Promise.resolve(true), 1],
      [true, Promise.resolve(true), 1],
      [true, false, 1],
      [true, true, 0],
      [false, Promise.resolve(true), 0],
    ] as const
  ) {
    const asked: unknown[] = [];
    const made: Tool = {
      name: "t",
      effects: "exec",
      declare: () => undefined,
      prepare: () =>
        Promise.resolve({
          ...(need === undefined ? {} : { need: { unconfined: need, why: "no sandbox" } }),
          execute: () => "ok",
        }),
    };
    const { outcome, events } = perform([call("x")], [made], {
      approve: (_call, { need }) => {
        asked.push(need?.unconfined);
        return answer;
      },
    });
    await outcome;
    assert.deepEqual(asked, [need]);
    assert.equal(events.filter(({ type }) => type === "approval-request").length, asks);
  }
});

Deno.test("performCalls() remembers the last call that was refused", async () => {
  const made = doing(() => "did it", { effects: "exec" });
  const approve: Approve = ({ id }) => id !== "b";
  const calls = ["a", "b", "c"].map((id) => call("x", { id }));
  const { refused, results } = await perform(calls, [made], { approve }).outcome;
  assert.equal(refused?.name, "t");
  assert.equal(results.length, 3);
});

Deno.test("performCalls() ends the run when the one who is asked fails", async () => {
  const made = doing(() => "did it", { effects: "exec" });
  const approve = () => Promise.reject(new Error("no terminal"));
  await assert.rejects(perform([call("x")], [made], { approve }).outcome, { code: "tool_failed" });
});

Deno.test("performCalls() lets a tool end what it has begun when the run is aborted", async () => {
  const order: string[] = [];
  const begun = Promise.withResolvers<void>();
  const made = doing((_text, { signal }) =>
    new Promise((_resolve, reject) => {
      begun.resolve();
      signal.addEventListener("abort", () => {
        queueMicrotask(() => {
          order.push("children ended");
          reject(signal.reason);
        });
      });
    })
  );
  const { outcome, controller } = perform([call("x")], [made]);
  const failed = outcome.catch((error) => {
    order.push("run ended");
    return error;
  });
  await begun.promise;
  const reason = new CodexError("aborted", "Interrupted");
  controller.abort(reason);
  assert.equal(await failed, reason);
  assert.deepEqual(order, ["children ended", "run ended"]);
});

Deno.test("performCalls() does not wait for ever for a tool that heeds no signal", async () => {
  const begun = Promise.withResolvers<void>();
  const made = doing(() => {
    begun.resolve();
    return new Promise(() => {});
  });
  const { outcome, controller, clock } = perform([call("x")], [made]);
  await begun.promise;
  controller.abort(new CodexError("aborted", "Interrupted"));
  await clock.advance(5_000);
  await assert.rejects(outcome, { code: "aborted" });
});

Deno.test("performCalls() makes no further call once the run is aborted", async () => {
  let made = 0;
  const { outcome, controller } = perform(
    [call("a"), call("b")],
    [doing(() => {
      made++;
      controller.abort(new CodexError("aborted", "Interrupted"));
    })],
  );
  await assert.rejects(outcome, { code: "aborted" });
  assert.equal(made, 1);
});
