import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { failed, note, ok, problem } from "../../../src/cli/doctor/finding.ts";

Deno.test("ok() and note() are findings without a code", () => {
  assert.deepEqual(ok("lock", "works"), { about: "lock", severity: "ok", text: "works" });
  assert.deepEqual(note("clock", "is off"), { about: "clock", severity: "note", text: "is off" });
  assert.equal(note("clock", "is off", "Set it").hint, "Set it");
});

Deno.test("problem() tells an error as the command does that meets it", () => {
  const error = new CodexError("network", "No answer", { hint: "Try again", status: 503 });
  assert.deepEqual(problem("reach", error), {
    about: "reach",
    severity: "problem",
    text: "No answer",
    hint: "Try again",
    code: "network",
  });
  const bare = problem("reach", new CodexError("network", "No answer"));
  assert.equal("hint" in bare, false);
});

Deno.test("failed() makes a problem of an error of ours alone", () => {
  assert.equal(failed("lock", new CodexError("store_unavailable", "No")).code, "store_unavailable");
  const bug = new TypeError("a mistake");
  assert.throws(() => failed("lock", bug), (error) => error === bug);
});
