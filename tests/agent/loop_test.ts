import assert from "node:assert/strict";
import { type Answer, type AnswerForm, Loop, type LoopOptions } from "../../src/agent/loop.ts";
import type { RunEvent, RunFacts } from "../../src/agent/run_events.ts";
import { tool } from "../../src/agent/define_tool.ts";
import type { Tool, ToolEffects } from "../../src/agent/tool.ts";
import { CodexError, isCodexError } from "../../src/base/errors.ts";
import { isObject } from "../../src/base/json.ts";
import { createClient } from "../../src/client/client.ts";
import type { Message } from "../../src/responses/options.ts";
import {
  combine,
  createSimulator,
  cut,
  failed,
  incomplete,
  reasoning,
  reply,
  toolCall,
  type Turn,
} from "../../testing.ts";

const PROMPT: readonly Message[] = [{ role: "user", content: "x" }];

/** Runs to the end against the simulator, and keeps what was told. */
async function attempt(turns: readonly Turn[], options: Partial<LoopOptions> = {}) {
  await using simulator = createSimulator({ turns, now: "2027-01-15T08:00:00Z" });
  const { fetch, store, clock } = simulator;
  const client = createClient({ fetch, store, clock });
  const events: RunEvent[] = [];
  const kept: Answer[] = [];
  const loop = new Loop({
    messages: PROMPT,
    ask: (messages) => client.stream(messages),
    model: "m",
    tell: (event) => void events.push(event),
    keep: (answer) => Promise.resolve(void kept.push(answer)),
    signal: new AbortController().signal,
    clock,
    ...options,
  });
  let failure: unknown;
  let facts: RunFacts | undefined;
  try {
    await loop.run();
  } catch (error) {
    failure = error;
    facts = loop.facts(error);
  }
  return { events, kept, failure, facts, requests: simulator.requestsTo("responses").length };
}

const types = (events: readonly RunEvent[]) => events.map(({ type }) => type);

Deno.test("Loop tells run-start first and run-finish last, and keeps the answer before that", async () => {
  const { events, kept, failure } = await attempt([reply("Yes.")]);
  assert.equal(failure, undefined);
  assert.equal(types(events)[0], "run-start");
  assert.equal(types(events).at(-1), "run-finish");
  assert.equal(kept[0]?.text, "Yes.");
  assert.deepEqual(kept[0]?.messages.map(({ role }) => role), ["user", "assistant"]);
});

Deno.test("Loop does not finish when the answer cannot be kept", async () => {
  const error = new CodexError("internal", "no room");
  const { events, failure, facts } = await attempt([reply("Yes.")], {
    keep: () => Promise.reject(error),
  });
  assert.equal(failure, error);
  assert.deepEqual([facts?.text, facts?.steps], ["Yes.", 1]);
  assert.ok(!types(events).includes("run-finish"));
});

Deno.test("Loop keeps nothing of an answer that broke off, and tells what had come", async () => {
  const { kept, facts } = await attempt([cut({ text: "one two three", afterChunks: 2 })]);
  assert.deepEqual(kept, []);
  assert.deepEqual([facts?.reason, facts?.text], ["failed", "one two "]);
});

Deno.test("Loop has the service's reason for an incomplete answer, and its usage", async () => {
  const { facts } = await attempt([incomplete("max_output_tokens", { text: "some text" })]);
  assert.equal(facts?.reason, "length");
  assert.ok(facts.usage.totalTokens > 0);
});

for (
  const [what, turn] of [
    ["nothing", reply("")],
    ["blanks", reply(" \n")],
    ["a call where no tool was offered", combine(reply("Let me look."), toolCall("sh", {}))],
  ] as const
) {
  Deno.test(`Loop takes ${what} for no answer`, async () => {
    const { kept, failure } = await attempt([turn]);
    assert.ok(isCodexError(failure, "incomplete"));
    assert.deepEqual(kept, []);
  });
}

Deno.test("Loop asks again at once when the model wants to go on", async () => {
  const first = { ...reply("Let me "), ending: { type: "completed", endTurn: false } } as const;
  const { kept, events, requests } = await attempt([first, reply("see.")]);
  assert.equal(requests, 2);
  assert.equal(kept[0]?.text, "see.");
  const steps = events.flatMap((event) => event.type === "step-finish" ? [event.step] : []);
  assert.deepEqual(steps, [1, 2]);
  const last = events.at(-1);
  assert.ok(last?.type === "run-finish");
  assert.equal(last.steps, 2);
});

