import assert from "node:assert/strict";
import { layOut, writableRoots } from "../../../src/agent/sandbox/layout.ts";
import { SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { policyFor } from "./support.ts";

const HOST = { environment: {}, cwd: "/" };

Deno.test("writableRoots() takes each folder once, and none in a read-only sandbox", async () => {
  await using dir = await TempDir.make();
  await dir.write("a/b/file", "");
  const writable = [dir.join("a/b"), dir.join("a")];
  assert.deepEqual(writableRoots(policyFor(dir.join("a"), { writable })), [dir.join("a")]);
  assert.deepEqual(writableRoots(policyFor(dir.path, { mode: "read-only" })), []);
});

Deno.test("writableRoots() refuses what is no folder, a link, or the machine's own", async () => {
  await using dir = await TempDir.make();
  await dir.write("file", "");
  await Deno.symlink(".", dir.join("link"));
  const refuses = (workspace: string, message: RegExp) =>
    assert.throws(() => writableRoots(policyFor(workspace)), (error) => {
      assert.ok(error instanceof SandboxError);
      assert.match(error.message, message);
      return true;
    });
  refuses(dir.join("file"), /no folder/);
  refuses(dir.join("missing"), /no folder/);
  refuses(dir.join("link"), /in truth/);
  if (Deno.build.os === "windows") return;
  refuses("/", /cannot be a writable folder/);
  if (Deno.build.os === "linux") refuses("/dev", /cannot be a writable folder/);
});

Deno.test("layOut() pins the folders above what must stay, and nothing within it", async () => {
  await using dir = await TempDir.make();
  await dir.write("a/b/.git/config", "");
  await dir.write(".codex/x/secret/key", "");
  await dir.write("p/q/key", "");
  const layout = layOut(
    policyFor(dir.path, { hidden: [dir.join(".codex/x/secret"), dir.join("p/q")] }),
    [dir.path],
    [dir.join("a/b/.git"), dir.join(".codex"), dir.join("a/b/.git/modules"), dir.join("p/q/.git")],
    HOST,
  );
  assert.deepEqual(layout.unchanging, [dir.join("a/b/.git"), dir.join(".codex")]);
  assert.deepEqual(layout.pinned, [dir.join("a"), dir.join("p"), dir.join("a/b")]);
  assert.deepEqual(layout.hidden.folders, [dir.join(".codex/x/secret"), dir.join("p/q")]);
});

Deno.test("layOut() finds another place for caches when the work is in /tmp itself", async () => {
  if (Deno.build.os !== "linux") return;
  await using dir = await TempDir.make();
  const usual = layOut(policyFor(dir.path), [dir.path], [], HOST);
  assert.equal(usual.caches.environment["TMPDIR"], "/tmp");
  const inTmp = layOut(policyFor("/tmp"), ["/tmp"], [], HOST);
  assert.notEqual(inTmp.caches.environment["TMPDIR"], "/tmp");
});

Deno.test("layOut() shows what is around the work where temporary files are, but no secret", async () => {
  if (Deno.build.os !== "linux") return;
  await using dir = await TempDir.make("/tmp");
  await dir.write("tree/sub/file", "");
  await dir.write("home/.ssh/id", "");
  const work = dir.join("tree/sub");
  const around = [dir.join("tree"), dir.join("home/.ssh"), dir.join("none"), "/tmp", "/etc"];
  const host = { environment: { HOME: dir.join("home") }, cwd: "/" };
  const layout = layOut(policyFor(work), [work], [], host, around);
  assert.deepEqual(layout.readable, [dir.join("tree")]);
  assert.deepEqual(layout.hidden.folders, [dir.join("home/.ssh")]);
  assert.deepEqual(layOut(policyFor(dir.path), [dir.path], [], host, around).readable, []);
});

Deno.test("layOut() refuses more mounts than a command can wait for", async () => {
  await using dir = await TempDir.make();
  const kept = Array.from({ length: 700 }, (_, index) => dir.join(`${index}/.git`));
  assert.throws(() => layOut(policyFor(dir.path), [dir.path], kept, HOST), {
    name: "SandboxError",
    message: /than can be protected/,
  });
});
