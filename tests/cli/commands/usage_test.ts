import assert from "node:assert/strict";
import { describeLimits, type LimitsView } from "../../../src/cli/commands/usage.ts";

const NOW = Date.parse("2027-01-15T08:00:00Z");
const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
const PIPE: LimitsView = { now: NOW, columns: undefined, colored: false };

const LIMITS = {
  plan: "plus",
  primary: { usedPercent: 12.4, windowSeconds: 18_000, resetsAt: at(1.5) },
  secondary: { usedPercent: 100, windowSeconds: 604_800, resetsAt: at(50) },
  credits: { balance: "12.50" },
  extra: [{
    id: "codex_bengalfox",
    name: "GPT-5.3-Codex-Spark",
    primary: { usedPercent: 75, windowSeconds: 18_000, resetsAt: at(2) },
  }],
};

/** Wall-clock times depend on where the machine stands. */
const withoutClock = (text: string) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "WHEN");

Deno.test("describeLimits() shows plan, windows, other meters and credits", () => {
  assert.equal(
    withoutClock(describeLimits(LIMITS, PIPE)),
    [
      "Plan plus",
      "",
      "5 h                        12% used  resets WHEN (in 1 h 30 min)",
      "7 d                       100% used  resets WHEN (in 2 d 2 h)",
      "GPT-5.3-Codex-Spark, 5 h   75% used  resets WHEN (in 2 h)",
      "",
      "Credits: 12.50",
      "",
    ].join("\n"),
  );
});

Deno.test("describeLimits() draws bars on a terminal, as long as there is room for them", () => {
  const bars = (columns: number) =>
    /[█░]+/.exec(describeLimits(LIMITS, { ...PIPE, columns }))?.[0] ?? "";
  assert.equal(bars(120), "██░░░░░░░░░░░░░░░░░░");
  assert.ok(bars(86).length < 20 && bars(86).length >= 5);
  assert.equal(bars(60), "");
  for (const columns of [40, 80, 90, 120]) {
    const page = describeLimits(LIMITS, { ...PIPE, columns });
    const widest = Math.max(...page.split("\n").map(({ length }) => length));
    assert.ok(widest < columns || !/[█░]/.test(page), `${widest} in ${columns}`);
  }
});

Deno.test("describeLimits() colours bars by how full they are, and nothing unless it shall", () => {
  const page = describeLimits(LIMITS, { now: NOW, columns: 120, colored: true });
  const colors = page.split("\x1b[3").slice(1).map((rest) => rest.slice(0, 1));
  assert.deepEqual(colors, ["2", "1", "3"]);
  assert.ok(!describeLimits(LIMITS, { ...PIPE, columns: 120 }).includes("\x1b"));
});

Deno.test("describeLimits() keeps within its bar whatever the percentage", () => {
  for (const [usedPercent, full] of [[-5, 0], [0, 0], [250, 20]] as const) {
    const page = describeLimits({ primary: { usedPercent } }, { ...PIPE, columns: 80 });
    assert.equal(page.split("█").length - 1, full);
    assert.match(page, /^short window /);
  }
});

Deno.test("describeLimits() says that nothing was told, and unlimited credits", () => {
  assert.equal(describeLimits({}, PIPE), "No limits were told\n");
  assert.equal(
    describeLimits({ credits: { unlimited: true } }, PIPE),
    "No limits were told\n\nCredits: unlimited\n",
  );
});

Deno.test("describeLimits() makes what the service calls things harmless", () => {
  const extra = [{ id: "x", name: "\x1b[31mred", primary: { usedPercent: 1 } }];
  const page = describeLimits({ plan: "\x1b]0;t\x07", extra }, PIPE);
  assert.ok(!page.includes("\x1b"));
});
