import assert from "node:assert/strict";
import { guarded } from "../../src/base/guarded.ts";

Deno.test("guarded() passes on what is told", () => {
  const told: string[] = [];
  guarded((message) => void told.push(message))?.("one");
  assert.deepEqual(told, ["one"]);
  assert.equal(guarded(undefined), undefined);
});

Deno.test("guarded() keeps a failure to itself, and a later one too", async () => {
  const failing = guarded(() => {
    throw new Error("no terminal");
  });
  assert.doesNotThrow(() => failing?.("one"));
  guarded(() => Promise.reject(new Error("no network")))?.("two");
  // What nobody handles is told before the next task, and fails this test.
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
});
