import assert from "node:assert/strict";
import { formatDuration, formatInstant, formatWhen } from "../../src/base/instant.ts";

const MINUTE = 60_000;

Deno.test("formatInstant() shows an instant as the machine's own clock does", () => {
  assert.equal(formatInstant(new Date(2027, 0, 5, 9, 3, 59).getTime()), "2027-01-05 09:03");
});

Deno.test("formatDuration() names the two largest units", () => {
  assert.equal(formatDuration(-5), "0 s");
  assert.equal(formatDuration(61_000), "1 min 1 s");
  assert.equal(formatDuration(60 * MINUTE), "1 h");
  assert.equal(formatDuration(65 * MINUTE), "1 h 5 min");
  assert.equal(formatDuration((2 * 1440 + 3 * 60 + 59) * MINUTE), "2 d 3 h");
});

Deno.test("formatWhen() names an instant and its distance, before and after it", () => {
  const at = new Date(2027, 0, 5, 9, 0).getTime();
  assert.equal(formatWhen(at, at - 60 * MINUTE), "2027-01-05 09:00 (in 1 h)");
  assert.equal(formatWhen(at, at + 60 * MINUTE), "2027-01-05 09:00 (1 h ago)");
});
