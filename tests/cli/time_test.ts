import assert from "node:assert/strict";
import fc from "fast-check";
import { isCodexError } from "../../src/base/errors.ts";
import {
  durationFrom,
  formatDuration,
  formatInstant,
  formatLimit,
  formatWhen,
  parseDuration,
} from "../../src/cli/time.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

Deno.test("formatInstant() writes an instant in local time, with two digits for each part", () => {
  assert.equal(formatInstant(new Date(2027, 0, 15, 9, 0, 59).getTime()), "2027-01-15 09:00");
  assert.equal(formatInstant(new Date(2027, 11, 31, 23, 59).getTime()), "2027-12-31 23:59");
});

const DURATIONS: readonly (readonly [ms: number, text: string])[] = [
  [0, "0 s"],
  [-5 * MINUTE, "0 s"],
  [NaN, "0 s"],
  [499, "0 s"],
  [500, "1 s"],
  [59_499, "59 s"],
  [59_500, "1 min"],
  [90 * SECOND, "1 min 30 s"],
  [HOUR - 1, "1 h"],
  [2 * HOUR + 5 * MINUTE, "2 h 5 min"],
  [2 * HOUR + 5 * MINUTE + 29 * SECOND, "2 h 5 min"],
  [HOUR + 30 * SECOND, "1 h"],
  [DAY - 1, "1 d"],
  [3 * DAY + 4 * HOUR + 59 * MINUTE, "3 d 4 h"],
  [DAY + 59 * MINUTE, "1 d"],
  [400 * DAY, "400 d"],
];

for (const [ms, text] of DURATIONS) {
  Deno.test(`formatDuration() writes ${ms} ms as "${text}"`, () => {
    assert.equal(formatDuration(ms), text);
  });
}

Deno.test("formatLimit() rounds nothing", () => {
  assert.equal(formatLimit(250), "250 ms");
  assert.equal(formatLimit(2500), "2.5 s");
  assert.equal(formatLimit(90_001), "90.001 s");
  assert.equal(formatLimit(0), "0 s");
  assert.equal(formatLimit(SECOND), "1 s");
  assert.equal(formatLimit(90 * SECOND), "1 min 30 s");
});

Deno.test("formatWhen() names the instant and the distance, in both directions", () => {
  const at = new Date(2027, 0, 15, 9, 0).getTime();
  assert.equal(formatWhen(at, at - 2 * HOUR - 5 * MINUTE), "2027-01-15 09:00 (in 2 h 5 min)");
  assert.equal(formatWhen(at, at + 3 * DAY), "2027-01-15 09:00 (3 d ago)");
  assert.equal(formatWhen(at, at), "2027-01-15 09:00 (in 0 s)");
});

const TYPED: readonly (readonly [text: string, ms: number])[] = [
  ["250ms", 250],
  ["90", 90_000],
  ["90s", 90_000],
  ["2m", 120_000],
  ["1h", HOUR],
  ["1.5h", 90 * MINUTE],
  ["0.25", 250],
  ["0", 0],
  ["0ms", 0],
  [" 5s ", 5000],
  ["007", 7000],
  ["2147483647ms", 2_147_483_647],
  ["596h", 596 * HOUR],
];

for (const [text, ms] of TYPED) {
  Deno.test(`parseDuration() reads "${text}" as ${ms} ms`, () => {
    assert.equal(parseDuration(text), ms);
  });
}

const NO_DURATIONS = [
  "",
  " ",
  "s",
  "-1",
  "+1",
  "1e3",
  "0x10",
  "1d",
  "1 s",
  "1m30s",
  ".5",
  "5.",
  "1,5",
  "NaN",
  "Infinity",
  "٣",
  "1S",
  "1s\n2s",
];

for (const text of NO_DURATIONS) {
  Deno.test(`parseDuration() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseDuration(text), (error) => {
      assert.ok(isCodexError(error, "invalid_usage"));
      assert.equal(error.message, `"${text}" is not a duration`);
      assert.match(error.hint ?? "", /250ms, 90, 90s, 2m or 1h/);
      return true;
    });
  });
}

for (const text of ["2147483648ms", "597h", "99999999999", "9".repeat(400)]) {
  Deno.test(`parseDuration() refuses "${text.slice(0, 20)}", which no timer holds`, () => {
    assert.throws(() => parseDuration(text), (error) => {
      assert.ok(isCodexError(error, "invalid_usage"));
      assert.match(error.message, /is longer than 24 days$/);
      return true;
    });
  });
}

Deno.test("durationFrom() names the variable that holds no duration, or one that is too long", () => {
  assert.equal(durationFrom("NAME", "90"), 90_000);
  assert.throws(() => durationFrom("NAME", "abc"), {
    message: '"abc" from NAME is not a duration',
  });
  assert.throws(() => durationFrom("NAME", "999h"), { message: /^"999h" from NAME is longer/ });
});

Deno.test("parseDuration() gives what a timer holds or an error of ours, whatever was typed", () => {
  const typed = fc.oneof(fc.string(), fc.stringMatching(/^\d*\.?\d*(ms|s|m|h)?$/));
  fc.assert(fc.property(typed, (text) => {
    try {
      const ms = parseDuration(text);
      assert.ok(Number.isInteger(ms) && ms >= 0 && ms < 2 ** 31);
    } catch (error) {
      assert.ok(isCodexError(error, "invalid_usage"));
    }
  }));
});
