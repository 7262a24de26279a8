import assert from "node:assert/strict";
import { replaceFile } from "../../src/base/replace_file.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { TempDir } from "../support/temp_dir.ts";

/** A rename that fails a few times; how often it was called. */
function failing(times: number, error: Error) {
  const calls = { count: 0 };
  const rename = () => {
    calls.count++;
    return calls.count <= times ? Promise.reject(error) : Promise.resolve();
  };
  return { calls, rename };
}

const DENIED = new Deno.errors.PermissionDenied("Access is denied. (os error 5)");

Deno.test("replaceFile() replaces a file", async () => {
  await using dir = await TempDir.make();
  await dir.write("new", "new");
  await dir.write("old", "old");
  await replaceFile(dir.join("new"), dir.join("old"));
  assert.deepEqual([await dir.list(), await dir.read("old")], [["old"], "new"]);
});

Deno.test("replaceFile() tries again on Windows while somebody has the file open", async () => {
  for (const error of [DENIED, new Deno.errors.Busy("Sharing violation. (os error 32)")]) {
    const clock = new ManualClock();
    const { calls, rename } = failing(3, error);
    await clock.run(replaceFile("a", "b", { os: "windows", clock, rename }));
    assert.equal(calls.count, 4);
  }
});

Deno.test("replaceFile() gives up on Windows after two seconds, with what the platform said", async () => {
  const clock = new ManualClock();
  const { calls, rename } = failing(Infinity, DENIED);
  const start = clock.now();
  await assert.rejects(
    clock.run(replaceFile("a", "b", { os: "windows", clock, rename })),
    (error) => error === DENIED,
  );
  assert.equal(clock.now() - start, 2000);
  assert.equal(calls.count, 10);
});

Deno.test("replaceFile() tries once elsewhere, and where it is for another reason", async () => {
  const missing = new Deno.errors.NotFound("gone");
  for (
    const [os, error] of [["linux", DENIED], ["darwin", DENIED], ["windows", missing]] as const
  ) {
    const { calls, rename } = failing(1, error);
    await assert.rejects(replaceFile("a", "b", { os, rename }), (thrown) => thrown === error);
    assert.equal(calls.count, 1, os);
  }
});
