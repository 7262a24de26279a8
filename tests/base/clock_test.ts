import assert from "node:assert/strict";
import { sleep, systemClock, timeLimit } from "../../src/base/clock.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** A signal that counts who listens to it. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (
    type: string,
    listener: EventListener,
    options?: AddEventListenerOptions,
  ) => {
    listeners.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { controller, signal, listeners };
}

Deno.test("systemClock tells the machine's time and calls back once, later", async () => {
  const before = Date.now();
  let calls = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  systemClock.after(5, () => {
    calls++;
    resolve();
  });
  assert.equal(calls, 0, "not at once");
  await promise;
  assert.equal(calls, 1);
  assert.ok(systemClock.now() >= before);
});

Deno.test("systemClock takes a negative and a broken wait for now", async () => {
  for (const ms of [-1, 0, 0.25]) {
    await new Promise<void>((resolve) => void systemClock.after(ms, resolve));
  }
});

Deno.test("systemClock does not call back once it is cancelled", async () => {
  let called = false;
  const cancel = systemClock.after(1, () => called = true);
  cancel();
  await sleep(systemClock, 15);
  assert.equal(called, false);
  cancel();
});

for (const ms of [2 ** 31, 2 ** 32 + 1, 1e16, Infinity]) {
  Deno.test(`systemClock does not take a wait of ${ms} ms, longer than a timer, for none`, async () => {
    let called = false;
    const cancel = systemClock.after(ms, () => called = true);
    await sleep(systemClock, 10);
    cancel();
    assert.equal(called, false);
  });
}

Deno.test("sleep() waits as long as it says", async () => {
  const clock = new ManualClock();
  let awake = false;
  const sleeping = sleep(clock, 1000).then(() => awake = true);
  await clock.advance(999);
  assert.equal(awake, false);
  await clock.advance(1);
  assert.equal(awake, true);
  await sleeping;
});

Deno.test("sleep() does not begin when it is already aborted", async () => {
  const clock = new ManualClock();
  const reason = new Error("before");
  await assert.rejects(sleep(clock, 1000, AbortSignal.abort(reason)), (error) => error === reason);
  assert.equal(clock.pending, 0);
});

Deno.test("sleep() ends with the signal's own reason and leaves nothing behind", async () => {
  const clock = new ManualClock();
  const { controller, signal, listeners } = countedSignal();
  const sleeping = sleep(clock, 1000, signal);
  controller.abort("enough");
  await assert.rejects(sleeping, (error) => error === "enough");
  assert.equal(clock.pending, 0);

  const other = countedSignal();
  const slept = sleep(clock, 1000, other.signal);
  await clock.advance(1000);
  await slept;
  assert.equal(other.listeners.size, 0);
  assert.ok(listeners.size <= 1);
});

Deno.test("timeLimit() aborts with the error it was made with, once the time is up", async () => {
  const clock = new ManualClock();
  const late = new Error("late");
  using limit = timeLimit(clock, 50, () => late);
  await clock.advance(49);
  assert.equal(limit.signal.aborted, false);
  await clock.advance(1);
  assert.equal(limit.signal.reason, late);
});

Deno.test("timeLimit() passes the caller's reason on, and the first reason stays", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  using limit = timeLimit(clock, 50, () => "late", controller.signal);
  controller.abort("mine");
  await clock.advance(100);
  assert.equal(limit.signal.reason, "mine");
});

Deno.test("timeLimit() is aborted from the start when the caller's signal is", () => {
  const clock = new ManualClock();
  using limit = timeLimit(clock, 50, () => "late", AbortSignal.abort("gone"));
  assert.equal(limit.signal.reason, "gone");
});

Deno.test("timeLimit() without a limit sets no timer", () => {
  const clock = new ManualClock();
  using limit = timeLimit(clock, undefined, () => "late");
  assert.equal(clock.pending, 0);
  assert.equal(limit.signal.aborted, false);
});

Deno.test("timeLimit() gives timer and listener back when it is disposed of", async () => {
  const clock = new ManualClock();
  const { controller, signal, listeners } = countedSignal();
  const limit = timeLimit(clock, 50, () => "late", signal);
  assert.equal(clock.pending, 1);
  assert.equal(listeners.size, 1);
  limit[Symbol.dispose]();
  assert.equal(clock.pending, 0);
  assert.equal(listeners.size, 0);
  controller.abort();
  await clock.advance(100);
  assert.equal(limit.signal.aborted, false);
});
