import assert from "node:assert/strict";
import { mergeLimits, type RateLimits, rateLimits } from "../../src/responses/limits.ts";

const AT = Date.parse("2027-01-15T09:00:00Z");
const window = { usedPercent: 40, windowSeconds: 18_000, resetsAt: AT };
const shown = { usedPercent: 40, windowSeconds: 18_000, resetsAt: "2027-01-15T09:00:00.000Z" };

Deno.test("rateLimits() shows the plan's windows at the top, and other allowances beside them", () => {
  const limits = rateLimits({
    plan: "plus",
    meters: [
      { id: "codex_x", name: "X", primary: undefined, secondary: window },
      { id: "codex", name: undefined, primary: window, secondary: undefined },
    ],
    credits: { balance: "1.00", unlimited: undefined },
  });
  assert.deepEqual(limits, {
    plan: "plus",
    primary: shown,
    credits: { balance: "1.00" },
    extra: [{ id: "codex_x", name: "X", secondary: shown }],
  });
});

Deno.test("rateLimits() leaves out what was not told", () => {
  const bare = { usedPercent: 1, windowSeconds: undefined, resetsAt: undefined };
  const limits = rateLimits({
    plan: undefined,
    meters: [{ id: "codex", name: undefined, primary: bare, secondary: undefined }],
    credits: undefined,
  });
  assert.deepEqual(limits, { primary: { usedPercent: 1 } });
});

Deno.test("mergeLimits() lets what was told later win, allowance by allowance", () => {
  const before: RateLimits = {
    plan: "plus",
    primary: { usedPercent: 1 },
    extra: [{ id: "a", primary: { usedPercent: 1 } }, { id: "b" }],
  };
  const later: RateLimits = {
    primary: { usedPercent: 2 },
    extra: [{ id: "a", primary: { usedPercent: 3 } }],
  };
  assert.deepEqual(mergeLimits(before, later), {
    plan: "plus",
    primary: { usedPercent: 2 },
    extra: [{ id: "b" }, { id: "a", primary: { usedPercent: 3 } }],
  });
  assert.equal(mergeLimits(undefined, later), later);
});
