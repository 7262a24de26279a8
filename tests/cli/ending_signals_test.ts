import assert from "node:assert/strict";
import { endingSignals } from "../../src/cli/ending_signals.ts";

/** What `Deno.addSignalListener` takes on Windows, as its documentation has it (2.9.6). */
const ON_WINDOWS = ["SIGINT", "SIGBREAK", "SIGTERM", "SIGQUIT", "SIGHUP", "SIGWINCH"];

Deno.test("endingSignals() names nothing that Windows cannot listen to", () => {
  for (const [signal] of endingSignals("windows")) assert.ok(ON_WINDOWS.includes(signal), signal);
});

Deno.test("endingSignals() has an interruption and an end on every system", () => {
  for (const os of ["linux", "darwin", "windows"]) {
    const meanings = endingSignals(os).map(([, ending]) => ending);
    assert.deepEqual(new Set(meanings), new Set(["SIGINT", "SIGTERM"]), os);
  }
});

Deno.test("endingSignals() takes the end of a terminal for an end", () => {
  for (const os of ["linux", "darwin", "windows"]) {
    const endings = endingSignals(os).filter(([signal]) => signal === "SIGHUP");
    assert.deepEqual(endings, [["SIGHUP", "SIGTERM"]], os);
  }
});
