import assert from "node:assert/strict";
import { findTarget, isMountedAlone, isMountPoint } from "../../../src/auth/store/target.ts";
import { isCodexError } from "../../../src/base/errors.ts";
import { TempDir } from "../../support/temp_dir.ts";

const me = () => Deno.uid();

function refusal(pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isCodexError(error, "store_unavailable"), String(error));
    assert.match(error.message, pattern);
    assert.ok(error.hint);
    return true;
  };
}

Deno.test("findTarget() finds a file, and a place where there is none", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", "{}");
  const never = () => assert.fail("asked who we are");
  assert.equal((await findTarget(path, never)).info?.size, 2);
  assert.deepEqual(await findTarget(dir.join("none", "a"), never), {
    path: dir.join("none", "a"),
    info: undefined,
  });
});

Deno.test("findTarget() refuses whatever is no regular file, before it opens it", async () => {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("folder"));
  await new Deno.Command("mkfifo", { args: [dir.join("pipe")] }).output();
  using _ = Deno.listen({ transport: "unix", path: dir.join("socket") });
  await assert.rejects(findTarget(dir.join("folder"), me), refusal(/: it is a folder$/));
  await assert.rejects(findTarget(dir.join("pipe"), me), refusal(/: it is a named pipe$/));
  await assert.rejects(findTarget(dir.join("socket"), me), refusal(/: it is a socket$/));
  await assert.rejects(findTarget("/dev/null", me), refusal(/: it is a device$/));
});

Deno.test("findTarget() says when a part of the path is a file", async () => {
  await using dir = await TempDir.make();
  await dir.write("file", "");
  await assert.rejects(findTarget(dir.join("file", "a"), me), refusal(/is not a folder$/));
});

Deno.test("findTarget() follows links of our own, to a file or to where one may be", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("real/auth.json", "{}");
  await Deno.symlink("real/auth.json", dir.join("relative"));
  await Deno.symlink(dir.join("relative"), dir.join("twice"));
  await Deno.symlink("real/none.json", dir.join("dangling"));
  const found = await findTarget(dir.join("twice"), me);
  assert.ok(found.info?.isFile);
  assert.equal(await Deno.realPath(found.path), path);
  assert.equal((await findTarget(dir.join("dangling"), me)).info, undefined);
});

Deno.test("findTarget() refuses links that lead nowhere", async () => {
  await using dir = await TempDir.make();
  await Deno.symlink("b", dir.join("a"));
  await Deno.symlink("a", dir.join("b"));
  await Deno.symlink("missing/auth.json", dir.join("c"));
  await Deno.symlink("/dev/null", dir.join("device"));
  await assert.rejects(findTarget(dir.join("a"), me), refusal(/too many symbolic links/));
  await assert.rejects(findTarget(dir.join("c"), me), refusal(/folder is missing/));
  await assert.rejects(
    findTarget(dir.join("device"), () => (Deno.uid() ?? 0) + 1),
    refusal(/belongs to another user/),
  );
});

Deno.test({
  name: "findTarget() refuses another user's link, target and folder, as root too",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using dir = await TempDir.make();
    await Deno.mkdir(dir.join("theirs"));
    await dir.write("theirs/auth.json", "{}");
    await dir.write("auth.json", "{}");
    await Deno.symlink("theirs/auth.json", dir.join("to-folder"));
    await Deno.chown(dir.join("theirs"), 65534, 65534);
    await assert.rejects(findTarget(dir.join("to-folder"), me), refusal(/another user's folder/));

    await Deno.symlink("auth.json", dir.join("link"));
    await new Deno.Command("chown", { args: ["-h", "65534", dir.join("link")] }).output();
    await assert.rejects(
      findTarget(dir.join("link"), me),
      refusal(/a symbolic link and belongs to another user/),
    );

    await Deno.symlink("auth.json", dir.join("to-file"));
    await Deno.chown(dir.join("auth.json"), 65534, 65534);
    await assert.rejects(
      findTarget(dir.join("to-file"), me),
      refusal(/a file behind a symbolic link and belongs to another user/),
    );
    assert.ok((await findTarget(dir.join("auth.json"), me)).info, "without a link it is found");
  },
});

Deno.test("findTarget() follows a link where users have no numbers", async () => {
  await using dir = await TempDir.make();
  await dir.write("real", "{}");
  await Deno.symlink("real", dir.join("link"));
  assert.ok((await findTarget(dir.join("link"), () => null)).info?.isFile);
});

Deno.test("isMountedAlone() is false for a file in a folder and for none", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", "{}");
  assert.equal(await isMountedAlone(await findTarget(path, me)), false);
  assert.equal(await isMountedAlone({ path: dir.join("none"), info: undefined }), false);
});

Deno.test("isMountPoint() finds a path in the kernel's spelling", () => {
  const text = [
    "22 27 0:21 / /proc rw,relatime - proc proc rw",
    "31 22 254:0 /x /home/u/auth.json rw - ext4 /dev/vda rw",
    String.raw`32 22 254:0 /y /a\040b\134c/auth.json rw - ext4 /dev/vda rw`,
    "",
  ].join("\n");
  assert.ok(isMountPoint(text, "/home/u/auth.json"));
  assert.ok(isMountPoint(text, "/a b\\c/auth.json"));
  assert.ok(!isMountPoint(text, "/home/u"));
  assert.ok(!isMountPoint(text, "/x"));
});
