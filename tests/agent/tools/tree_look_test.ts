import assert from "node:assert/strict";
import { lookAtTree } from "../../../src/agent/tools/tree_look.ts";
import { TempDir } from "../../support/temp_dir.ts";

Deno.test("lookAtTree() finds everything that is no folder, and follows no link", async () => {
  await using dir = await TempDir.make();
  await dir.write("ws/a.txt", "abc");
  await dir.write("ws/sub/deep/b.txt", "");
  await dir.write("outside/c.txt", "");
  await Deno.symlink("../outside", dir.join("ws/link"));
  const { files, whole } = lookAtTree({ roots: [dir.join("ws")] });
  assert.deepEqual(
    [...files.keys()].sort(),
    ["ws/a.txt", "ws/link", "ws/sub/deep/b.txt"].map((name) => dir.join(name)),
  );
  assert.equal(files.get(dir.join("ws/a.txt"))?.size, 3);
  assert.equal(files.get(dir.join("ws/link"))?.kind, "link");
  assert.ok(whole);
});

Deno.test("lookAtTree() leaves out what tools make, but not a file or a root of such a name", async () => {
  await using dir = await TempDir.make();
  for (const name of [".git", "node_modules", "target", "dist", ".venv"]) {
    await dir.write(`ws/${name}/x`, "");
  }
  await dir.write("ws/sub/build", "a script");
  await dir.write("ws/sub/.git", "gitdir: elsewhere");
  await dir.write("ws/out.txt.0123456789abcdef.tmp", "");
  await dir.write("ws/.apply_patch.0123456789abcdef.old.tmp", "");
  const { files } = lookAtTree({ roots: [dir.join("ws"), dir.join("ws/dist"), dir.join("ws")] });
  assert.deepEqual([...files.keys()].sort(), [dir.join("ws/dist/x"), dir.join("ws/sub/build")]);
});

Deno.test("lookAtTree() says of what is not there whether it was looked for", async () => {
  await using dir = await TempDir.make();
  await dir.write("ws/a", "");
  await dir.write("ws/dist/x", "");
  await dir.write("ws/secret/x", "");
  const look = lookAtTree({
    roots: [dir.join("ws")],
    isLeftOut: (path) => path.startsWith(dir.join("ws/secret")) || path === dir.join("ws/own"),
  });
  const lacks = (name: string) => look.lacks(dir.join(name));
  assert.equal(lacks("ws/a"), false);
  assert.equal(lacks("ws/b"), true);
  assert.equal(lacks("ws/new/folder/b"), true);
  for (const name of ["ws/dist/b", "ws/secret/x", "ws/own", "outside"]) {
    assert.equal(lacks(name), undefined, name);
  }
});

Deno.test("lookAtTree() ends with its number of files, or its time, and says so", async () => {
  await using dir = await TempDir.make();
  for (const name of ["a", "b", "c", "sub/d"]) await dir.write(name, "");
  const some = lookAtTree({ roots: [dir.path], mostFiles: 2 });
  assert.deepEqual([some.files.size, some.whole], [2, false]);
  assert.equal(some.lacks(dir.join("z")), undefined);
  assert.equal(lookAtTree({ roots: [dir.path], mostFiles: 4 }).whole, true);
  let ms = 0;
  const short = lookAtTree({ roots: [dir.path], now: () => ms += 100 });
  assert.ok(!short.whole && short.files.size < 4);
});

Deno.test("lookAtTree() makes nothing of a folder that is not there", async () => {
  await using dir = await TempDir.make();
  const look = lookAtTree({ roots: [dir.join("nothing")] });
  assert.deepEqual([look.files.size, look.whole], [0, true]);
  assert.equal(look.lacks(dir.join("nothing/a")), undefined);
});

/** Makes what no name of Deno's leads to. */
async function sh(dir: TempDir, script: string): Promise<void> {
  const { success } = await new Deno.Command("sh", { args: ["-c", script], cwd: dir.path })
    .output();
  assert.ok(success);
}

Deno.test({
  name: "lookAtTree() finds what bears a name that is no UTF-8, and that it went",
  // Other systems take no such name.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using dir = await TempDir.make();
    await sh(dir, `printf x > "$(printf 'file\\377')"; mkdir "$(printf 'folder\\376')"`);
    await dir.write("real\ufffd", "abc");
    await dir.write("folder\ufffd\ufffd/in", "");
    const roots = [dir.path];
    const { files, whole } = lookAtTree({ roots });
    assert.deepEqual(
      [...files].map(([path, { kind }]) => [path, kind]).sort(),
      [
        [dir.join("file\ufffd"), "other"],
        [dir.join("folder\ufffd"), "other"],
        [dir.join("folder\ufffd\ufffd/in"), "file"],
        [dir.join("real\ufffd"), "file"],
      ],
    );
    assert.ok(whole);
    assert.deepEqual(
      files.get(dir.join("file\ufffd")),
      lookAtTree({ roots }).files.get(dir.join("file\ufffd")),
    );
    await sh(dir, `rm "$(printf 'file\\377')"`);
    assert.equal(lookAtTree({ roots }).lacks(dir.join("file\ufffd")), true);
  },
});
