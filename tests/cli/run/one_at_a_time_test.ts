import assert from "node:assert/strict";
import { systemClock } from "../../../src/base/clock.ts";
import { Messages } from "../../../src/cli/output.ts";
import { turnsBy } from "../../../src/cli/run/one_at_a_time.ts";
import { TempDir } from "../../support/temp_dir.ts";

const NEVER = new AbortController().signal;
const silent = () => new Messages(({ length }) => length, true);

Deno.test("turnsBy() gives one turn after another, and ends a wait with its signal", async () => {
  await using dir = await TempDir.make();
  const one = turnsBy(dir.join("ask"), systemClock, silent());
  const other = turnsBy(dir.join("ask"), systemClock, silent());
  const first = await one(NEVER);
  const controller = new AbortController();
  const given = other(controller.signal);
  const second = other(NEVER);
  controller.abort(new Error("gone"));
  await assert.rejects(given, /gone/);
  assert.equal(await Promise.race([second, Promise.resolve("waits")]), "waits");
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
});

Deno.test("turnsBy() lets nobody wait where there can be no lock", async () => {
  await using dir = await TempDir.make();
  const turn = await turnsBy(dir.join("missing/ask"), systemClock, silent())(NEVER);
  turn[Symbol.dispose]();
});