Deno.test("Loop asks again for another form as often as it may, with what was wrong", async () => {
  const asked: (readonly Message[])[] = [];
  const form: AnswerForm = {
    check: (text) =>
      Promise.reject(new CodexError("output_invalid", "The answer is no number", { hint: text })),
    wish: "Answer again.",
  };
  await using simulator = createSimulator({ turns: [reply("no"), reply("no"), reply("no")] });
  const { fetch, store, clock } = simulator;
  const client = createClient({ fetch, store, clock });
  const loop = new Loop({
    messages: PROMPT,
    ask: (messages) => {
      asked.push(messages);
      return client.stream(messages);
    },
    model: "m",
    form,
    repair: 2,
    signal: new AbortController().signal,
    tell: () => {},
    clock,
  });
  await assert.rejects(loop.run(), { code: "output_invalid" });
  assert.deepEqual(asked.map(({ length }) => length), [1, 3, 5]);
  const last = asked[2]?.at(-1);
  assert.ok(last?.role === "user" && typeof last.content === "string");
  assert.match(last.content, /^The answer is no number\.\nAnswer again/);
});

Deno.test("Loop ends with what telling fails with", async () => {
  const gone = new Error("the reader has gone");
  const { failure } = await attempt([reply("Yes.")], { tell: () => Promise.reject(gone) });
  assert.equal(failure, gone);
});

Deno.test("Loop stops an answer that grows over its tokens, whatever its alphabet", async () => {
  for (const word of ["word ", "слово ", "語", "\u{1f680}"]) {
    const { events, failure, facts } = await attempt([reply(word.repeat(500), { chunks: 250 })], {
      maxTokens: 50,
    });
    assert.ok(isCodexError(failure, "budget_exceeded"));
    const shown = new TextEncoder().encode(facts?.text).length;
    assert.ok(shown > 180 && shown < 240, `${shown} bytes of ${word}`);
    assert.ok(!types(events).includes("run-finish"));
  }
});

// Tools.

/** A tool that remembers what it was given. */
function echo(effects?: ToolEffects): { tool: Tool; given: unknown[] } {
  const given: unknown[] = [];
  const made = tool({
    name: "echo",
    description: "Says it again",
    input: {
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
      additionalProperties: false,
    },
    ...(effects === undefined ? {} : { effects }),
    execute({ text }) {
      given.push(text);
      return `you said ${text}`;
    },
  });
  return { tool: made, given };
}

const byName = (...tools: readonly Tool[]) => new Map(tools.map((one) => [one.name, one]));

/** What the model was told of the calls before its last answer. */
function told(kept: readonly Answer[]): unknown[] {
  return (kept[0]?.messages ?? []).flatMap((message) =>
    message.role === "tool" ? message.content.map(({ output }) => output) : []
  );
}

Deno.test("Loop makes a call, tells the model what came of it, and goes on to the answer", async () => {
  const { tool, given } = echo();
  const { events, kept, requests } = await attempt(
    [toolCall("echo", { text: "hi" }), reply("Done.")],
    { tools: byName(tool) },
  );
  assert.deepEqual(given, ["hi"]);
  assert.deepEqual(told(kept), ["you said hi"]);
  assert.equal(kept[0]?.text, "Done.");
  assert.equal(requests, 2);
  const seen = types(events).filter((type) => !/^(start|limits|tool-input-delta)$/.test(type));
  assert.deepEqual(seen, [
    "run-start",
    "step-start",
    "tool-call",
    "finish",
    "tool-start",
    "tool-result",
    "step-finish",
    "step-start",
    "text-start",
    ...seen.filter((type) => type === "text-delta"),
    "text-end",
    "finish",
    "step-finish",
    "run-finish",
  ]);
});

for (
  const [what, turn] of [
    ["text before a call", combine(reply("Let me look."), toolCall("echo", { text: "a" }))],
    ["a call before text", combine(toolCall("echo", { text: "a" }), reply("Looking."))],
    [
      "a final answer and a call",
      combine(reply("Yes.", { phase: "final_answer" }), toolCall("echo", { text: "a" })),
    ],
  ] as const
) {
  Deno.test(`Loop goes on after ${what}`, async () => {
    const { tool, given } = echo();
    const { kept, requests } = await attempt([turn, reply("Done.")], { tools: byName(tool) });
    assert.deepEqual(given, ["a"]);
    assert.equal(requests, 2);
    assert.equal(kept[0]?.text, "Done.");
  });
}

Deno.test("Loop sends reasoning and calls back as they came, each with its result", async () => {
  const { tool } = echo();
  const thought = combine(reasoning("hm"), toolCall("echo", { text: "a" }, { callId: "c1" }));
  await using simulator = createSimulator({ turns: [thought, reply("Done.")] });
  const { fetch, store, clock } = simulator;
  const client = createClient({ fetch, store, clock });
  await client.run("x", { tools: [tool] }).final();
  const body = simulator.requestsTo("responses")[1]?.json;
  const items = (isObject(body) ? body["input"] : []) as Record<string, unknown>[];
  const types = items.map(({ type }) => type);
  assert.deepEqual(types, ["message", "reasoning", "function_call", "function_call_output"]);
  assert.equal(typeof items[1]?.["encrypted_content"], "string");
  assert.equal(items[3]?.["call_id"], "c1");
});

Deno.test("Loop makes several calls of one answer in their order", async () => {
  const { tool, given } = echo();
  const calls = combine(...["a", "b", "c"].map((text) => toolCall("echo", { text })));
  const { kept } = await attempt([calls, reply("Done.")], { tools: byName(tool) });
  assert.deepEqual(given, ["a", "b", "c"]);
  assert.deepEqual(told(kept), ["you said a", "you said b", "you said c"]);
});

