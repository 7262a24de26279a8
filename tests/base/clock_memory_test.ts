import assert from "node:assert/strict";

const CLOCK = new URL("../../src/base/clock.ts", import.meta.url);

/** Sets many long waits and calls them off; prints what they still hold, in bytes for each. */
const SCRIPT = `
import { systemClock } from "${CLOCK}";
const held = async () => {
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Deno.memoryUsage().heapUsed;
};
const wait = () => systemClock.after(300_000, () => {})();
for (let index = 0; index < 500; index++) wait();
const before = await held();
for (let index = 0; index < 10_000; index++) wait();
console.log((await held() - before) / 10_000);
`;

Deno.test("systemClock holds nothing for a wait that was called off", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--v8-flags=--expose-gc", SCRIPT],
  }).output();
  const bytes = Number(new TextDecoder().decode(stdout).trim() || NaN);
  assert.ok(bytes < 50, `${bytes} bytes each ${new TextDecoder().decode(stderr)}`);
});
