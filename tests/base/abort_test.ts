import assert from "node:assert/strict";
import { untilAborted } from "../../src/base/abort.ts";

const never = new Promise<never>(() => {});

Deno.test("untilAborted() gives what the work gives, with a signal and without", async () => {
  const { signal } = new AbortController();
  assert.equal(await untilAborted(Promise.resolve(1), undefined), 1);
  assert.equal(await untilAborted(Promise.resolve(2), signal), 2);
  await assert.rejects(untilAborted(Promise.reject(new Error("no")), signal), /no/);
});

Deno.test("untilAborted() ends with the signal's reason, before the work and during it", async () => {
  await assert.rejects(untilAborted(never, AbortSignal.abort(new Error("before"))), /before/);
  const controller = new AbortController();
  const waiting = untilAborted(never, controller.signal);
  controller.abort(new Error("during"));
  await assert.rejects(waiting, /during/);
});

Deno.test("untilAborted() leaves nothing unhandled when the work fails after the abort", async () => {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const waiting = untilAborted(promise, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  reject(new Error("late"));
  await Promise.resolve();
});
