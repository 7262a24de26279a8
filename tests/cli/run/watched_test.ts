import assert from "node:assert/strict";
import type { Sandbox, SandboxMode } from "../../../src/agent/sandbox/sandbox.ts";
import { Changes } from "../../../src/cli/run/changes.ts";
import type { RunFlags } from "../../../src/cli/run/flags.ts";
import { watched } from "../../../src/cli/run/watched.ts";
import { TempDir } from "../../support/temp_dir.ts";

/** A sandbox whose command writes `a` and the run's own file. */
function sandboxIn(dir: TempDir, mode: SandboxMode): Sandbox {
  const policy = { mode, workspace: dir.path, writable: [], network: false, hidden: [] };
  return {
    policy,
    confinement: () => Promise.resolve({ mechanism: "none" }),
    async run({ command }) {
      await dir.write("a", command);
      await dir.write("out.txt", command);
      return { exitCode: 0, timedOut: false, ms: 1 };
    },
  };
}

async function changed(
  dir: TempDir,
  flags: RunFlags,
  mode: SandboxMode = "workspace-write",
  unconfined: boolean = false,
): Promise<unknown> {
  const changes = new Changes();
  const sandbox = watched(sandboxIn(dir, mode), flags, changes);
  assert.deepEqual(await sandbox.confinement(), { mechanism: "none" });
  assert.ok(changes.isEmpty, "nothing is looked at before the first command");
  for (const command of ["second", "last"]) {
    await sandbox.run({ command, cwd: dir.path, timeoutMs: 1000, unconfined });
  }
  changes.settle();
  return changes.list().map(({ path, before, after }) => [path, before, after]);
}

Deno.test("watched() has the changes of all commands counted, but for the run's own files", async () => {
  await using dir = await TempDir.make();
  const outputLastMessage = dir.join("out.txt");
  await dir.write("a", "1");
  assert.deepEqual(await changed(dir, { outputLastMessage, diff: true }), [["a", "1", "last"]]);
  await dir.write("a", "1");
  assert.deepEqual(await changed(dir, { outputLastMessage }), [["a", undefined, undefined]]);
  await Deno.remove(dir.join("out.txt"));
  assert.deepEqual(await changed(dir, { session: outputLastMessage }), []);
});

Deno.test("watched() looks at nothing where nothing is told, or nothing can change", async () => {
  await using dir = await TempDir.make();
  for (const flags of [{ quiet: true }, { json: true }]) {
    await dir.write("a", "1");
    assert.deepEqual(await changed(dir, flags), []);
    await dir.write("a", "1");
    assert.notDeepEqual(await changed(dir, { ...flags, diff: true }), []);
  }
  await dir.write("a", "1");
  assert.deepEqual(await changed(dir, {}, "read-only"), []);
  // A person has let it leave the sandbox.
  await dir.write("a", "1");
  assert.notDeepEqual(await changed(dir, {}, "read-only", true), []);
});
