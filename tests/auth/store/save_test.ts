import assert from "node:assert/strict";
import { commitWrite, type OnWriteStep, prepareWrite } from "../../../src/auth/store/save.ts";
import { findTarget } from "../../../src/auth/store/target.ts";
import { TempDir } from "../../support/temp_dir.ts";

async function write(
  dir: TempDir,
  content: string,
  onStep?: OnWriteStep,
  meanwhile?: () => unknown,
): Promise<void> {
  const path = dir.join("a");
  const target = await findTarget(path, () => null);
  await using pending = await prepareWrite(target, false, onStep);
  await meanwhile?.();
  await commitWrite(pending, path, content, onStep);
}

/** Fails like a file system on which nothing can be renamed over another file. */
function noRename(steps: string[]): OnWriteStep {
  return (step) => {
    steps.push(step);
    if (step === "temp-synced") throw new Error("busy");
  };
}

Deno.test("commitWrite() replaces the file, and writes in place when it cannot be replaced", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a", "old", 0o600);
  const { ino } = await Deno.stat(path);
  const steps: string[] = [];
  await write(dir, "in place", noRename(steps));
  assert.deepEqual([await dir.read("a"), (await Deno.stat(path)).ino], ["in place", ino]);
  const expected = ["temp-created", "temp-written", "temp-synced", "claimed", "overwritten", "cut"];
  assert.deepEqual(steps, expected);
  await write(dir, "replaced");
  assert.equal(await dir.read("a"), "replaced");
  assert.notEqual((await Deno.stat(path)).ino, ino);
  assert.deepEqual(await dir.list(), ["a"]);
});

Deno.test("commitWrite() opens no pipe that was put in the file's place", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a", "old", 0o600);
  const pipe = async () => {
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
  };
  await assert.rejects(write(dir, "new", noRename([]), pipe), /^Error: busy$/);
  assert.deepEqual(await dir.list(), ["a"]);
});
