import assert from "node:assert/strict";
import {
  instant,
  readLimitEvent,
  readLimitHeaders,
  readUsageAnswer,
} from "../../src/protocol/limits.ts";

const NOW = Date.parse("2027-01-15T08:00:00Z");

Deno.test("readLimitHeaders() reads the plan's windows, credits and other allowances", () => {
  const limits = readLimitHeaders(
    new Headers({
      "x-codex-primary-used-percent": "12.5",
      "x-codex-primary-window-minutes": "300",
      "x-codex-primary-reset-at": "1800000000",
      "x-codex-secondary-used-percent": "100",
      "x-codex-secondary-reset-after-seconds": "60",
      "x-codex-credits-has-credits": "true",
      "x-codex-credits-unlimited": "0",
      "x-codex-credits-balance": "12.50",
      "x-codex-bengalfox-primary-used-percent": "5",
      "x-codex-bengalfox-limit-name": "GPT-Spark",
    }),
    NOW,
  );
  assert.deepEqual(limits, {
    plan: undefined,
    meters: [
      {
        id: "codex",
        name: undefined,
        primary: { usedPercent: 12.5, windowSeconds: 18_000, resetsAt: 1_800_000_000_000 },
        secondary: { usedPercent: 100, windowSeconds: undefined, resetsAt: NOW + 60_000 },
      },
      {
        id: "codex_bengalfox",
        name: "GPT-Spark",
        primary: { usedPercent: 5, windowSeconds: undefined, resetsAt: undefined },
        secondary: undefined,
      },
    ],
    credits: { balance: "12.50", unlimited: false },
  });
});

Deno.test("readLimitHeaders() takes a bare zero and a word for nothing", () => {
  assert.equal(readLimitHeaders(new Headers(), NOW), undefined);
  for (const value of ["0", "many", ""]) {
    const headers = new Headers({ "x-codex-primary-used-percent": value });
    assert.equal(readLimitHeaders(headers, NOW), undefined, value);
  }
  const zero = new Headers({
    "x-codex-primary-used-percent": "0",
    "x-codex-primary-window-minutes": "300",
  });
  assert.equal(readLimitHeaders(zero, NOW)?.meters[0]?.primary?.usedPercent, 0);
});

Deno.test("readLimitEvent() reads an event, of the plan or of another allowance", () => {
  const window = { used_percent: 40, window_minutes: 300, reset_at: 1_800_000_000 };
  const event = { plan_type: "plus", rate_limits: { primary: window, secondary: null } };
  const read = readLimitEvent(event);
  assert.equal(read.plan, "plus");
  assert.deepEqual(read.meters, [{
    id: "codex",
    name: undefined,
    primary: { usedPercent: 40, windowSeconds: 18_000, resetsAt: 1_800_000_000_000 },
    secondary: undefined,
  }]);
  const named = readLimitEvent({ ...event, metered_limit_name: "codex_x", limit_name: "X" });
  assert.deepEqual([named.meters[0]?.id, named.meters[0]?.name], ["codex_x", "X"]);
  assert.deepEqual(readLimitEvent({ type: "codex.rate_limits" }).meters, []);
});

Deno.test("readUsageAnswer() reads the recorded answer", () => {
  const limits = readUsageAnswer({
    plan_type: "plus",
    rate_limit: {
      allowed: true,
      primary_window: { used_percent: 37, limit_window_seconds: 18_000, reset_at: 1_900_000_000 },
      secondary_window: { used_percent: 62, limit_window_seconds: 604_800, reset_after_seconds: 9 },
    },
    additional_rate_limits: [
      {
        limit_name: "GPT-Spark",
        metered_feature: "codex_bengalfox",
        rate_limit: { primary_window: { used_percent: 5 }, secondary_window: null },
      },
      { rate_limit: { primary_window: { used_percent: 5 } } },
      null,
    ],
    credits: { has_credits: true, unlimited: false, balance: "12.50" },
  }, NOW);
  assert.deepEqual(limits?.meters.map(({ id, name }) => [id, name]), [
    ["codex", undefined],
    ["codex_bengalfox", "GPT-Spark"],
  ]);
  assert.equal(limits?.meters[0]?.secondary?.resetsAt, NOW + 9_000);
  assert.deepEqual(limits?.credits, { balance: "12.50", unlimited: false });
});

Deno.test("readUsageAnswer() reads an answer without limits, and refuses what is none", () => {
  assert.deepEqual(readUsageAnswer({ plan_type: "free", rate_limit: null }, NOW), {
    plan: "free",
    meters: [],
    credits: undefined,
  });
  for (const body of [undefined, [], {}, "x"]) {
    assert.equal(readUsageAnswer(body, NOW), undefined);
  }
});

Deno.test("instant() takes Unix seconds of this age and nothing that is no date", () => {
  assert.equal(instant(1_800_000_000), 1_800_000_000_000);
  for (const seconds of [undefined, 0, 5, -1, 1e15, Infinity]) {
    assert.equal(instant(seconds), undefined, `${seconds}`);
  }
});
