import assert from "node:assert/strict";
import fc from "fast-check";
import { differLine, LINK_MODE, unifiedDiff } from "../../../src/agent/tools/diff.ts";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";

/** Applies a diff of one file, by its line numbers: the other half of the format. */
function patched(before: string, diff: string): string {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  const shown = diff.replace(/\n\\ No newline at end of file\n/g, "\0").split(/(?<=[\n\0])/);
  for (const line of shown) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line);
    const text = line.slice(1).replace(/\0$/, "");
    if (header !== null) {
      const start = Number(header[1]) - (header[2] === "0" ? 0 : 1);
      while (at < start) result.push(lines[at++] ?? assert.fail("the hunk begins behind the end"));
    } else if (result.length === 0 && at === 0 && /^(diff|---|\+\+\+|new|deleted) /.test(line)) {
      continue;
    } else if (line.startsWith("+")) result.push(text);
    else if (line !== "") {
      assert.equal(lines[at], text, "a line that the file does not have there");
      if (line.startsWith(" ")) result.push(text);
      at++;
    }
  }
  return [...result, ...lines.slice(at)].join("");
}

const file = (before: string | undefined, after: string | undefined) =>
  unifiedDiff({ path: "src/a.ts", before, after });

Deno.test("unifiedDiff() shows three lines around what changed, and counts", () => {
  const lines = Array.from({ length: 12 }, (_, index) => `${index + 1}\n`);
  const { text, added, removed } = file(lines.join(""), lines.join("").replace("6\n", "six\nVI\n"));
  assert.equal(
    text,
    `diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -3,7 +3,8 @@
 3
 4
 5
-6
+six
+VI
 7
 8
 9
`,
  );
  assert.deepEqual([added, removed], [2, 1]);
});

Deno.test("unifiedDiff() shows changes apart when more than six lines lie between", () => {
  const lines = Array.from({ length: 30 }, (_, index) => `${index}\n`);
  const change = (...at: number[]) =>
    file(lines.join(""), lines.map((line, index) => at.includes(index) ? "x\n" : line).join(""))
      .text
      .match(/^@@.*/gm);
  assert.deepEqual(change(5, 12), ["@@ -3,14 +3,14 @@"]);
  assert.deepEqual(change(5, 13), ["@@ -3,7 +3,7 @@", "@@ -11,7 +11,7 @@"]);
  assert.deepEqual(change(0), ["@@ -1,4 +1,4 @@"]);
  assert.deepEqual(change(29), ["@@ -27,4 +27,4 @@"]);
});

Deno.test("unifiedDiff() compares new and deleted files with nothing", () => {
  assert.deepEqual(file(undefined, "a\nb\n"), {
    text: `diff --git a/src/a.ts b/src/a.ts
new file mode 100644
--- /dev/null
+++ b/src/a.ts
@@ -0,0 +1,2 @@
+a
+b
`,
    added: 2,
    removed: 0,
  });
  assert.deepEqual(file("a\n", undefined), {
    text: `diff --git a/src/a.ts b/src/a.ts
deleted file mode 100644
--- a/src/a.ts
+++ /dev/null
@@ -1 +0,0 @@
-a
`,
    added: 0,
    removed: 1,
  });
  const empty = unifiedDiff({ path: "e", after: "", mode: 0o755 });
  assert.equal(empty.text, "diff --git a/e b/e\nnew file mode 100755\n");
});

Deno.test("unifiedDiff() says where the last line does not end", () => {
  assert.match(file("a\nb", "a\nb\n").text, /\n a\n-b\n\\ No newline at end of file\n\+b\n$/);
  assert.match(file("a", "a\nb").text, /\n-a\n\\ No.*\n\+a\n\+b\n\\ No newline at end of file\n$/);
});

Deno.test("unifiedDiff() is empty where nothing differs", () => {
  assert.deepEqual(file("a\n", "a\n"), { text: "", added: 0, removed: 0 });
});

Deno.test("unifiedDiff() tells a move and new permissions", () => {
  assert.equal(
    unifiedDiff({ path: "b", from: "a", before: "", after: "", modeBefore: 0o644, mode: 0o755 })
      .text,
    "diff --git a/a b/b\nold mode 100644\nnew mode 100755\nrename from a\nrename to b\n",
  );
});

Deno.test("unifiedDiff() keeps names apart from what stands around them", () => {
  const names = (path: string) => unifiedDiff({ path, before: "", after: "x\n" }).text.split("\n");
  assert.equal(names("a b")[2], "+++ b/a b\t");
  assert.equal(names('a"b')[2], '+++ "b/a\\"b"');
  assert.equal(names("a\nb")[2], '+++ "b/a\\nb"');
  assert.equal(names("\x07\b\t\v\f\r\\")[2], String.raw`+++ "b/\a\b\t\v\f\r\\"`);
  assert.equal(names("\x1b[0m\x7f\x85é")[2], String.raw`+++ "b/\033[0m\177\302\205é"`);
  assert.equal(names("/abs/a")[1], "--- a/abs/a");
});

