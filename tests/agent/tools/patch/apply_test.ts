import assert from "node:assert/strict";
import { applyChunks } from "../../../../src/agent/tools/patch/apply.ts";
import { type Chunk, parsePatch } from "../../../../src/agent/tools/patch/parse.ts";

/** The chunks that some lines of a patch are. */
function chunksOf(lines: readonly string[]): readonly Chunk[] {
  const text = ["*** Begin Patch", "*** Update File: f", ...lines, "*** End Patch"].join("\n");
  const [hunk] = parsePatch(text);
  return hunk?.kind === "update" ? hunk.chunks : assert.fail();
}

/** A file after a patch of some lines. */
function applied(text: string, ...lines: string[]): string {
  return applyChunks(text, chunksOf(lines), "f");
}

function assertFails(text: string, lines: readonly string[], expected: RegExp): void {
  assert.throws(() => applied(text, ...lines), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, expected);
    return true;
  });
}

Deno.test("applyChunks() replaces lines between their context", () => {
  assert.equal(applied("a\nb\nc\n", "@@", " a", "-b", "+B", "+BB", " c"), "a\nB\nBB\nc\n");
});

Deno.test("applyChunks() takes the first place from where it is", () => {
  assert.equal(applied("x\nx\nx\n", "@@", "-x", "+1"), "1\nx\nx\n");
  assert.equal(applied("x\nx\nx\n", "@@", "-x", "+1", "@@", "-x", "+2"), "1\n2\nx\n");
});

