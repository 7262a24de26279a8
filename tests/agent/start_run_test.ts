import assert from "node:assert/strict";
import {
  CodexError,
  createClient,
  hasToolCall,
  isCodexError,
  maxSteps,
  run,
  type RunOptions,
  type RunResult,
  type SchemaRunResult,
  type StepState,
  type Tool,
  tool,
} from "../../mod.ts";
import {
  combine,
  createSimulator,
  cut,
  reply,
  type Scenario,
  silent,
  toolCall,
} from "../../testing.ts";

/** Whether two types are the same one: `any` and `unknown` are the same as nothing but themselves. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only for types that are the same. */
function same<_ extends true>(): void {}

const CITY = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
} as const;

const weather = tool({
  name: "weather",
  description: "The weather of a city",
  input: CITY,
  execute: ({ city }) => ({ city, sky: "clear" }),
});

const asks = toolCall("weather", { city: "Basel" });

/** A client of a simulator. */
function open(scenario: Scenario) {
  const simulator = createSimulator(scenario);
  const { fetch, store, clock } = simulator;
  return { simulator, ...createClient({ fetch, store, clock }) };
}

Deno.test("run() gives the answer, what it took, and the conversation to go on with", async () => {
  const { run } = open({ turns: [asks, reply("Clear."), reply("No.")] });
  const first = await run("How is Basel?", { tools: [weather] }).final();
  assert.deepEqual([first.text, first.reason, first.steps], ["Clear.", "stop", 2]);
  assert.ok(first.usage.totalTokens > 0 && first.model !== "");
  assert.deepEqual(first.session.messages.map(({ role }) => role), [
    "user",
    "assistant",
    "tool",
    "assistant",
  ]);
  assert.doesNotThrow(() => structuredClone(first));
  const second = await run("Rain?", { tools: [weather], session: first.session }).final();
  assert.equal(second.session.id, first.session.id);
  assert.equal(second.session.messages.length, 6);
});

Deno.test("run() sends one conversation on one prompt cache, and goes on with a session of JSON", async () => {
  const { run, simulator } = open({ turns: [asks, reply("Clear."), reply("No.")] });
  const { session } = await run("Basel?", { tools: [weather] }).final();
  await run("Rain?", { session: JSON.parse(JSON.stringify(session)) }).final();
  const keys = simulator.requestsTo("responses").map(({ headers }) => headers["session-id"]);
  assert.equal(new Set(keys).size, 1);
});

Deno.test("run() awaited behaves as run() iterated", async () => {
  const turns = [combine(reply("Let me look."), asks), reply("Clear.")];
  const iterated = open({ turns });
  const stream = iterated.run("x", { tools: [weather] });
  const events = await Array.fromAsync(stream);
  const awaited = open({ turns });
  const texts = await Promise.all([stream.text(), awaited.run("x", { tools: [weather] }).text()]);
  assert.deepEqual(texts, ["Clear.", "Clear."]);
  assert.equal(events.at(-1)?.type, "run-finish");
});

Deno.test("run() tells every failure to whoever iterates and awaits, with what had come", async () => {
  const { run } = open({ turns: [asks, cut({ text: "one two", afterChunks: 1 })] });
  const stream = run("x", { tools: [weather] });
  const error = await stream.final().catch((error) => error);
  assert.ok(isCodexError(error, "stream_cut"));
  await assert.rejects(Array.fromAsync(stream), /are gone|cut off/);
  assert.equal(stream.partial.text, "one ");
  assert.ok(stream.partial.items.length > 0);
  assert.ok((stream.partial.usage?.totalTokens ?? 0) > 0);
});

Deno.test("run() ends as timeout when its total limit has passed, whatever a tool does", async () => {
  const { run, simulator } = open({ now: "2027-01-15T08:00:00Z", turns: [asks] });
  const begun = Promise.withResolvers<AbortSignal>();
  const slow: Tool = {
    ...weather,
    prepare: () =>
      Promise.resolve({
        execute: ({ signal }) => {
          begun.resolve(signal);
          return new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason))
          );
        },
      }),
  };
  await using stream = run("x", { tools: [slow], timeout: { total: 60_000 } });
  const failed = stream.final().catch((error) => error);
  const signal = await begun.promise;
  await simulator.clock.advance(60_000);
  assert.ok(isCodexError(await failed, "timeout"));
  assert.ok(signal.aborted);
});

Deno.test("run() aborts with the caller's reason, and reaches the tool at work", async () => {
  const { run } = open({ turns: [asks] });
  const controller = new AbortController();
  const seen = Promise.withResolvers<unknown>();
  const slow: Tool = {
    ...weather,
    prepare: () =>
      Promise.resolve({
        execute: ({ signal }) => {
          signal.addEventListener("abort", () => seen.resolve(signal.reason));
          controller.abort(new Error("enough"));
          return new Promise((_resolve, reject) => reject(signal.reason));
        },
      }),
  };
  const stream = run("x", { tools: [slow], signal: controller.signal });
  await assert.rejects(stream.final(), /enough/);
  assert.match(String(await seen.promise), /enough/);
});

