import assert from "node:assert/strict";
import type { Confinement, Sandbox } from "../../../src/agent/sandbox/sandbox.ts";
import { checkSandbox } from "../../../src/cli/doctor/sandbox.ts";

const sandbox = (confinement: Confinement): Sandbox => ({
  policy: { mode: "read-only", workspace: "/", writable: [], network: false, hidden: [] },
  confinement: () => Promise.resolve(confinement),
  run: () => Promise.reject(new Error("nothing is run")),
});

Deno.test("checkSandbox() names what confines commands", async () => {
  const finding = await checkSandbox(sandbox({ mechanism: "bubblewrap" }));
  assert.deepEqual([finding.severity, finding.hint], ["ok", undefined]);
  assert.match(finding.text, /bubblewrap/);
});

Deno.test("checkSandbox() says what is missing, what that means, and what to install", async () => {
  const finding = await checkSandbox(
    sandbox({ mechanism: "none", missing: "bubblewrap is not installed", hint: "Install it" }),
  );
  assert.equal(finding.severity, "note");
  assert.match(finding.text, /^bubblewrap is not installed: .* needs a yes/);
  assert.equal(finding.hint, "Install it");
});
