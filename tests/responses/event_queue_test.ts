import assert from "node:assert/strict";
import { EventQueue } from "../../src/responses/event_queue.ts";

Deno.test("EventQueue gives events in order, whether they come before or after they are asked for", async () => {
  const queue = new EventQueue<number>();
  queue.push([1, 2], 10);
  assert.deepEqual(await queue.next(), { done: false, value: 1 });
  assert.equal(queue.take(), 2);
  assert.equal(queue.take(), undefined);
  const [third, fourth] = [queue.next(), queue.next()];
  assert.ok(queue.awaited);
  queue.push([3], 10);
  assert.ok(queue.awaited);
  queue.push([4, 5], 10);
  assert.ok(!queue.awaited);
  assert.deepEqual([(await third).value, (await fourth).value, queue.take()], [3, 4, 5]);
});

Deno.test("EventQueue weighs what waits, and says when a batch was read", () => {
  let taken = 0;
  const queue = new EventQueue<number>(() => taken++);
  queue.push([1, 2], 10);
  queue.push([3], 7);
  assert.equal(queue.weight, 17);
  queue.take();
  assert.deepEqual([queue.weight, taken], [17, 0]);
  queue.take();
  assert.deepEqual([queue.weight, taken], [7, 1]);
  queue.clear();
  assert.deepEqual([queue.weight, queue.take()], [0, undefined]);
});

Deno.test("EventQueue gives what waits, then the failure once, then the end", async () => {
  const queue = new EventQueue<number>();
  const reason = new Error("no more");
  queue.push([1], 1);
  queue.end({ reason });
  queue.push([2], 1);
  queue.end();
  assert.equal((await queue.next()).value, 1);
  await assert.rejects(queue.next(), reason);
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
});

Deno.test("EventQueue tells the first of several who wait of the failure, and all of the end", async () => {
  const queue = new EventQueue<number>();
  const waiting = [queue.next(), queue.next()];
  queue.end({ reason: "why" });
  const settled = await Promise.allSettled(waiting);
  assert.deepEqual(settled.map(({ status }) => status), ["rejected", "fulfilled"]);
});
