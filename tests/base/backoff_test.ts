import assert from "node:assert/strict";
import fc from "fast-check";
import { backoff, retryAfterMs } from "../../src/base/backoff.ts";

const NOW = Date.parse("2027-01-15T08:00:00Z");

Deno.test("backoff() doubles from the first wait up to the longest", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoff(attempt, { random: () => 1 }));
  assert.deepEqual(waits, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

Deno.test("backoff() leaves half of each wait to chance", () => {
  assert.equal(backoff(3, { random: () => 0 }), 400);
  assert.equal(backoff(3, { random: () => 0.5 }), 600);
  assert.notEqual(backoff(3), backoff(3));
});

Deno.test("backoff() stays within its bounds at any attempt", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: 10_000 }),
    fc.integer({ min: 1, max: 100_000 }),
    (attempt, first, max) => {
      const wait = backoff(attempt, { first, max });
      assert.ok(wait >= Math.min(first, max) / 2 && wait <= max, String(wait));
    },
  ));
});

Deno.test("retryAfterMs() reads seconds", () => {
  assert.equal(retryAfterMs("0", NOW), 0);
  assert.equal(retryAfterMs("7", NOW), 7000);
  assert.equal(retryAfterMs(" 1.5 ", NOW), 1500);
});

Deno.test("retryAfterMs() reads a date, and counts one that has passed as now", () => {
  assert.equal(retryAfterMs("Fri, 15 Jan 2027 08:00:30 GMT", NOW), 30_000);
  assert.equal(retryAfterMs("Friday, 15-Jan-27 08:01:00 GMT", NOW), 60_000);
  assert.equal(retryAfterMs("Fri, 15 Jan 2027 07:59:00 GMT", NOW), 0);
});

for (const value of [null, "", "  ", "-1", "1e3", "0x10", "5-1", "soon", "Infinity", "1,5", "١"]) {
  Deno.test(`retryAfterMs() makes nothing of ${JSON.stringify(value)}`, () => {
    assert.equal(retryAfterMs(value, NOW), undefined);
  });
}

Deno.test("retryAfterMs() never throws and is never negative", () => {
  fc.assert(fc.property(fc.string(), (value) => {
    const ms = retryAfterMs(value, NOW);
    assert.ok(ms === undefined || ms >= 0);
  }));
});
