import assert from "node:assert/strict";
import { reply } from "../../testing.ts";
import { matcher, TurnQueue } from "../../src/testing/turn_queue.ts";

Deno.test("matcher() looks for a text, or tries a regular expression between slashes", () => {
  for (
    const [when, prompt, expected] of [
      [undefined, "anything", true],
      ["sum", "please sum this", true],
      ["Sum", "please sum this", false],
      ["/^please/", "please sum this", true],
      ["/^sum/", "please sum this", false],
      ["/SUM/i", "please sum this", true],
      ["/", "a/b", true],
      ["/a.b/s", "a\nb", true],
      ["/b/g", "abc", true],
    ] as const
  ) {
    assert.equal(matcher(when)(prompt), expected, `${when}`);
  }
});

Deno.test("TurnQueue.take() leaves a turn whose pattern does not match for its own prompt", () => {
  const queue = new TurnQueue();
  const [cold, any, warm] = [
    reply("c", { when: "cold" }),
    reply("a"),
    reply("w", { when: "warm" }),
  ];
  queue.add([cold, any, warm]);
  assert.equal(queue.take("warm"), any);
  assert.equal(queue.take("warm"), warm);
  assert.equal(queue.take("warm"), undefined);
  assert.equal(queue.take("cold"), cold);
  assert.equal(queue.size, 0);
});

Deno.test("TurnQueue.take() gives a turn as often as it says", () => {
  const queue = new TurnQueue();
  const [twice, always] = [reply("2", { times: 2 }), reply("∞", { times: "always" })];
  queue.add([twice, always]);
  assert.deepEqual([1, 2, 3, 4].map(() => queue.take("")), [twice, twice, always, always]);
  assert.equal(queue.size, 1);
});

Deno.test("TurnQueue.add() says which pattern is no regular expression", () => {
  assert.throws(() => new TurnQueue().add([reply("x", { when: "/(/" })]), {
    name: "TypeError",
    message: 'Cannot read "when" as a regular expression: "/(/"',
  });
});
