import assert from "node:assert/strict";
import { SharedWork } from "../../src/base/shared_work.ts";

/** Work that a test settles. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let signal: AbortSignal | undefined;
  const shared = new SharedWork((given) => {
    signal = given;
    return promise;
  });
  return { shared, resolve, reject, aborted: () => signal?.aborted };
}

Deno.test("SharedWork gives one result to all who wait", async () => {
  const { shared, resolve } = work();
  const waiting = Promise.all([shared.join(undefined), shared.join(undefined)]);
  resolve("done");
  assert.deepEqual(await waiting, ["done", "done"]);
});

Deno.test("SharedWork goes on while anybody waits, and is given up with the last", async () => {
  const { shared, aborted } = work();
  const [one, other] = [new AbortController(), new AbortController()];
  const first = shared.join(one.signal);
  const second = shared.join(other.signal);
  one.abort(new Error("first left"));
  await assert.rejects(first, /first left/);
  assert.equal(aborted(), false);
  assert.equal(shared.isGivenUp, false);
  other.abort(new Error("second left"));
  await assert.rejects(second, /second left/);
  assert.equal(aborted(), true);
  assert.equal(shared.isGivenUp, true);
});

Deno.test("SharedWork tells its failure to those who wait, and to nobody when all have left", async () => {
  const { shared, reject } = work();
  const controller = new AbortController();
  const left = shared.join(controller.signal);
  controller.abort(new Error("left"));
  await assert.rejects(left, /left/);
  reject(new Error("late"));
  await shared.settled();
});
