import assert from "node:assert/strict";
import {
  type FileFacts,
  isSame,
  platformFiles,
  slashed,
} from "../../../../src/agent/tools/patch/files.ts";
import { TempDir } from "../../../support/temp_dir.ts";

function factsAt(path: string): FileFacts {
  return platformFiles.facts(path) ?? assert.fail(`nothing at ${path}`);
}

Deno.test("platformFiles tells what stands at a path, and follows no link", async () => {
  await using dir = await TempDir.make();
  const file = await dir.write("file", "abc", 0o640);
  await Deno.symlink("file", dir.join("link"));
  const { kind, size, mode, uid } = factsAt(file);
  assert.deepEqual([kind, size], ["file", 3]);
  if (Deno.build.os !== "windows") {
    assert.deepEqual([(mode ?? 0) & 0o777, uid], [0o640, Deno.uid()]);
  }
  assert.equal(factsAt(dir.join("link")).kind, "link");
  assert.equal(factsAt(dir.path).kind, "folder");
  assert.equal(platformFiles.facts(dir.join("nothing")), undefined);
  assert.equal(platformFiles.facts(dir.join("file/below")), undefined);
});

Deno.test("platformFiles reads the file that was looked at, and no other one", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("f", "abc");
  const facts = factsAt(path);
  assert.equal(new TextDecoder().decode(await platformFiles.read(path, facts)), "abc");
  await dir.write("other", "xyz");
  await Deno.rename(dir.join("other"), path);
  await assert.rejects(
    platformFiles.read(path, facts),
    /^PatchError: it changed while it was read/,
  );
  await dir.write("secret", "longer");
  await Deno.remove(path);
  await Deno.symlink("secret", path);
  await assert.rejects(
    platformFiles.read(path, facts),
    /^PatchError: it changed while it was read/,
  );
});

Deno.test("platformFiles makes a file with the permissions of another one, and over none", async () => {
  await using dir = await TempDir.make();
  const like = factsAt(await dir.write("like", "x"));
  await platformFiles.create(dir.join("new"), new Uint8Array([0x61]), { ...like, mode: 0o100751 });
  assert.equal(await dir.read("new"), "a");
  if (Deno.build.os !== "windows") {
    assert.equal((factsAt(dir.join("new")).mode ?? 0) & 0o7777, 0o751);
  }
  await assert.rejects(
    platformFiles.create(dir.join("new"), new Uint8Array([0x62]), undefined),
    Deno.errors.AlreadyExists,
  );
  await Deno.symlink("nowhere", dir.join("link"));
  await assert.rejects(
    platformFiles.create(dir.join("link"), new Uint8Array([0x62]), undefined),
    Deno.errors.AlreadyExists,
  );
  assert.deepEqual([await dir.read("new"), await dir.list()], ["a", ["like", "link", "new"]]);
});

Deno.test({
  name: "platformFiles keeps the owner of a file that root replaces",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  async fn() {
    await using dir = await TempDir.make();
    const path = await dir.write("like", "x");
    await Deno.chown(path, 12_345, 12_346);
    await platformFiles.create(dir.join("new"), new Uint8Array(), factsAt(path));
    const { uid, gid } = factsAt(dir.join("new"));
    assert.deepEqual([uid, gid], [12_345, 12_346]);
  },
});

Deno.test("platformFiles knows a file that may not be written to, and leaves every file as it is", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("f", "abc");
  const facts = factsAt(path);
  platformFiles.checkWritable(path, facts);
  assert.ok(isSame(factsAt(path), facts));
  if (Deno.build.os === "windows") return;
  await Deno.chmod(path, 0o444);
  assert.throws(
    () => platformFiles.checkWritable(path, factsAt(path)),
    /^PatchError: permission denied/,
  );
  assert.throws(() => platformFiles.checkWritable(dir.path, facts), /^PatchError: /);
});

Deno.test("isSame() compares all that says whether a file is the one that was read", () => {
  const facts: FileFacts = {
    kind: "file",
    dev: 1,
    ino: 2,
    size: 3,
    mtime: 4,
    mode: 5,
    uid: 6,
    gid: 7,
  };
  assert.ok(isSame(facts, { ...facts }));
  assert.ok(isSame(undefined, undefined));
  assert.ok(!isSame(facts, undefined));
  for (
    const other of [{ kind: "link" }, { dev: 9 }, { ino: 9 }, { size: 9 }, { mtime: 9 }] as const
  ) {
    assert.ok(!isSame(facts, { ...facts, ...other }), JSON.stringify(other));
  }
});

Deno.test("slashed() leaves a backslash alone where it is a character like others", () => {
  assert.equal(slashed("a\\b/c"), Deno.build.os === "windows" ? "a/b/c" : "a\\b/c");
});
