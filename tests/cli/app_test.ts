import assert from "node:assert/strict";
import { application } from "../../src/cli/app.ts";

function namesIn(named?: string): readonly string[] {
  const { root } = application(named);
  if (!("getAllEntries" in root)) throw new Error("it is no route map");
  return root.getAllEntries().map(({ name }) => name.original);
}

Deno.test("application() defines the one command that is named, and all where none is", () => {
  const all = namesIn();
  assert.ok(all.length >= 10 && all.includes("run"));
  for (const name of all) assert.deepEqual(namesIn(name), [name]);
  for (const other of ["--help", "rum", "", "constructor"]) assert.deepEqual(namesIn(other), all);
});
