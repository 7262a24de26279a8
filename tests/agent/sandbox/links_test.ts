import assert from "node:assert/strict";
import { wayOf } from "../../../src/agent/sandbox/links.ts";
import { TempDir } from "../../support/temp_dir.ts";

Deno.test("wayOf() names the links where they truly are, and where they lead", async () => {
  await using dir = await TempDir.make();
  await dir.write("real/file", "");
  await dir.write("more/x", "");
  await Deno.symlink("../real", dir.join("more/one"));
  await Deno.symlink("more", dir.join("two"));
  assert.deepEqual(wayOf(dir.join("two/one/file")), {
    real: dir.join("real/file"),
    links: [dir.join("two"), dir.join("more/one")],
    left: [],
  });
});

Deno.test("wayOf() leaves by .. the folder that a link led to", async () => {
  await using dir = await TempDir.make();
  await dir.write("deep/in/x", "");
  await dir.write("deep/y", "");
  await Deno.symlink("deep/in", dir.join("link"));
  assert.equal(wayOf("link/../y", dir.path).real, dir.join("deep/y"));
  assert.deepEqual(wayOf("link/../y", dir.path).left, [dir.join("deep/in")]);
  // The folder that it began in, and those above its end, are in nobody's question.
  assert.deepEqual(wayOf("../deep/y", dir.join("deep")).left, []);
});

Deno.test("wayOf() tells the links of a way that leads nowhere", async () => {
  await using dir = await TempDir.make();
  await dir.write("file", "");
  await Deno.symlink("none", dir.join("dangling"));
  await Deno.symlink("loop", dir.join("loop"));
  assert.deepEqual(wayOf("dangling", dir.path), {
    real: undefined,
    links: [dir.join("dangling")],
    left: [],
  });
  assert.equal(wayOf("loop", dir.path).real, undefined);
  assert.equal(wayOf("file/x", dir.path).real, undefined);
  assert.equal(wayOf("/proc/self/root", dir.path).real, undefined);
});
