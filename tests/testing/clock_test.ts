import assert from "node:assert/strict";
import { SimulatorTime } from "../../src/testing/clock.ts";

const START = Date.parse("2027-01-15T08:00:00Z");

Deno.test("SimulatorTime stands still until it is moved", async () => {
  using time = new SimulatorTime(START);
  assert.equal(time.now(), START);
  await time.advance(1500);
  assert.equal(time.now(), START + 1500);
});

Deno.test("SimulatorTime runs with the machine's when it is not given an instant", async () => {
  using time = new SimulatorTime();
  assert.ok(Math.abs(time.now() - Date.now()) < 1000);
  const { promise, resolve } = Promise.withResolvers<void>();
  time.after(1, resolve);
  await promise;
});

Deno.test("SimulatorTime.advance() pushes running time on, and calls what is due", async () => {
  using time = new SimulatorTime();
  const called: string[] = [];
  time.after(3_600_000, () => called.push("hour"));
  time.after(60_000, () => called.push("minute"));
  time.after(7_200_000, () => called.push("two hours"));
  await time.advance(3_600_000);
  assert.deepEqual(called, ["minute", "hour"]);
  assert.ok(time.now() - Date.now() >= 3_600_000 - 1000);
});

Deno.test("SimulatorTime.advance() calls in order, each at its own instant", async () => {
  using time = new SimulatorTime(START);
  const called: number[] = [];
  time.after(200, () => called.push(time.now() - START));
  time.after(100, () => {
    called.push(time.now() - START);
    time.after(50, () => called.push(time.now() - START));
  });
  await time.advance(1000);
  assert.deepEqual(called, [100, 150, 200]);
  assert.equal(time.now(), START + 1000);
});

Deno.test("SimulatorTime.after() can be called off", async () => {
  using time = new SimulatorTime(START);
  let called = 0;
  const cancel = time.after(10, () => called++);
  time.after(20, () => called++);
  cancel();
  await time.advance(100);
  assert.equal(called, 1);
});

Deno.test("SimulatorTime leaves no timer behind when it is disposed of", () => {
  const time = new SimulatorTime();
  time.after(60_000, () => assert.fail("called"));
  time[Symbol.dispose]();
});

Deno.test("SimulatorTime waits longer than one timer can", async () => {
  using time = new SimulatorTime();
  let called = false;
  time.after(2 ** 31 + 1000, () => called = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(called, false);
});

Deno.test("SimulatorTime.from() runs on from an instant", async () => {
  const start = Date.parse("2001-01-01T00:00:00Z");
  using clock = SimulatorTime.from(start);
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.after(1, resolve);
  await promise;
  const passed = clock.now() - start;
  assert.ok(passed >= 0 && passed < 60_000, `${passed}`);
});

Deno.test("SimulatorTime is not advanced by what is no time", async () => {
  using time = new SimulatorTime(0);
  for (const ms of [NaN, -5, "5", undefined]) {
    await assert.rejects(time.advance(ms as never), { code: "invalid_usage" });
  }
  assert.equal(time.now(), 0);
});
