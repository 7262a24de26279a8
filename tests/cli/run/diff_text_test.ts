import assert from "node:assert/strict";
import { diffRows, diffText } from "../../../src/cli/run/diff_text.ts";

const DIFF = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\x1b[2K\n+new\n";

Deno.test("diffText() colours lines on a terminal, and makes them harmless", () => {
  assert.equal(
    diffText(DIFF, true),
    "\x1b[31m--- a/x\x1b[0m\n\x1b[32m+++ b/x\x1b[0m\n\x1b[2m@@ -1,2 +1,2 @@\x1b[0m\n same\n" +
      "\x1b[31m-old\\x1b[2K\x1b[0m\n\x1b[32m+new\x1b[0m\n",
  );
  assert.equal(diffText(DIFF, false), DIFF.replace("\x1b", "\\x1b"));
});

Deno.test("diffRows() gives what goes on with a line that line's colour", () => {
  const rows = [
    { text: "+abc", continues: false },
    { text: "-def", continues: true },
    { text: " ghi", continues: false },
  ];
  assert.deepEqual(diffRows(rows, true), ["\x1b[32m+abc\x1b[0m", "\x1b[32m-def\x1b[0m", " ghi"]);
  assert.deepEqual(diffRows(rows, false), ["+abc", "-def", " ghi"]);
});
