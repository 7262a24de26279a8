import assert from "node:assert/strict";
import { type CallsContext, performCalls } from "../../src/agent/calls.ts";
import { tool } from "../../src/agent/define_tool.ts";
import type { RunEvent } from "../../src/agent/run_events.ts";
import type { Approve } from "../../src/agent/run_options.ts";
import type { Tool, ToolContext, ToolEffects } from "../../src/agent/tool.ts";
import { CodexError } from "../../src/base/errors.ts";
import type { ToolCall } from "../../src/responses/events.ts";
import { ManualClock } from "../support/manual_clock.ts";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

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
  const parts = [{ type: "text", text: "look" }, { type: "image", image: PNG, detail: "low" }];
  const { outcome, events } = perform([call("x")], [doing(() => parts)]);
  assert.deepEqual((await outcome).results[0]?.output, [
    { type: "text", text: "look" },
    { type: "image", image: `data:image/png;base64,${PNG.toBase64()}`, detail: "low" },
  ]);
  const [result] = results(events);
  assert.deepEqual(result?.output, [{ type: "text", text: "look" }, { type: "image", size: 8 }]);
  assert.doesNotThrow(() => structuredClone(result));
});

Deno.test("performCalls() passes on of parts what is known of them", async () => {
  const parts = [
    { type: "text", text: "x", annotations: {} },
    { type: "image", image: PNG, mimeType: "image/png" },
  ];
  assert.deepEqual(await toldOf(call("x"), doing(() => parts)), [
    { type: "text", text: "x" },
    { type: "image", image: `data:image/png;base64,${PNG.toBase64()}` },
  ]);
});

Deno.test("performCalls() passes on an image at https: as it is", async () => {
  const image = new URL("https://example.test/a.png");
  assert.deepEqual(await toldOf(call("x"), doing(() => [{ type: "image", image }])), [
    { type: "image", image: image.href },
  ]);
});

for (
  const [what, image, why] of [
    ["bytes of something else", new Uint8Array([1, 2, 3]), /no PNG, JPEG, WebP or GIF/],
    ["a path", "/etc/passwd", /a path is not read here/],
    ["a relative path", "a.png", /a path is not read here/],
    ["the address of a file", new URL("file:///a.png"), /a path is not read here/],
    ["the address of a file as text", "file:///a.png", /a path is not read here/],
    ["an address without encryption", "http://example.test/a.png", /neither at https: nor/],
    ["a drawing", "data:image/svg+xml;base64,AAAA", /neither at https: nor/],
  ] as const
) {
  Deno.test(`performCalls() tells the model that ${what} is no image, and goes on`, async () => {
    const { outcome, events } = perform([call("x")], [doing(() => [{ type: "image", image }])]);
    const [result] = (await outcome).results;
    assert.match(String(result?.output), /^The tool gave an image that cannot be shown: /);
    assert.match(String(result?.output), why);
    assert.deepEqual(results(events).map(({ ok }) => ok), [false]);
  });
}

for (
  const [kind, make] of [
    ["Map", () => new Map([["a", 1]])],
    ["Set", () => new Set([1])],
    ["Error", () => new Error("as a value")],
    ["Response", () => new Response("x")],
    ["RegExp", () => /x/],
    ["Uint8Array", () => new Uint8Array(2)],
    ["function", () => () => 1],
    ["AsyncGenerator", async function* () {
      yield await Promise.resolve("a");
    }],
  ] as const
) {
  Deno.test(`performCalls() tells the model that a value of the kind ${kind} is no result`, async () => {
    const { outcome, events } = perform([call("x")], [doing(() => make())]);
    assert.equal(
      (await outcome).results[0]?.output,
      `The tool gave a value of the kind ${kind}, which is neither text nor data`,
    );
    assert.deepEqual(results(events).map(({ ok }) => ok), [false]);
  });
}

