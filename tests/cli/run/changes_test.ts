import assert from "node:assert/strict";
import type { FileChange } from "../../../src/agent/tools/patch/changes.ts";
import { Changes, changesLine } from "../../../src/cli/run/changes.ts";

const added = (path: string, after: string): FileChange => ({ path, kind: "added", after });
const changed = (path: string, before: string, after: string): FileChange => ({
  path,
  kind: "changed",
  before,
  after,
});
const deleted = (path: string, before: string): FileChange => ({ path, kind: "deleted", before });
const moved = (from: string, path: string, before: string, after: string): FileChange => ({
  path,
  kind: "moved",
  from,
  before,
  after,
});

for (
  const [what, given, expected] of [
    ["nothing", [], []],
    ["one change as it is", [changed("a", "1", "2")], [changed("a", "1", "2")]],
    [
      "several changes of a file as one",
      [changed("a", "1", "2"), changed("a", "2", "3")],
      [changed("a", "1", "3")],
    ],
    ["no file that is what it was", [changed("a", "1", "2"), changed("a", "2", "1")], []],
    ["no file that came and went", [added("a", "1"), deleted("a", "1")], []],
    ["no file that went and came back", [deleted("a", "1"), added("a", "1")], []],
    ["a file that went and came anew", [deleted("a", "1"), added("a", "2")], [
      changed("a", "1", "2"),
    ]],
    ["a new file as it is now", [added("a", "1"), changed("a", "1", "2")], [added("a", "2")]],
    ["a deleted file as it was first", [changed("a", "1", "2"), deleted("a", "2")], [
      deleted("a", "1"),
    ]],
    ["a moved file", [moved("a", "b", "1", "1")], [moved("a", "b", "1", "1")]],
    ["a file that was moved twice as moved once", [
      moved("a", "b", "1", "2"),
      moved("b", "c", "2", "3"),
    ], [moved("a", "c", "1", "3")]],
    ["no file that was moved there and back", [
      moved("a", "b", "1", "2"),
      moved("b", "a", "2", "1"),
    ], []],
    ["a change of a file that was moved there and back", [
      moved("a", "b", "1", "2"),
      moved("b", "a", "2", "2"),
    ], [changed("a", "1", "2")]],
    ["a new file that was moved as new", [added("a", "1"), moved("a", "b", "1", "1")], [
      added("b", "1"),
    ]],
    ["a moved file that was deleted as deleted", [moved("a", "b", "1", "1"), deleted("b", "1")], [
      deleted("a", "1"),
    ]],
    ["a place that was filled again after a move", [moved("a", "b", "1", "1"), added("a", "9")], [
      changed("a", "1", "9"),
      added("b", "1"),
    ]],
    ["one new place for a file, where two were made of it", [
      moved("a", "b", "1", "1"),
      added("a", "1"),
      moved("a", "c", "1", "1"),
    ], [moved("a", "b", "1", "1"), added("c", "1")]],
    ["a move onto a file that was there", [changed("b", "0", "5"), moved("a", "b", "1", "1")], [
      changed("b", "0", "1"),
      deleted("a", "1"),
    ]],
  ] as const
) {
  Deno.test(`Changes lists ${what}`, () => {
    const changes = new Changes();
    for (const change of given) changes.add([change]);
    assert.deepEqual(changes.list(), expected);
  });
}

Deno.test("Changes lists a file whose permissions alone are others", () => {
  const changes = new Changes();
  const change: FileChange = { ...changed("a", "1", "1"), modeBefore: 0o644, mode: 0o755 };
  changes.add([change]);
  assert.deepEqual(changes.list(), [change]);
});

Deno.test("changesLine() names the files with what became of them", () => {
  assert.equal(changesLine([]), undefined);
  assert.equal(changesLine([changed("a.ts", "1", "2")]), "changed 1 file: a.ts");
  assert.equal(
    changesLine([added("a", ""), deleted("b", ""), moved("c", "d", "", "")]),
    "changed 3 files: a (new), b (deleted), c → d",
  );
});

Deno.test("changesLine() says how many files it does not name", () => {
  const files = Array.from({ length: 15 }, (_, index) => changed(`f${index}`, "1", "2"));
  assert.equal(
    changesLine(files),
    "changed 15 files: f0, f1, f2, f3, f4, f5, f6, f7 and 7 more",
  );
  assert.match(changesLine(files.slice(0, 9)) ?? "", /f7, f8$/);
});

Deno.test("changesLine() is one line, whatever a file is called", () => {
  assert.equal(
    changesLine([changed("a\nhint: b\x1b[2K\u202e", "1", "2")]),
    "changed 1 file: a\\nhint: b\\x1b[2K\\u202e",
  );
  assert.ok((changesLine([changed("x".repeat(5000), "1", "2")]) ?? "").length < 200);
});