Deno.test("Loop ends early when a condition is met, with its name as the reason", async () => {
  const { tool } = echo();
  const { kept, requests, events } = await attempt([toolCall("echo", { text: "a" })], {
    tools: byName(tool),
    stopWhen: [{ name: "enough", isMet: ({ last }) => last?.calls.length === 1 }],
  });
  assert.equal(requests, 1);
  assert.equal(kept[0]?.reason, "enough");
  const last = events.at(-1);
  assert.ok(last?.type === "run-finish" && last.reason === "enough");
});

Deno.test("Loop asks no condition once there is an answer", async () => {
  const { kept } = await attempt([reply("Done.")], {
    stopWhen: [{ name: "enough", isMet: () => true }],
  });
  assert.equal(kept[0]?.reason, "stop");
});

Deno.test("Loop ends as step_limit when the model never comes to an answer", async () => {
  const { tool, given } = echo();
  const turns = Array.from({ length: 9 }, () => toolCall("echo", { text: "again" }));
  const { failure, facts } = await attempt(turns, { tools: byName(tool), maxSteps: 3 });
  assert.ok(isCodexError(failure, "step_limit"));
  assert.equal(given.length, 3);
  assert.equal(facts?.steps, 3);
  assert.match(failure.message, /used its 3 steps$/);
  const other = echo();
  const once = await attempt(turns, { tools: byName(other.tool), maxSteps: 1 });
  assert.match(String(once.failure), /used its one step$/);
});

Deno.test("Loop counts the tokens of all steps", async () => {
  const { tool } = echo();
  const usage = { inputTokens: 10, outputTokens: 60 };
  const turns = [
    toolCall("echo", { text: "a" }, { usage }),
    toolCall("echo", { text: "b" }, { usage }),
    reply("Done."),
  ];
  const { failure, facts } = await attempt(turns, { tools: byName(tool), maxTokens: 100 });
  assert.ok(isCodexError(failure, "budget_exceeded"));
  assert.equal(facts?.usage.outputTokens, 120);
});

Deno.test("Loop ends as input_too_large when the window is full, with what it took so far", async () => {
  const { tool } = echo();
  const full = failed("context_length_exceeded", "Your input exceeds the context window");
  const { failure, facts } = await attempt([toolCall("echo", { text: "a" }), full], {
    tools: byName(tool),
  });
  assert.ok(isCodexError(failure, "input_too_large"));
  assert.equal(facts?.steps, 2);
  assert.ok(facts.usage.totalTokens > 0);
});

Deno.test("Loop goes on after a refused call, and ends as approval_denied only without an answer", async () => {
  const { tool, given } = echo("exec");
  const call = toolCall("echo", { text: "a" });
  const answered = await attempt([call, reply("I could not.")], { tools: byName(tool) });
  assert.equal(answered.kept[0]?.text, "I could not.");
  assert.match(String(told(answered.kept)[0]), /^This call was not made: .*runs programs/);
  const silent = await attempt([call, reply("")], { tools: byName(tool) });
  assert.ok(isCodexError(silent.failure, "approval_denied"));
  assert.deepEqual(given, []);
});

Deno.test("Loop lets each step have options of its own", async () => {
  const { tool } = echo();
  const steps: number[] = [];
  await using simulator = createSimulator({
    turns: [toolCall("echo", { text: "a" }), reply("Done.")],
  });
  const { fetch, store, clock } = simulator;
  const client = createClient({ fetch, store, clock });
  await client.run("x", {
    tools: [tool],
    beforeStep({ step, messages, last }) {
      steps.push(step, messages.length, last?.calls.length ?? -1);
      return step === 2 ? { toolChoice: "none" } : undefined;
    },
  }).final();
  assert.deepEqual(steps, [1, 1, -1, 2, 3, 1]);
  const choices = simulator.requestsTo("responses").map(({ json }) =>
    isObject(json) ? json["tool_choice"] : undefined
  );
  assert.deepEqual(choices, ["auto", "none"]);
});

Deno.test("Loop stops at every event it is aborted at, and asks nothing more", async () => {
  const { tool } = echo();
  const turns = [combine(reply("Let me."), toolCall("echo", { text: "a" })), reply("Done.")];
  const whole = await attempt(turns, { tools: byName(tool) });
  for (let at = 0; at < whole.events.length - 1; at++) {
    const controller = new AbortController();
    const reason = new CodexError("aborted", "Interrupted");
    let seen = 0;
    const { failure, facts, kept } = await attempt(turns, {
      tools: byName(tool),
      signal: controller.signal,
      tell: () => {
        if (seen++ === at) controller.abort(reason);
      },
    });
    // The last step is over by then: an answer that is whole stands.
    if (kept.length > 0) continue;
    assert.equal(failure, reason, `at event ${at}, ${whole.events[at]?.type}`);
    assert.equal(facts?.reason, "aborted");
  }
});
