import assert from "node:assert/strict";
import { createSimulator, type LimitSettings } from "../../../testing.ts";
import { ask } from "../client.ts";

const NOW = Date.parse("2027-01-15T08:00:00Z");

async function headersAfter(limits: LimitSettings, seconds = 0): Promise<Headers> {
  await using simulator = createSimulator({ now: new Date(NOW).toISOString(), limits });
  await simulator.clock.advance(seconds * 1000);
  const response = await ask(simulator);
  await response.body?.cancel();
  return response.headers;
}

Deno.test("a window ends at a fixed instant, and then begins anew, unused", async () => {
  const limits = { primary: { usedPercent: 80, windowMinutes: 300, resetsIn: 600 } };
  for (
    const [seconds, used, resetsIn] of [
      [0, "80", 600],
      [599, "80", 600],
      [600, "0", 600 + 18_000],
      [600 + 18_000, "0", 600 + 36_000],
    ] as const
  ) {
    const headers = await headersAfter(limits, seconds);
    assert.equal(headers.get("x-codex-primary-used-percent"), used, `after ${seconds} s`);
    assert.equal(headers.get("x-codex-primary-reset-at"), String(NOW / 1000 + resetsIn));
  }
});

Deno.test("a window or the credits can be left out", async () => {
  const names = [...(await headersAfter({ primary: null, secondary: null })).keys()];
  assert.deepEqual(names.filter((name) => name.startsWith("x-codex-")), []);
  const bought = await headersAfter({ credits: { balance: "0" } });
  assert.equal(bought.get("x-codex-credits-has-credits"), "false");
  assert.equal(bought.get("x-codex-credits-balance"), "0");
});