Deno.test("applyChunks() wants chunks in the order of the file, and says when they are not", () => {
  assertFails(
    "a\nb\nc\n",
    ["@@", "-c", "+C", "@@", "-a", "+A"],
    /^Failed to find expected lines in f:\na\n\(chunk on line 6 of the patch; they are there, but/,
  );
});

Deno.test("applyChunks() looks behind the line that a header names", () => {
  const text = "def one():\n  pass\ndef two():\n  pass\n";
  assert.equal(
    applied(text, "@@ def two():", "-  pass", "+  return 2"),
    "def one():\n  pass\ndef two():\n  return 2\n",
  );
});

Deno.test("applyChunks() fails when a header is nowhere, line numbers included", () => {
  assertFails(
    "a\n",
    ["@@ b", "-a"],
    /^Failed to find context 'b' in f \(chunk on line 3 of the patch/,
  );
  assertFails(
    "a\n",
    ["@@ -1,1 +1,1 @@", "-a"],
    /^Failed to find context '-1,1 \+1,1 @@' in f/,
  );
});

Deno.test("applyChunks() fails when lines are nowhere, and repeats them", () => {
  assertFails(
    "a\nb\n",
    ["@@", " a", "-x", "+y"],
    /^Failed to find expected lines in f:\na\nx\n\(chunk on line 3 of the patch\)$/,
  );
});

Deno.test("applyChunks() ignores whitespace at the ends of lines, when nothing fits exactly", () => {
  assert.equal(applied("a  \nb\t\nc\n", "@@", " a", "-b", "+B"), "a  \nB\nc\n");
  // What fits exactly comes first, wherever it is.
  assert.equal(applied("b \nb\n", "@@", "-b", "+B"), "b \nB\n");
});

Deno.test("applyChunks() ignores whitespace in front of lines after that", () => {
  assert.equal(applied("    a\n  b\n", "@@", " a", "-b", "+B"), "    a\nB\n");
  assert.equal(applied("  b\nb \n", "@@", "-b", "+B"), "  b\nB\n");
});

Deno.test("applyChunks() takes typographic dashes, quotes and spaces for plain ones last", () => {
  const typeset = "say \u201chi\u201d \u2013 it\u2019s\u00a0on\n";
  assert.equal(applied(typeset, "@@", `-say "hi" - it's on`, "+x"), "x\n");
  assert.equal(applied(`say "hi" - it's on\n`, "@@", `-${typeset.trim()}`, "+x"), "x\n");
});

Deno.test("applyChunks() minds case in every comparison", () => {
  assertFails("Abc\n", ["@@", "-abc", "+x"], /^Failed to find expected lines/);
});

Deno.test("applyChunks() keeps the file's spelling of context that it found loosely", () => {
  assert.equal(
    applied("\tif (a) \u2014 b;\n\tx\n", "@@", " if (a) - b;", "-x", "+\ty"),
    "\tif (a) \u2014 b;\n\ty\n",
  );
});

Deno.test("applyChunks() puts a chunk of only added lines at the end, in order", () => {
  assert.equal(applied("a\nb\n", "@@", "+x", "@@", "+y"), "a\nb\nx\ny\n");
  assert.equal(applied("a\nb\n", "@@ a", "+x"), "a\nb\nx\n");
  assert.equal(applied("a\nb\n", "@@", "+x", "@@", "-a", "+A"), "A\nb\nx\n");
  assert.equal(applied("a\n\n", "@@", "+x", ""), "a\n\nx\n");
  assertFails("a\nb\n", ["@@ q", "+x"], /^Failed to find context 'q'/);
});

Deno.test("applyChunks() holds a chunk with the mark to the end of the file", () => {
  assert.equal(applied("a\nb\na\n", "@@", "-a", "+A", "*** End of File"), "a\nb\nA\n");
  assertFails("a\nb\na\n", ["@@", "-b", "*** End of File"], /^Failed to find expected lines/);
  // A chunk before it has taken the line: it is not taken twice.
  assertFails("a\n", ["@@", "-a", "@@", "-a", "*** End of File"], /^Failed to find expected/);
});

Deno.test("applyChunks() drops empty lines at a chunk's end that the file does not have", () => {
  assert.equal(applied("a\nb\nz\n", "@@", " a", "-b", "+c", "", ""), "a\nc\nz\n");
  assert.equal(applied("a\nb\n", "@@", "-b", "+c", "", "*** End of File"), "a\nc\n");
  assert.equal(applied("b\n", "@@", "-b", "-"), "");
  assertFails("b\n", ["@@", "-b", "-", ""], /^Failed to find expected lines/);
  assertFails("b\n", ["@@", "-"], /^Failed to find expected lines/);
  // Where it has them, they are part of what is looked for.
  assert.equal(applied("b\nz\nb\n\n", "@@", "-b", "+c", ""), "b\nz\nc\n\n");
});

Deno.test("applyChunks() ends the last line of a file", () => {
  assert.equal(applied("a\nb", "@@", "-a", "+A"), "A\nb\n");
  assert.equal(applied("a", "@@", " a", "+b"), "a\nb\n");
  assert.equal(applied("a", "@@", "-a", "+b"), "b\n");
  assert.equal(applied("a", "@@", "+b"), "a\nb\n");
});

Deno.test("applyChunks() empties a file, and fills an empty one", () => {
  assert.equal(applied("a\nb\n", "@@", "-a", "-b"), "");
  assert.equal(applied("", "@@", "+a"), "a\n");
});

Deno.test("applyChunks() keeps the line ends of a file from Windows, also for added lines", () => {
  assert.equal(applied("a\r\nb\r\n", "@@", " a", "+x", "-b"), "a\r\nx\r\n");
  assert.equal(applied("a\r\nb", "@@", "-b", "+x"), "a\r\nx\r\n");
  assert.equal(applied("a\r\n", "@@", "+x"), "a\r\nx\r\n");
});

Deno.test("applyChunks() ends an added line as its neighbours end", () => {
  assert.equal(applied("a\r\nb\nc\n", "@@", "-b", "+x"), "a\r\nx\nc\n");
  assert.equal(applied("a\nb\r\nc\r\n", "@@", " b", "+x"), "a\nb\r\nx\r\nc\r\n");
});

Deno.test("applyChunks() keeps a byte order mark out of the comparison, and in the file", () => {
  assert.equal(applied("\ufeffa\nb\n", "@@", "-a", "+A"), "\ufeffA\nb\n");
  assert.equal(applied("\ufeffa\n", "@@", "-a"), "\ufeff");
});

Deno.test("applyChunks() leaves a return that ends no line as it is", () => {
  assert.equal(applied("a\rb\nc\n", "@@", "-c", "+d"), "a\rb\nd\n");
});

Deno.test("applyChunks() gives up a search that would take for ever", () => {
  const text = "a\n".repeat(300);
  const chunks = chunksOf(["@@", ...Array.from({ length: 100 }, () => " a"), "-b"]);
  // Each of 200 places agrees in 100 lines, looked at in four ways.
  assert.throws(() => applyChunks(text, chunks, "f", 200_000), /^PatchError: Failed to find/);
  assert.throws(
    () => applyChunks(text, chunks, "f", 50_000),
    /^PatchError: The chunks for f take too long to find/,
  );
});

Deno.test("applyChunks() repeats no more of a patch than a reader can use", () => {
  assertFails("a\n", ["@@", `-${"x".repeat(100_000)}`], /^.{0,60}\n.{0,2100}\n.{0,60}$/);
});