Deno.test("run() ends its request when the loop over its events is left", async () => {
  const { run, simulator } = open({ turns: [silent({ text: "a b", afterChunks: 1 })] });
  for await (const event of run("x")) if (event.type === "text-delta") break;
  assert.equal(simulator.requestsTo("responses").length, 1);
});

Deno.test("run() makes calls with effects only where approve says yes", async () => {
  const turns = [asks, reply("Well.")];
  const writes: Tool = { ...weather, effects: "write" };
  const refused = await open({ turns }).run("x", { tools: [writes] }).final();
  const allowed = await open({ turns }).run("x", { tools: [writes], approve: () => true }).final();
  const outputs = [refused, allowed].map(({ session }) => {
    const [, , results] = session.messages;
    return results?.role === "tool" ? String(results.content[0]?.output) : "";
  });
  assert.match(outputs[0] ?? "", /not made/);
  assert.equal(outputs[1], '{"city":"Basel","sky":"clear"}');
});

Deno.test("run() checks the last answer alone against a schema, and asks again where it may", async () => {
  const output = { schema: CITY };
  const turns = [combine(reply("Let me look."), asks), reply("no"), reply('{"city":"Basel"}')];
  const result = await open({ turns }).run("x", { tools: [weather], output, repair: 1 }).final();
  assert.deepEqual(result.output, { city: "Basel" });
  assert.equal(result.steps, 3);
  const failed = open({ turns }).run("x", { tools: [weather], output }).final();
  await assert.rejects(failed, { code: "output_invalid" });
});

Deno.test("run() gives no output where a condition ends it before the answer", async () => {
  const stopWhen = [maxSteps(9), hasToolCall("weather")];
  const { output, reason } = await open({ turns: [asks] })
    .run("x", { tools: [weather], output: { schema: CITY }, stopWhen }).final();
  assert.deepEqual([output, reason], [undefined, "tool-call"]);
});

Deno.test("run() gives web search beside its tools", async () => {
  const { run, simulator } = open({ turns: [reply("Yes.")] });
  await run("x", { tools: [weather], search: true }).final();
  const body = simulator.requestsTo("responses")[0]?.json as { tools: { type: string }[] };
  assert.deepEqual(body.tools.map(({ type }) => type), ["function", "web_search"]);
});

for (
  const [what, input, options, code] of [
    ["an empty prompt", "", {}, "invalid_usage"],
    ["an empty conversation", [], {}, "invalid_usage"],
    ["no steps", "x", { maxSteps: 0 }, "invalid_usage"],
    ["half a step", "x", { maxSteps: 1.5 }, "invalid_usage"],
    ["no tokens", "x", { maxOutputTokens: -1 }, "invalid_usage"],
    ["two tools of one name", "x", { tools: [weather, weather] }, "invalid_usage"],
    ["a schema that is none", "x", { output: { schema: { allOf: [] } } }, "schema_unsupported"],
  ] as const satisfies readonly (readonly [string, string | [], RunOptions, string])[]
) {
  Deno.test(`run() refuses ${what} before anything is sent`, async () => {
    const { run, simulator } = open({});
    await assert.rejects(run(input, options).final(), { code });
    assert.equal(simulator.requestsTo("responses").length, 0);
  });
}

Deno.test("run() refuses what beforeStep() gives of another kind, before anything is asked", async () => {
  const { simulator, run } = open({ turns: [reply("No.")] });
  const beforeStep = (() => ({ effort: 5 })) as unknown as RunOptions["beforeStep"];
  await assert.rejects(
    run("hi", { beforeStep }).final(),
    /beforeStep\(\)\.effort has to be text, and is a number/,
  );
  assert.equal(simulator.requestsTo("responses").length, 0);
});

for (const name of ["tools", "output", "signal"] as const) {
  Deno.test(`run() refuses \`${name}\` of beforeStep(), and proposes none of the run's own`, async () => {
    const { run } = open({});
    const values = { tools: [], output: { schema: CITY }, signal: AbortSignal.abort() };
    const beforeStep = () => ({ [name]: values[name] });
    const error = await run("hi", { beforeStep }).final().catch((thrown) => thrown);
    assert.ok(isCodexError(error, "invalid_usage"));
    assert.equal(error.message, `beforeStep().${name} is not known here`);
    assert.doesNotMatch(error.hint ?? "", /tools$|output$|signal$/);
  });
}

for (
  const [how, beforeStep] of [
    ["throws", () => {
      throw new TypeError("mine");
    }],
    ["rejects", () => Promise.reject(new TypeError("mine"))],
  ] as const
) {
  Deno.test(`run() says whose fault it is when beforeStep() ${how}`, async () => {
    const { run } = open({});
    const error = await run("hi", { beforeStep }).final().catch((thrown) => thrown);
    assert.ok(isCodexError(error, "tool_failed") && error.cause instanceof TypeError);
    assert.match(error.hint ?? "", /beforeStep/);
  });
}

