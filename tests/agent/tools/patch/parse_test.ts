import assert from "node:assert/strict";
import { type Hunk, parsePatch } from "../../../../src/agent/tools/patch/parse.ts";

/** A patch of some lines, with the first and the last one that each has. */
function patch(...lines: string[]): string {
  return ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
}

/** The only hunk of a patch. */
function only(...lines: string[]): Hunk {
  const hunks = parsePatch(patch(...lines));
  assert.equal(hunks.length, 1);
  return hunks[0] ?? assert.fail();
}

/** The chunks of an update: header, lines with their marks, whether at the end of the file. */
function chunks(...lines: string[]): unknown {
  const hunk = only("*** Update File: f", ...lines);
  assert.ok(hunk.kind === "update");
  const marks = { context: " ", remove: "-", add: "+" };
  return hunk.chunks.map((chunk) => [
    chunk.header ?? null,
    chunk.lines.map(({ kind, text }) => marks[kind] + text).join("|"),
    chunk.atEnd,
  ]);
}

function assertInvalid(text: string, expected: RegExp): void {
  assert.throws(() => parsePatch(text), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, expected);
    return true;
  });
}

Deno.test("parsePatch() reads a file that is added, line for line", () => {
  assert.deepEqual(only("*** Add File: a/b c.txt", "+one", "+", "+ two"), {
    kind: "add",
    line: 2,
    path: "a/b c.txt",
    text: "one\n\n two\n",
  });
});

Deno.test("parsePatch() takes an added file without lines for an empty one", () => {
  const hunk = only("*** Add File: a");
  assert.equal(hunk.kind === "add" && hunk.text, "");
});

Deno.test("parsePatch() reads a file that is deleted", () => {
  assert.deepEqual(only("*** Delete File: a"), { kind: "delete", line: 2, path: "a" });
});

Deno.test("parsePatch() reads an update with a move directly behind its header", () => {
  const hunk = only("*** Update File: a", "*** Move to: b", "@@", "-x");
  assert.equal(hunk.kind === "update" && hunk.moveTo, "b");
  assertInvalid(
    patch("*** Update File: a", "@@", "-x", "*** Move to: b"),
    /^Invalid patch hunk on line 5: '\*\*\* Move to: b' is no file's header/,
  );
});

Deno.test("parsePatch() reads chunks with and without a header, the first one also bare", () => {
  assert.deepEqual(chunks(" a", "-b", "@@", "+c", "@@ class X {  ", " d"), [
    [null, " a|-b", false],
    [null, "+c", false],
    ["class X {", " d", false],
  ]);
});

Deno.test("parsePatch() takes an empty line for empty context", () => {
  assert.deepEqual(chunks("@@", " a", "", "-b"), [[null, " a| |-b", false]]);
});

Deno.test("parsePatch() lets blank lines stand before a chunk", () => {
  assert.deepEqual(chunks("", "@@", "-a", "*** End of File", "  ", "@@", "-b"), [
    [null, "-a", true],
    [null, "-b", false],
  ]);
});

Deno.test("parsePatch() reads the mark of the end of the file", () => {
  assert.deepEqual(chunks("@@", "-a", "*** End of File"), [[null, "-a", true]]);
});

Deno.test("parsePatch() takes line numbers in a chunk's header for text", () => {
  assert.deepEqual(chunks("@@ -1,2 +1,3 @@", "-a"), [["-1,2 +1,3 @@", "-a", false]]);
});

Deno.test("parsePatch() takes one header a chunk", () => {
  assertInvalid(
    patch("*** Update File: f", "@@ a", "@@ b", "-c"),
    /^Invalid patch hunk on line 4: '@@ b' is no line of a chunk/,
  );
});

Deno.test("parsePatch() refuses an update without a chunk, with a move too", () => {
  const expected = /^Invalid patch hunk on line 2: the update of 'a' has no chunk/;
  assertInvalid(patch("*** Update File: a"), expected);
  assertInvalid(patch("*** Update File: a", "*** Move to: b"), expected);
});

Deno.test("parsePatch() refuses a chunk without lines", () => {
  const expected = /^Invalid patch hunk on line 3: the chunk has no lines/;
  assertInvalid(patch("*** Update File: a", "@@"), expected);
  assertInvalid(patch("*** Update File: a", "@@", "*** Delete File: b"), expected);
});

