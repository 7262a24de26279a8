import assert from "node:assert/strict";
import { sandbox } from "../../../src/agent/sandbox/make_sandbox.ts";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { run } from "./support.ts";

Deno.test("sandbox() takes paths and addresses, and little is allowed unless it is said", async () => {
  await using dir = await TempDir.make();
  await dir.write("work/file", "");
  await Deno.symlink("work", dir.join("link"));
  const { policy } = sandbox({
    workspace: dir.join("link"),
    writable: [new URL(`file://${dir.path}`)],
    hidden: [dir.join("x", "..", "key")],
  });
  assert.deepEqual(policy, {
    mode: "workspace-write",
    workspace: dir.join("work"),
    writable: [dir.path],
    network: false,
    hidden: [dir.join("key")],
  });
  assert.throws(() => sandbox({ workspace: dir.join("missing") }), Deno.errors.NotFound);
});

testWith(["bwrap"], "sandbox() runs commands, taken apart too", async () => {
  await using dir = await TempDir.make();
  const made = sandbox({ workspace: dir.path, mode: "read-only" });
  const { run: runIt, confinement } = made;
  assert.equal((await confinement()).mechanism, "bubblewrap");
  const { exitCode } = await runIt({ command: "exit 4", cwd: dir.path, timeoutMs: 10_000 });
  assert.equal(exitCode, 4);
  assert.match((await run(made, "touch x")).output, /Read-only/);
});
