import assert from "node:assert/strict";
import { isAbsolute, isWithin, join, splitPath } from "../../src/base/path.ts";

Deno.test("isAbsolute() knows a root of either system", () => {
  assert.ok(isAbsolute("linux", "/a") && !isAbsolute("linux", "C:\\a") && !isAbsolute("linux", ""));
  for (const path of ["C:\\a", "c:/a", "\\a"]) assert.ok(isAbsolute("windows", path), path);
  for (const path of ["C:a", "a\\b"]) assert.ok(!isAbsolute("windows", path), path);
});

Deno.test("join() puts names behind a folder, whatever it ends in", () => {
  assert.equal(join("linux", "/a/", "b", "c"), "/a/b/c");
  assert.equal(join("linux", "/", "b"), "/b");
  assert.equal(join("windows", "C:\\a/", "b"), "C:\\a\\b");
  assert.equal(join("windows", "C:\\", "b"), "C:\\b");
});

Deno.test("splitPath() keeps the root and names the current folder", () => {
  assert.deepEqual(splitPath("linux", "/a/b/c"), { folder: "/a/b", name: "c" });
  assert.deepEqual(splitPath("linux", "/c"), { folder: "/", name: "c" });
  assert.deepEqual(splitPath("linux", "c"), { folder: ".", name: "c" });
  assert.deepEqual(splitPath("linux", "a\\b/c"), { folder: "a\\b", name: "c" });
  assert.deepEqual(splitPath("windows", "C:\\a\\c"), { folder: "C:\\a", name: "c" });
  assert.deepEqual(splitPath("windows", "C:\\c"), { folder: "C:\\", name: "c" });
  assert.deepEqual(splitPath("windows", "a/c"), { folder: "a", name: "c" });
});

Deno.test("isWithin() knows a folder from one whose name begins alike", () => {
  assert.ok(isWithin("linux", "/a/b", "/a/b"));
  assert.ok(isWithin("linux", "/a/b/c", "/a/b"));
  assert.ok(isWithin("linux", "/a", "/"));
  assert.ok(!isWithin("linux", "/a/bc", "/a/b"));
  assert.ok(!isWithin("linux", "/a", "/a/b"));
});

Deno.test("isWithin() goes by the separator of the system", () => {
  assert.ok(isWithin("windows", "C:\\a\\b", "C:\\a"));
  assert.ok(!isWithin("windows", "C:\\ab", "C:\\a"));
});
