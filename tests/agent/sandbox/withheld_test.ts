import assert from "node:assert/strict";
import { SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import { coarse, withheldNotices } from "../../../src/agent/sandbox/withheld.ts";

Deno.test("coarse() cuts folders at the greatest depth at which they are few", () => {
  const paths = Array.from({ length: 300 }, (_, index) => `/w/a/${index % 50}/x/${index}`);
  const some = coarse([...paths, "/w/b", "/v/c/d"], ["/w", "/v"]);
  assert.equal(some.length, 52);
  for (const path of ["/w/a/7/x", "/w/b", "/v/c/d"]) assert.ok(some.includes(path), path);
  const many = Array.from({ length: 101 }, (_, index) => `/w/${index}/x`);
  assert.throws(() => coarse(many, ["/w"]), SandboxError);
  assert.throws(() => coarse(["/w/a", "/v"], ["/w", "/v"]), SandboxError);
});

Deno.test("withheldNotices() names few folders, in a sentence that stays short", () => {
  assert.deepEqual(withheldNotices([]), []);
  assert.deepEqual(withheldNotices([{ path: "/w/a" }, { path: "/w/b", link: "/w/b/.git" }]), [
    '"/w/a" could not be searched for .git and its like: commands can only read it',
    '"/w/b/.git" is a symbolic link, which could be replaced: commands can only read "/w/b"',
  ]);
  const many = Array.from({ length: 90 }, (_, index) => ({ path: `/${index}/${"x".repeat(900)}` }));
  const [notice = "", ...more] = withheldNotices(many);
  assert.deepEqual(more, []);
  assert.ok(notice.length < 600, notice);
  assert.match(notice, /^"\/0\/x+…x+", "\/1.* and 88 more folders could not .* read them$/);
});
