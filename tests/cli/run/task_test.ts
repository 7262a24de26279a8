import assert from "node:assert/strict";
import type { RunEvent } from "../../../src/agent/run_events.ts";
import { CodexError, isCodexError } from "../../../src/base/errors.ts";
import { ClosedPipe } from "../../../src/cli/output.ts";
import { codeForm } from "../../../src/cli/run/answer_form.ts";
import { RunFailure } from "../../../src/cli/run_failure.ts";
import { type Answer, runTask, type Task } from "../../../src/cli/run/task.ts";
import { createClient } from "../../../src/client/client.ts";
import type { Message } from "../../../src/responses/options.ts";
import {
  combine,
  createSimulator,
  cut,
  incomplete,
  reply,
  toolCall,
  type Turn,
} from "../../../testing.ts";

const PROMPT: readonly Message[] = [{ role: "user", content: "x" }];

/** Runs a task against the simulator, and keeps what it told. */
async function attempt(turns: readonly Turn[], options: Partial<Task> = {}) {
  await using simulator = createSimulator({ turns, now: "2027-01-15T08:00:00Z" });
  const { fetch, store, clock } = simulator;
  const client = createClient({ fetch, store, clock });
  const events: RunEvent[] = [];
  const kept: Answer[] = [];
  let failure: unknown;
  try {
    await runTask({
      messages: PROMPT,
      ask: (messages) => client.stream(messages),
      model: "m",
      tell: (event) => void events.push(event),
      keep: (answer) => Promise.resolve(void kept.push(answer)),
      clock,
      ...options,
    });
  } catch (error) {
    failure = error;
  }
  return { events, kept, failure, requests: simulator.requestsTo("responses").length };
}

const types = (events: readonly RunEvent[]) => events.map(({ type }) => type);

Deno.test("runTask() tells run-start first and run-finish last, and keeps the answer before that", async () => {
  const { events, kept, failure } = await attempt([reply("Yes.")]);
  assert.equal(failure, undefined);
  assert.equal(types(events)[0], "run-start");
  assert.equal(types(events).at(-1), "run-finish");
  assert.equal(kept[0]?.text, "Yes.");
  assert.deepEqual(kept[0]?.messages.map(({ role }) => role), ["user", "assistant"]);
});

Deno.test("runTask() does not finish when the answer cannot be kept", async () => {
  const error = new CodexError("internal", "no room");
  const { events, failure } = await attempt([reply("Yes.")], { keep: () => Promise.reject(error) });
  assert.ok(failure instanceof RunFailure);
  assert.equal(failure.error, error);
  assert.deepEqual([failure.facts.text, failure.facts.steps], ["Yes.", 1]);
  assert.ok(!types(events).includes("run-finish"));
});

Deno.test("runTask() keeps nothing of an answer that broke off, and tells what had come", async () => {
  const { kept, failure } = await attempt([cut({ text: "one two three", afterChunks: 2 })]);
  assert.ok(failure instanceof RunFailure);
  assert.deepEqual(kept, []);
  assert.deepEqual([failure.facts.reason, failure.facts.text], ["failed", "one two "]);
});

Deno.test("runTask() has the service's reason for an incomplete answer, and its usage", async () => {
  const { failure } = await attempt([incomplete("max_output_tokens", { text: "some text" })]);
  assert.ok(failure instanceof RunFailure);
  assert.equal(failure.facts.reason, "length");
  assert.ok(failure.facts.usage.totalTokens > 0);
});

for (
  const [what, turn] of [
    ["nothing", reply("")],
    ["blanks", reply(" \n")],
    ["a call of a tool that was not offered", combine(reply("Let me look."), toolCall("sh", {}))],
  ] as const
) {
  Deno.test(`runTask() takes ${what} for no answer`, async () => {
    const { kept, failure } = await attempt([turn]);
    assert.ok(failure instanceof RunFailure);
    assert.ok(isCodexError(failure.error, "incomplete"));
    assert.deepEqual(kept, []);
  });
}

Deno.test("runTask() asks again at once when the model wants to go on", async () => {
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

Deno.test("runTask() asks again for another form as often as it may, with what was wrong", async () => {
  const asked: (readonly Message[])[] = [];
  await using simulator = createSimulator({ turns: [reply("no"), reply("no"), reply("no")] });
  const { fetch, store, clock } = simulator;
  const client = createClient({ fetch, store, clock });
  const failure = await runTask({
    messages: PROMPT,
    ask: (messages) => {
      asked.push(messages);
      return client.stream(messages);
    },
    model: "m",
    form: codeForm(() => {}),
    repair: 2,
    tell: () => {},
    clock,
  }).catch((error) => error);
  assert.equal(failure.error.code, "output_invalid");
  assert.deepEqual(asked.map(({ length }) => length), [1, 3, 5]);
  const last = asked[2]?.at(-1);
  assert.ok(last?.role === "user" && typeof last.content === "string");
  assert.match(last.content, /^The answer has no fenced code\.\nAnswer again/);
});

Deno.test("runTask() lets a closed pipe through as it is", async () => {
  const { failure } = await attempt([reply("Yes.")], {
    tell: () => Promise.reject(new ClosedPipe()),
  });
  assert.ok(failure instanceof ClosedPipe);
});

Deno.test("runTask() stops an answer that grows over its tokens, whatever its alphabet", async () => {
  for (const word of ["word ", "слово ", "語", "\u{1f680}"]) {
    const { events, failure } = await attempt([reply(word.repeat(500), { chunks: 250 })], {
      maxTokens: 50,
    });
    assert.ok(failure instanceof RunFailure);
    assert.equal((failure.error as CodexError).code, "budget_exceeded");
    const shown = new TextEncoder().encode(failure.facts.text).length;
    assert.ok(shown > 180 && shown < 240, `${shown} bytes of ${word}`);
    assert.ok(!types(events).includes("run-finish"));
  }
});