Deno.test("parsePatch() refuses a line without a mark, and names its number", () => {
  assertInvalid(
    patch("*** Update File: a", "@@", "-x", "garbage"),
    /^Invalid patch hunk on line 5: a chunk begins with '@@', not with 'garbage'/,
  );
  assertInvalid(
    patch("*** Update File: a", "@@", "garbage"),
    /^Invalid patch hunk on line 4: 'garbage' is no line of a chunk/,
  );
});

Deno.test("parsePatch() refuses what is no file's header, and names its number", () => {
  assertInvalid(patch("*** Change File: a"), /^Invalid patch hunk on line 2: '\*\*\* Change File/);
  assertInvalid(patch("*** Add File: a", "+x", "", "+y"), /^Invalid patch hunk on line 5: '\+y'/);
  assertInvalid(patch("*** Add File: ", "+x"), /^Invalid patch hunk on line 2: .* names no file/);
});

Deno.test("parsePatch() counts lines in the text as it was sent", () => {
  assertInvalid(`\n\n<<EOF\n${patch("nonsense")}\nEOF`, /on line 5: 'nonsense'/);
});

Deno.test("parsePatch() lets whitespace stand around the patch and its marker lines", () => {
  const text = "\n \n  *** Begin Patch  \n  *** Delete File: a \n *** End Patch\t\n\n  ";
  assert.deepEqual(parsePatch(text), [{ kind: "delete", line: 4, path: "a" }]);
});

Deno.test("parsePatch() lets blank lines stand between two files", () => {
  const hunks = parsePatch(patch("*** Add File: a", "+x", "", "*** Delete File: b", ""));
  assert.deepEqual(hunks.map(({ path }) => path), ["a", "b"]);
});

Deno.test("parsePatch() reads a patch whose lines end as on Windows", () => {
  const text = patch("*** Add File: a", "+x", "*** Delete File: b").replaceAll("\n", "\r\n");
  assert.deepEqual(parsePatch(text).map((hunk) => hunk.kind === "add" ? hunk.text : hunk.path), [
    "x\n",
    "b",
  ]);
});

Deno.test("parsePatch() takes a shell's here-document around the patch", () => {
  const inner = patch("*** Delete File: a");
  for (const open of ["<<EOF", "<<'EOF'", '<<"EOF"', "apply_patch <<'EOF'", "<<-EOF"]) {
    assert.equal(parsePatch(`${open}\n${inner}\nEOF\n`).length, 1, open);
  }
  for (const open of ["<<'EOF\"", "cat <<EOF", "<<OTHER", "<EOF"]) {
    assertInvalid(`${open}\n${inner}\nEOF\n`, /^Invalid patch: the first line must be/);
  }
});

Deno.test("parsePatch() refuses a fence of Markdown", () => {
  assertInvalid(`\`\`\`\n${patch("*** Delete File: a")}\n\`\`\``, /the first line must be/);
});

Deno.test("parsePatch() refuses a patch without its first or last line", () => {
  assertInvalid("", /^Invalid patch: the first line must be '\*\*\* Begin Patch'$/);
  assertInvalid("*** Begin Patch", /^Invalid patch: the last line must be '\*\*\* End Patch'$/);
  assertInvalid("*** Begin Patch\n*** Delete File: a", /the last line must be/);
  assertInvalid(`${patch("*** Delete File: a")}\nDone!`, /the last line must be/);
});

Deno.test("parsePatch() takes the line that names an environment, and leaves it out", () => {
  assert.equal(parsePatch(patch("*** Environment ID: e-1", "*** Delete File: a")).length, 1);
  assertInvalid(patch("*** Delete File: a", "*** Environment ID: e-1"), /on line 3/);
});

Deno.test("parsePatch() gives nothing for a patch of nothing", () => {
  assert.deepEqual(parsePatch(patch()), []);
  assert.deepEqual(parsePatch(patch("", "")), []);
});

Deno.test("parsePatch() refuses half a character, which would be written as another one", () => {
  assertInvalid(patch("*** Add File: a", "+\ud83d"), /^Invalid patch: it is not well-formed/);
});

Deno.test("parsePatch() refuses a patch that is too long to be one", () => {
  assertInvalid("x".repeat(16 * 2 ** 20 + 1), /^Invalid patch: it is longer than 16 MiB/);
});
