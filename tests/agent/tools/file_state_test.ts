import assert from "node:assert/strict";
import {
  ABSENT,
  type FileState,
  hasSameContent,
  isSameState,
} from "../../../src/agent/tools/file_state.ts";
import type { FileFacts } from "../../../src/agent/tools/patch/files.ts";
import { sumOfText } from "../../../src/agent/tools/tree_content.ts";

const FACTS: FileFacts = {
  kind: "file",
  dev: 1,
  ino: 2,
  size: 1,
  mtime: 3,
  mode: 0o644,
  uid: 0,
  gid: 0,
};
const facts = (mtime: number): FileState => ({ exists: true, facts: { ...FACTS, mtime } });
const text = (text: string, mode?: number): FileState => ({ exists: true, text, mode });
const sum = (text: string): FileState => ({ exists: true, sum: sumOfText(text) });

for (
  const [what, one, other, expected] of [
    ["nothing and nothing", ABSENT, ABSENT, true],
    ["nothing and an empty file", ABSENT, text(""), false],
    ["one text", text("a"), text("a"), true],
    ["two texts", text("a"), text("b"), false],
    ["one text with two permissions", text("a", 0o644), text("a", 0o755), false],
    ["one text, permissions known once", text("a", 0o644), text("a"), true],
    ["a text and its sum", text("a"), sum("a"), true],
    ["a text and the sum of another one", text("a"), sum("b"), false],
    [
      "a sum, whatever else was found",
      { ...sum("a"), ...facts(1) },
      { ...sum("a"), ...facts(2) },
      true,
    ],
    ["one file that was not read", facts(1), facts(1), true],
    ["a file written to, and not read", facts(1), facts(2), false],
    ["a text and a file that was not read", text("a"), facts(1), false],
  ] as const
) {
  Deno.test(`isSameState() compares ${what}`, () => {
    assert.equal(isSameState(one, other), expected);
    assert.equal(isSameState(other, one), expected);
  });
}

Deno.test("hasSameContent() compares what files hold, whatever their permissions", () => {
  assert.ok(hasSameContent(text("a", 0o644), text("a", 0o755)));
  assert.ok(!hasSameContent(text("a", 0o644), text("b", 0o644)));
  assert.ok(hasSameContent(facts(1), facts(1)));
});
