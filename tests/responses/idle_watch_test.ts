import assert from "node:assert/strict";
import { IdleWatch } from "../../src/responses/idle_watch.ts";
import { ManualClock } from "../support/manual_clock.ts";

function watched(first: number, idle: number) {
  const clock = new ManualClock();
  const silences: [number, boolean][] = [];
  const watch = new IdleWatch(clock, { first, idle }, (...silence) => silences.push(silence));
  return { clock, watch, silences };
}

Deno.test("IdleWatch tells a silence before the first event", async () => {
  const { clock, silences } = watched(100, 1_000);
  await clock.advance(99);
  assert.deepEqual(silences, []);
  await clock.advance(1);
  assert.deepEqual(silences, [[100, true]]);
  await clock.advance(5_000);
  assert.equal(silences.length, 1);
});

Deno.test("IdleWatch counts from the last event, with one timer for all of them", async () => {
  const { clock, watch, silences } = watched(1_000, 100);
  for (let event = 0; event < 50; event++) {
    await clock.advance(60);
    watch.touch();
    assert.equal(clock.pending, 1);
  }
  assert.deepEqual(silences, []);
  await clock.advance(99);
  assert.deepEqual(silences, []);
  await clock.advance(1);
  assert.deepEqual(silences, [[100, false]]);
});

Deno.test("IdleWatch leaves no timer behind while it is paused", async () => {
  const { clock, watch, silences } = watched(100, 100);
  watch.touch();
  watch.pause();
  assert.equal(clock.pending, 0);
  await clock.advance(10_000);
  watch.resume();
  await clock.advance(99);
  assert.deepEqual(silences, []);
  await clock.advance(1);
  assert.equal(silences.length, 1);
});
