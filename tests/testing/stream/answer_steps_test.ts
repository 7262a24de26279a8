import assert from "node:assert/strict";
import {
  combine,
  completedOnly,
  createSimulator,
  errorEvent,
  failed,
  incomplete,
  reply,
  type Turn,
} from "../../../testing.ts";
import { askForEvents, type Event, textOf } from "../client.ts";

async function eventsFor(turn: Turn): Promise<readonly Event[]> {
  await using simulator = createSimulator({ turns: [turn] });
  return await askForEvents(simulator);
}

Deno.test("incomplete() ends with the reason, after the text so far", async () => {
  const events = await eventsFor(incomplete("max_output_tokens", { text: "Once upon" }));
  assert.equal(textOf(events), "Once upon");
  const last = events.at(-1);
  assert.equal(last?.type, "response.incomplete");
  const { status, incomplete_details } = Object(last["response"]);
  assert.equal(status, "incomplete");
  assert.deepEqual(incomplete_details, { reason: "max_output_tokens" });
  const bare = (await eventsFor(incomplete(null))).at(-1);
  assert.equal(Object(bare?.["response"]).incomplete_details, null);
});

Deno.test("failed() ends with the error, and with more members of it", async () => {
  const turn = failed("rate_limit_exceeded", "try again in 1.2s", { extra: { plan_type: "plus" } });
  const last = (await eventsFor(turn)).at(-1);
  assert.equal(last?.type, "response.failed");
  assert.deepEqual(Object(last["response"]).error, {
    code: "rate_limit_exceeded",
    message: "try again in 1.2s",
    plan_type: "plus",
  });
  assert.equal(Object((await eventsFor(failed(null))).at(-1)?.["response"]).error, null);
});

Deno.test("failed() after a reply keeps what was said", async () => {
  const events = await eventsFor(combine(reply("So far"), failed("server_error")));
  assert.equal(textOf(events), "So far");
  assert.equal(events.at(-1)?.type, "response.failed");
});

Deno.test("errorEvent() ends with an event of that type", async () => {
  const last = (await eventsFor(errorEvent({ code: "server_error", message: "Oops" }))).at(-1);
  assert.equal(last?.type, "error");
  assert.equal(last["code"], "server_error");
});

Deno.test("completedOnly() says everything in the last event", async () => {
  const events = await eventsFor(completedOnly("All at once"));
  assert.deepEqual(events.map(({ type }) => type), [
    "response.created",
    "response.in_progress",
    "response.completed",
  ]);
  assert.equal(Object(events.at(-1)?.["response"]).output[0].content[0].text, "All at once");
});

Deno.test("a completed response can be bent in its members", async () => {
  const turn: Turn = {
    ...reply("x"),
    ending: { type: "completed", endTurn: false, replace: { id: null, usage: "many" } },
  };
  const response = Object((await eventsFor(turn)).at(-1)?.["response"]);
  assert.equal(response.end_turn, false);
  assert.equal("id" in response, false);
  assert.equal(response.usage, "many");
});