Deno.test("unifiedDiff() shows of a link where it leads", () => {
  const link = { path: "l", mode: LINK_MODE, modeBefore: LINK_MODE };
  assert.equal(
    unifiedDiff({ ...link, after: "/etc" }).text,
    "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n" +
      "\\ No newline at end of file\n",
  );
  assert.doesNotMatch(unifiedDiff({ ...link, before: "/usr", after: "/etc" }).text, /mode/);
});

Deno.test("differLine() says in Git's words that two contents differ", () => {
  const both = { path: "b c", from: "a\x1b", before: "", after: "" };
  assert.equal(differLine(both, true), 'Binary files "a/a\\033" and b/b c differ\n');
  assert.equal(
    differLine({ path: "/x", after: "" }, false),
    "Files /dev/null and b/x differ\n",
  );
  assert.equal(
    differLine({ path: "x", before: "" }, true),
    "Binary files a/x and /dev/null differ\n",
  );
});

Deno.test("unifiedDiff() leads from any text to any other one", () => {
  const text = fc.array(fc.constantFrom("a\n", "b\n", "c\n", "\n", "a", "d\r\n"), { maxLength: 24 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { text, added, removed } = file(before, after);
      assert.equal(patched(before, text), after);
      assert.equal(text.match(/^\+(?!\+\+ )/gm)?.length ?? 0, added);
      assert.equal(text.match(/^-(?!-- )/gm)?.length ?? 0, removed);
    }),
    { numRuns: 1_000, seed: 1 },
  );
});

Deno.test("unifiedDiff() finds the fewest lines", () => {
  const lines = fc.array(fc.constantFrom("a\n", "b\n", "c\n"), { maxLength: 9 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const { added, removed } = file(before.join(""), after.join(""));
      assert.equal(added + removed, before.length + after.length - 2 * common(before, after));
    }),
    { numRuns: 1_000, seed: 2 },
  );
});

/** The length of the longest common subsequence, by the book. */
function common(one: readonly string[], other: readonly string[]): number {
  const row = new Array<number>(other.length + 1).fill(0);
  for (const line of one) {
    let diagonal = 0;
    for (let index = 1; index <= other.length; index++) {
      const above = row[index] ?? 0;
      row[index] = line === other[index - 1] ? diagonal + 1 : Math.max(above, row[index - 1] ?? 0);
      diagonal = above;
    }
  }
  return row.at(-1) ?? 0;
}

Deno.test("unifiedDiff() tells the middle as replaced when too much differs, and still leads there", () => {
  const lines = (factor: number) =>
    Array.from({ length: 5_000 }, (_, index) => `${(index * factor) % 10_007}\n`).join("");
  const before = `same\n${lines(7)}end\n`;
  const after = `same\n${lines(11)}end\n`;
  const { text, added, removed } = file(before, after);
  assert.deepEqual([added, removed], [4_999, 4_999]);
  assert.equal(patched(before, text), after);
});

testWith(
  ["git"],
  "unifiedDiff() is read by git apply, names and permissions included",
  async () => {
    await using dir = await TempDir.make();
    await dir.write("a b", "1\n2\n3");
    await dir.write("gone", "x\n");
    await dir.write('quo"te', "x\n");
    await dir.write("moved", "1\n2\n3\n4\n", 0o644);
    const diff = [
      { path: "a b", before: "1\n2\n3", after: "1\n2\n3\n" },
      { path: "gone", before: "x\n" },
      { path: 'quo"te', before: "x\n", after: "y\n" },
      { path: "sub/to", from: "moved", before: "1\n2\n3\n4\n", after: "1\n2\n3\n5\n" },
      { path: "run", after: "#!\n", mode: 0o755 },
      { path: "empty", after: "" },
    ].map((input) => unifiedDiff(input).text).join("");
    await dir.write("all.diff", diff);
    const { success, stderr } = await new Deno.Command("git", {
      args: ["apply", "all.diff"],
      cwd: dir.path,
      env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CEILING_DIRECTORIES: dir.path },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual(await dir.list(), ["a b", "all.diff", "empty", 'quo"te', "run", "sub"]);
    assert.deepEqual(
      [await dir.read("a b"), await dir.read('quo"te'), await dir.read("sub/to")],
      ["1\n2\n3\n", "y\n", "1\n2\n3\n5\n"],
    );
    assert.equal(((await Deno.stat(dir.join("run"))).mode ?? 0) & 0o111, 0o111);
  },
);
