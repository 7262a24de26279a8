import assert from "node:assert/strict";
import { reply } from "../../testing.ts";
import { TurnQueue } from "../../src/testing/turn_queue.ts";

Deno.test("TurnQueue.take() leaves a turn whose pattern does not match for its own prompt", () => {
  const queue = new TurnQueue();
  const [cold, any, warm] = [
    reply("c", { when: "cold" }),
    reply("a"),
    reply("w", { when: "warm" }),
  ];
  queue.add([cold, any, warm]);
  assert.equal(queue.take("warm")?.turn, any);
  assert.equal(queue.take("warm")?.turn, warm);
  assert.equal(queue.take("warm"), undefined);
  assert.equal(queue.take("cold")?.turn, cold);
  assert.equal(queue.size, 0);
});

Deno.test("TurnQueue.take() gives a turn as often as it says", () => {
  const queue = new TurnQueue();
  const [twice, always] = [reply("2", { times: 2 }), reply("∞", { times: "always" })];
  queue.add([twice, always]);
  assert.deepEqual([1, 2, 3, 4].map(() => queue.take("")?.turn), [twice, twice, always, always]);
  assert.equal(queue.size, 1);
});

Deno.test("TurnQueue.take() numbers the turns in the order in which they were added", () => {
  const queue = new TurnQueue();
  queue.add([reply("a", { when: "a" }), reply("b")]);
  queue.add([reply("c")]);
  assert.deepEqual(["x", "x", "a"].map((prompt) => queue.take(prompt)?.index), [1, 2, 0]);
});

Deno.test("TurnQueue.add() says which pattern is no regular expression", () => {
  assert.throws(() => new TurnQueue().add([reply("x", { when: "/(/" })]), {
    name: "TypeError",
    message: 'Cannot read "/(/" as a regular expression',
  });
});