Deno.test("performCalls() gives objects of classes as JSON, with members or without", async () => {
  class Place {
    readonly x = 1;
  }
  const told = await Promise.all(
    [new Place(), {}, Object.create(null), new Date(0)].map((value) =>
      toldOf(call("x"), doing(() => value))
    ),
  );
  assert.deepEqual(told, ['{"x":1}', "{}", "{}", '"1970-01-01T00:00:00.000Z"']);
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

Deno.test("performCalls() takes `true` alone for a yes", async () => {
  const NO: readonly unknown[] = [
    undefined,
    null,
    0,
    1,
    "yes",
    [],
    {},
    () => true,
    { allow: "false" },
    { allow: 1 },
    { allow: false, reason: 5 },
    Promise.resolve(undefined),
    Promise.resolve({ allow: "true" }),
  ];
  for (const answer of NO) {
    let made = 0;
    const changing = doing(() => void made++, { effects: "write" });
    const approve = () => answer as boolean;
    const told = await toldOf(call("x"), changing, { approve });
    assert.match(String(told), /^This call was not made: .* and it was refused\./);
    assert.equal(made, 0);
  }
});

Deno.test("performCalls() makes the call that was checked, whatever is done with what others are shown", async () => {
  const given: ToolCall = { id: "c", name: "t", input: { text: "right" } };
  const spoil = (shown: unknown) => void Object.assign(Object(shown), { text: "wrong" });
  const events: RunEvent[] = [];
  const { outcome } = perform([given], [doing((text) => text, { effects: "write" })], {
    approve: async (shown) => {
      spoil(shown.input);
      Object.assign(shown, { input: { text: "wrong" } });
      await Promise.resolve();
      return true;
    },
    tell: (event) => {
      events.push(event);
      if (event.type === "approval-request") spoil(event.input);
    },
  });
  assert.equal((await outcome).results[0]?.output, "right");
  assert.ok(events.some(({ type }) => type === "approval-request"));
  assert.deepEqual(given.input, { text: "right" });
});

Deno.test("performCalls() keeps a call as it was given from a tool that changes its input", async () => {
  const given: ToolCall = { id: "c", name: "t", input: { text: "right" } };
  const spoiling: Tool = {
    name: "t",
    declare: () => undefined,
    prepare: (input) => {
      Object.assign(Object(input), { text: "wrong" });
      return Promise.resolve({ execute: () => "done" });
    },
  };
  await perform([given], [spoiling]).outcome;
  assert.deepEqual(given.input, { text: "right" });
});

Deno.test("performCalls() ends those beside a call that ends the run, and tells its error", async () => {
  const error = new CodexError("tool_failed", "The store is on fire");
  const begun = Promise.withResolvers<void>();
  const order: unknown[] = [];
  const waiting = doing((_text, { signal }) => {
    begun.resolve();
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        order.push(signal.reason);
        queueMicrotask(() => {
          order.push("ended");
          reject(signal.reason);
        });
      });
    });
  }, { name: "waiting", effects: "read" });
  const failing = doing(async () => {
    await begun.promise;
    throw error;
  }, { name: "failing", effects: "read" });
  const calls = [call("x", { id: "a", name: "failing" }), call("x", { id: "b", name: "waiting" })];
  const { outcome, controller } = perform(calls, [failing, waiting]);
  await assert.rejects(outcome, (thrown) => thrown === error);
  assert.deepEqual(order, [error, "ended"]);
  assert.ok(!controller.signal.aborted);
});

Deno.test("performCalls() tells the reason of the run to all that are made together", async () => {
  const reason = new CodexError("aborted", "Interrupted");
  const reasons: unknown[] = [];
  let begun = 0;
  const both = Promise.withResolvers<void>();
  const waiting = doing((_text, { signal }) => {
    if (++begun === 2) both.resolve();
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        reasons.push(signal.reason);
        reject(signal.reason);
      });
    });
  }, { effects: "read" });
  const calls = [call("x", { id: "a" }), call("x", { id: "b" })];
  const { outcome, controller } = perform(calls, [waiting]);
  await both.promise;
  controller.abort(reason);
  await assert.rejects(outcome, (thrown) => thrown === reason);
  assert.deepEqual(reasons, [reason, reason]);
});

for (
  const [what, delta, channel] of [
    ["a number", 5, undefined],
    ["nothing", undefined, undefined],
    ["another channel", "x", "stdlog"],
  ] as const
) {
  Deno.test(`performCalls() refuses ${what} that a tool emits`, async () => {
    const made = doing((_text, { emit }) => emit(delta as string, channel as "stdout"));
    await assert.rejects(perform([call("x")], [made]).outcome, {
      code: "invalid_usage",
      message: /^The (delta|channel) of emit\(\) has to be/,
    });
  });
}

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
