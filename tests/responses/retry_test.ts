import assert from "node:assert/strict";
import { CodexError, type CodexErrorOptions, type ErrorCode } from "../../src/base/errors.ts";
import type { RetryOptions } from "../../src/responses/options.ts";
import { RetryPolicy } from "../../src/responses/retry.ts";
import { NOW } from "./fakes.ts";

function failure(code: ErrorCode, retryAfterMs?: number, options: CodexErrorOptions = {}) {
  const error = new CodexError(code, "It failed", options);
  return { error, retryAfterMs, otherShape: false, accountWide: false };
}

function delays(
  what: ReturnType<typeof failure>,
  options: RetryOptions = {},
  random = () => 0.5,
): number[] {
  const policy = new RetryPolicy(options, random);
  const found: number[] = [];
  for (let retry = policy.next(what, NOW); retry !== undefined; retry = policy.next(what, NOW)) {
    found.push(retry.delayMs);
    assert.equal(retry.attempt, found.length);
    assert.ok(found.length <= 100);
  }
  return found;
}

Deno.test("RetryPolicy tries four more times, with growing waits", () => {
  assert.deepEqual(delays(failure("overloaded")), [150, 300, 600, 1_200]);
  assert.deepEqual(delays(failure("network")).length, 4);
});

Deno.test("RetryPolicy spreads the waits of those who failed together", () => {
  const [low] = delays(failure("overloaded"), {}, () => 0);
  const [high] = delays(failure("overloaded"), {}, () => 0.999);
  assert.ok(low === 100 && high !== undefined && high > 190);
});

Deno.test("RetryPolicy does not try again what will not pass", () => {
  assert.deepEqual(delays(failure("invalid_request")), []);
  assert.deepEqual(delays(failure("usage_limit")), []);
  assert.deepEqual(delays(failure("overloaded", undefined, { retryable: false })), []);
});

Deno.test("RetryPolicy keeps a wait that the service asks for in full, or does not begin it", () => {
  assert.deepEqual(delays(failure("rate_limit", 2_000)), [2_000, 2_000, 2_000, 2_000]);
  assert.deepEqual(delays(failure("rate_limit", 6_000)), [6_000, 6_000, 6_000]);
  assert.deepEqual(delays(failure("rate_limit", 20_000)), [20_000]);
  assert.deepEqual(delays(failure("rate_limit", 20_001)), []);
  assert.deepEqual(delays(failure("rate_limit", 0)), [150, 300, 600, 1_200]);
});

Deno.test("RetryPolicy heeds the caller's bounds", () => {
  assert.deepEqual(delays(failure("overloaded"), { attempts: 0 }), []);
  assert.equal(delays(failure("overloaded"), { attempts: 7 }).length, 7);
  assert.deepEqual(delays(failure("overloaded"), { maxDelay: 500 }), [150, 300]);
  assert.deepEqual(delays(failure("rate_limit", 60_000), { maxDelay: 60_000 }), [60_000]);
});

Deno.test("RetryPolicy waits for a reset where it is asked to, for as long as that takes", () => {
  const resetsAt = new Date(NOW + 7_200_000).toISOString();
  const limited = failure("usage_limit", undefined, { resetsAt });
  const [first, ...others] = delays(limited, { onUsageLimit: "wait" });
  // The reset, and a little more, so that not all of those who wait come at once.
  assert.equal(first, 7_200_000 + 500 + 1_500);
  assert.equal(others.length, 3);
  assert.deepEqual(delays(limited, { onUsageLimit: "wait", maxDelay: 60_000 }), []);
  assert.deepEqual(delays(limited, { onUsageLimit: "wait", attempts: 0 }).length, 4);
  assert.deepEqual(delays(failure("usage_limit"), { onUsageLimit: "wait" }), []);
});
