import assert from "node:assert/strict";
import { foreignNotices } from "../../../src/agent/sandbox/foreign.ts";

const OWNERS: Readonly<Record<string, number | null>> = { "/mine": 0, "/theirs": 1000 };
const ownerOf = (path: string) => OWNERS[path] ?? null;

Deno.test("foreignNotices() tells root of folders that are another user's", () => {
  const [notice = "", ...more] = foreignNotices(["/mine", "/theirs"], 0, ownerOf);
  assert.deepEqual(more, []);
  assert.match(notice, /^"\/theirs" belongs to another user, .*run codex as that user/);
});

Deno.test("foreignNotices() says nothing to anybody else, whose rights are the same as ever", () => {
  assert.deepEqual(foreignNotices(["/mine", "/theirs"], 1000, ownerOf), []);
  assert.deepEqual(foreignNotices(["/theirs"], null, ownerOf), []);
});
