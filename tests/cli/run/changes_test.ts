import assert from "node:assert/strict";
import type { FileChange } from "../../../src/agent/tools/patch/changes.ts";
import { ABSENT, type FileState } from "../../../src/agent/tools/file_state.ts";
import { sumOfText } from "../../../src/agent/tools/tree_content.ts";
import { Changes, changesLine, type Watch } from "../../../src/cli/run/changes.ts";

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

const text = (text: string): FileState => ({ exists: true, text, sum: sumOfText(text) });
const unread = (sum: string): FileState => ({ exists: true, sum: sumOfText(sum) });

/** Folders that were so, and are so now; a patched file is told whether it changed or not. */
function watch(
  before: Readonly<Record<string, FileState>>,
  after: Readonly<Record<string, FileState>>,
): Watch {
  return {
    before: (path) => before[path],
    after: () => new Map(Object.entries(after)),
    whole: true,
  };
}

Deno.test("Changes counts what was there before its commands, and what is there at the end", () => {
  const changes = new Changes();
  changes.add([changed("early", "1", "2"), changed("back", "1", "2")]);
  changes.watch(watch(
    { early: text("2"), back: text("2"), late: text("1"), shell: text("1"), new: ABSENT },
    { early: text("3"), back: text("1"), late: text("3"), shell: text("2"), new: text("n") },
  ));
  // A command has changed it before the patch.
  changes.add([changed("late", "2", "3")]);
  changes.settle();
  assert.deepEqual(changes.list(), [
    changed("early", "1", "3"),
    changed("late", "1", "3"),
    changed("shell", "1", "2"),
    added("new", "n"),
  ]);
});

Deno.test("Changes counts a file of which only the sum is known", () => {
  const changes = new Changes();
  changes.watch(watch(
    { patched: unread("1"), back: unread("1"), both: unread("0"), shell: unread("1") },
    { patched: text("2"), back: text("1"), both: text("2"), shell: unread("2"), image: unread("") },
  ));
  changes.add([changed("patched", "1", "2"), changed("back", "1", "2"), changed("both", "1", "2")]);
  changes.settle();
  assert.deepEqual(changes.list(), [
    changed("patched", "1", "2"),
    { path: "both", kind: "changed", after: "2", untold: "binary" },
    { path: "shell", kind: "changed", untold: "binary" },
    { path: "image", kind: "added", untold: "binary" },
  ]);
});

Deno.test("Changes says why there are no texts of what differs, and nothing of what does not", () => {
  const facts = (size: number) =>
    ({ kind: "file", dev: 1, ino: 1, size, mtime: 1, mode: null, uid: null, gid: null }) as const;
  const large = (size: number, mode: number): FileState => ({
    exists: true,
    mode,
    facts: facts(size),
  });
  const changes = new Changes();
  changes.watch(watch(
    { large: large(9, 0o644), run: large(9, 0o644), image: { ...unread("1"), mode: 0o644 } },
    { large: large(8, 0o644), run: large(9, 0o755), image: { ...unread("1"), mode: 0o755 } },
  ));
  changes.settle();
  assert.deepEqual(changes.list(), [
    { path: "large", kind: "changed", untold: "unread", modeBefore: 0o644, mode: 0o644 },
    { path: "run", kind: "changed", modeBefore: 0o644, mode: 0o755 },
    { path: "image", kind: "changed", modeBefore: 0o644, mode: 0o755 },
  ]);
});

Deno.test("Changes knows the text of a large file from its patch, unless a command came before", () => {
  const facts = {
    kind: "file",
    dev: 1,
    ino: 1,
    size: 3,
    mtime: 1,
    mode: null,
    uid: null,
    gid: null,
  } as const;
  for (const [before, expected] of [["abc", "abc"], ["abcd", undefined]] as const) {
    const changes = new Changes();
    changes.watch(watch({ a: { exists: true, facts } }, { a: text("x") }));
    changes.add([changed("a", before, "x")]);
    changes.settle();
    assert.equal(changes.list()[0]?.before, expected);
  }
});

Deno.test("Changes lists a patch's move as one where a command went on with the file", () => {
  const changes = new Changes();
  changes.watch(watch({ a: text("1"), b: ABSENT }, { a: ABSENT, b: text("3") }));
  changes.add([moved("a", "b", "1", "2")]);
  changes.settle();
  assert.deepEqual(changes.list(), [moved("a", "b", "1", "3")]);
});

Deno.test("Changes leaves out the files that are named by their number", () => {
  const facts = {
    kind: "file",
    dev: 1,
    ino: 7,
    size: 3,
    mtime: 1,
    mode: null,
    uid: null,
    gid: null,
  } as const;
  const changes = new Changes();
  changes.watch(watch({ out: ABSENT }, { out: { exists: true, facts } }));
  changes.settle();
  assert.equal(changes.list([{ dev: 1, ino: 8 }, { dev: 2, ino: 7 }]).length, 1);
  assert.deepEqual(changes.list([{ dev: 1, ino: 7 }]), []);
});

Deno.test("Changes is empty until there is something to look for", () => {
  assert.ok(new Changes().isEmpty);
  const patched = new Changes();
  patched.add([added("a", "1")]);
  assert.ok(!patched.isEmpty);
  const watching = new Changes();
  watching.watch(watch({}, {}));
  assert.ok(!watching.isEmpty);
  assert.ok(watching.isWhole);
  watching.watch({ ...watch({}, {}), whole: false });
  assert.ok(!watching.isWhole);
});

Deno.test("changesLine() says that there may be more", () => {
  assert.equal(
    changesLine([changed("a.ts", "1", "2")], false),
    "changed 1 file: a.ts, and perhaps more",
  );
  assert.match(changesLine([], false) ?? "", /^changed no file that was looked at: .* too many/);
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
