import assert from "node:assert/strict";
import {
  between,
  depth,
  folderOf,
  inFolder,
  isWithin,
  outermost,
  plainPath,
} from "../../../src/agent/sandbox/paths.ts";

Deno.test("isWithin() goes by names, not by letters", () => {
  assert.ok(isWithin("/a/b", "/a"));
  assert.ok(isWithin("/a", "/a"));
  assert.ok(isWithin("/a", "/"));
  assert.ok(!isWithin("/ab", "/a"));
  assert.ok(!isWithin("/", "/a"));
});

Deno.test("plainPath() and inFolder() take dots and slashes away", () => {
  assert.equal(plainPath("//a/./b/../c/"), "/a/c");
  assert.equal(plainPath("/../.."), "/");
  assert.equal(inFolder("/a", "../b"), "/b");
  assert.equal(inFolder("/a", "/c"), "/c");
});

Deno.test("between() names the folders above something, from the top", () => {
  assert.deepEqual(between("/a", "/a/b/c/d"), ["/a/b", "/a/b/c"]);
  assert.deepEqual(between("/a", "/a/b"), []);
  assert.equal(folderOf("/a"), "/");
  assert.equal(depth("/"), 0);
  assert.equal(depth("/a/b"), 2);
});

Deno.test("outermost() drops what lies in another", () => {
  assert.deepEqual(outermost(["/a/b", "/a", "/ab", "/a"]), ["/a", "/ab"]);
});