Deno.test("run() says whose fault it is when a tool cannot be declared", async () => {
  const { run } = open({});
  const failing: Tool = {
    ...weather,
    declare: () => {
      throw new TypeError("mine");
    },
  };
  await assert.rejects(run("hi", { tools: [failing] }).final(), {
    code: "tool_failed",
    message: /"weather"/,
  });
});

Deno.test("run() gives conditions and beforeStep() a state of their own", async () => {
  const { run, simulator } = open({ turns: [asks, reply("Clear.")] });
  const spoil = ({ messages, usage }: StepState) => {
    Reflect.set(messages, "length", 0);
    Object.assign(usage, { totalTokens: -5 });
  };
  const isMet = (state: StepState) => (spoil(state), false);
  const options = { tools: [weather], beforeStep: spoil, stopWhen: { name: "mine", isMet } };
  const { usage } = await run("How is Basel?", options).final();
  assert.ok(usage.totalTokens > 0);
  assert.equal(simulator.requestsTo("responses").length, 2);
});

Deno.test("run() makes the call of the model, whatever a reader does with its event", async () => {
  let asked = "";
  const { run } = open({ turns: [asks, reply("Clear.")] });
  const asking = tool({
    name: "weather",
    description: "d",
    input: CITY,
    execute: ({ city }) => {
      asked = city;
    },
  });
  for await (const event of run("How is Basel?", { tools: [asking] })) {
    if (event.type === "tool-call") Object.assign(Object(event.input), { city: "Rome" });
  }
  assert.equal(asked, "Basel");
});

for (
  const [whose, part] of [
    ["the user's", { type: "image", image: "/etc/passwd" }],
    ["a file's", { type: "file", name: "n", text: new URL("file:///etc/passwd") }],
  ] as const
) {
  Deno.test(`run() reads no file for a session: ${whose} part`, async () => {
    const { run, simulator } = open({});
    const session = { id: "s", messages: [{ role: "user", content: [part] }] } as const;
    await assert.rejects(run("hi", { session }).final(), {
      code: "invalid_usage",
      message: /session names a file/,
    });
    assert.equal(simulator.requestsTo("responses").length, 0);
  });
}

Deno.test("run() reads no file for the result of a tool in a session", async () => {
  const { run } = open({});
  const output = [{ type: "image", image: "a.png" }] as const;
  const content = [{ type: "tool-result", id: "c", output }] as const;
  const session = { id: "s", messages: [{ role: "tool", content }] } as const;
  await assert.rejects(run("hi", { session }).final(), /session names a file/);
});

Deno.test("run() ends its JSON lines as the command does, with what had become of it", async () => {
  const { run } = open({ turns: [asks, cut({ text: "one two three", afterChunks: 2 })] });
  const stream = run("x", { tools: [weather], retry: { attempts: 0 } }).toReadableStream();
  let text = "";
  const failure = await (async () => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) text += chunk;
  })().catch((error) => error);
  assert.ok(isCodexError(failure, "stream_cut"));
  const last = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
  assert.deepEqual([last.type, last.code, last.reason, last.steps, last.text, last.partial], [
    "error",
    "stream_cut",
    "failed",
    2,
    "one two ",
    undefined,
  ]);
  assert.ok(last.usage.totalTokens > 0);
});

Deno.test("run() refuses a tool with effects that nobody knows", async () => {
  const { run } = open({});
  const odd = { ...weather, effects: "writes" } as unknown as Tool;
  await assert.rejects(run("x", { tools: [odd] }).final(), /tools\[0\]\.effects has to be one of/);
});

Deno.test("run() ends with a CodexError that a tool throws", async () => {
  const error = new CodexError("tool_failed", "The store is on fire");
  const burning: Tool = {
    ...weather,
    prepare: () =>
      Promise.resolve({
        execute: () => {
          throw error;
        },
      }),
  };
  const { run } = open({ turns: [asks] });
  await assert.rejects(run("x", { tools: [burning] }).final(), { message: error.message });
});

Deno.test("run() of the module takes a client's options beside its own", async () => {
  await using simulator = createSimulator({ turns: [asks, reply("Clear.")] });
  const { fetch, store } = simulator;
  assert.equal(await run("x", { tools: [weather], fetch, store }).text(), "Clear.");
});

Deno.test("run() and tool() have the types of their schemas", () => {
  tool({
    name: "t",
    description: "",
    input: CITY,
    execute(input) {
      same<Same<typeof input, { city: string }>>();
    },
  });
  const typed = () => run("x", { output: { schema: CITY } }).final();
  same<Same<Awaited<ReturnType<typeof typed>>, SchemaRunResult<{ city: string }>>>();
  const plain = () => run("x").final();
  same<Same<Awaited<ReturnType<typeof plain>>, RunResult>>();
});
