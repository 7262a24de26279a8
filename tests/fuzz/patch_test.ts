import assert from "node:assert/strict";
import { checkAnything, checkEdits, checkOnDisk, type Outcome } from "./patch.ts";
import { Random } from "./random.ts";

// Some cases each, by a fixed seed; `patch.ts` as a program goes on for longer.

/** Runs cases, and holds that they came to all that they can come to. */
async function run(
  cases: number,
  seed: number,
  one: (random: Random) => Promise<Outcome>,
): Promise<void> {
  const random = new Random(seed);
  const outcomes: Record<Outcome, number> = { changed: 0, refused: 0, failed: 0 };
  for (let round = 0; round < cases; round++) outcomes[await one(random)]++;
  // Cases of one kind alone would prove little.
  for (const [outcome, count] of Object.entries(outcomes)) {
    assert.ok(count >= cases / 100, `${outcome}: ${count} of ${cases}`);
  }
}

Deno.test("a patch made from an edit gives what the edit gave", async () => {
  const random = new Random(1);
  for (let round = 0; round < 800; round++) await checkEdits(random);
});

Deno.test("a patch of any kind changes what its plan says, or nothing, and nothing outside", async () => {
  await run(1_000, 2, checkAnything);
});

Deno.test({
  name: "a patch of any kind does so on a real disk",
  ignore: Deno.build.os === "windows",
  fn: () => run(15, 3, checkOnDisk),
});
