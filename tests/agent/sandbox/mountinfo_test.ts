import assert from "node:assert/strict";
import { lineOf, parseMountinfo } from "../../../src/agent/sandbox/mountinfo.ts";

const mounts = (...lines: readonly string[]) =>
  parseMountinfo(lines.map((line) => `${line} rw,relatime shared:1 - ext4 /dev/x rw`).join("\n"));

Deno.test("parseMountinfo() reads places as they are, and passes over what is no line", () => {
  assert.deepEqual(parseMountinfo("20 1 8:1 /a\\040b /c\\134d rw - x\n\nhalf a line\n"), [
    { id: "20", parent: "1", device: "8:1", root: "/a\\040b", path: "/c\\d" },
  ]);
});

Deno.test("lineOf() finds what a path comes to, whatever the order of the lines", () => {
  const found = mounts(
    "30 20 0:5 / /run",
    "31 30 0:6 /sub /run/disk",
    "20 1 8:1 / /",
    "40 20 8:2 / /a/b",
  );
  assert.equal(lineOf("/run/disk/x", found), "/run/disk/x 0:6 /sub/x");
  assert.equal(lineOf("/run/disk", found), "/run/disk 0:6 /sub");
  assert.equal(lineOf("/run/diskette", found), "/run/diskette 0:5 /diskette");
  assert.equal(lineOf("/a", found), "/a 8:1 /a");
  assert.equal(lineOf("/", found), "/ 8:1 /");
});

Deno.test("lineOf() takes what lies on top", () => {
  const twice = mounts("20 1 8:1 / /", "30 20 0:5 / /w", "31 30 0:6 / /w");
  assert.equal(lineOf("/w/x", twice), "/w/x 0:6 /x");
  // Mounted at the folder above afterwards, which covers it.
  const covered = mounts("20 1 8:1 / /", "30 20 0:5 / /w/deep", "31 20 0:6 / /w");
  assert.equal(lineOf("/w/deep", covered), "/w/deep 0:6 /deep");
});

Deno.test("lineOf() says nothing where nothing is known", () => {
  assert.equal(lineOf("/w", []), undefined);
});
