/** What a process leaves that is killed in the middle of an update. */
import assert from "node:assert/strict";
import { type FaultPoint, fileStore } from "../../../src/auth/store/file_store.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { fileText, signIn, StoreProcess } from "./support.ts";

/** What the next update sees: the old sign-in or the new one. */
const STEPS: readonly (readonly [point: FaultPoint, next: "old" | "new"])[] = [
  ["locked", "old"],
  ["settled", "old"],
  ["read", "old"],
  ["temp-created", "old"],
  ["before-fn", "old"],
  // The answer is there, and only in memory: this is what cannot be saved.
  ["after-fn", "old"],
  ["temp-written", "new"],
  ["temp-synced", "new"],
  ["renamed", "new"],
  ["saved", "new"],
];

for (const [point, next] of STEPS) {
  Deno.test(`fileStore() is whole and free after a kill at ${point}, and holds the ${next} sign-in`, async () => {
    await Promise.all([1, 2, 3].map(async () => {
      await using dir = await TempDir.make();
      const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
      await using process = new StoreProcess({ path, next: signIn(2), stop: point });
      await process.stopped(point);
      await process.kill();

      const store = fileStore({ path, lockTimeoutMs: 0 });
      const read = await store.read();
      assert.ok(read?.type === "oauth" && read.expires <= 2, "the file is whole");
      await store.update((current) => {
        assert.deepEqual(current, next === "old" ? signIn(1) : signIn(2));
        return Promise.resolve({ next: signIn(3), value: undefined });
      });
      assert.equal(await dir.read("auth.json"), fileText(signIn(3)));
      assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
    }));
  });
}

Deno.test("fileStore() keeps another process out until the one inside is killed", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
  await using process = new StoreProcess({ path, stop: "before-fn" });
  await process.stopped("before-fn");
  const store = fileStore(path);
  let inside = false;
  const update = store.update((current) => {
    inside = true;
    return Promise.resolve({ next: current, value: undefined });
  });
  assert.deepEqual(await store.read(), signIn(1));
  assert.equal(inside, false);
  await process.kill();
  await update;
  assert.equal(inside, true);
});
