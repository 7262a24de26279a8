import assert from "node:assert/strict";
import { TreeWatch, type TreeWatchOptions } from "../../../src/agent/tools/tree_watch.ts";
import { TempDir } from "../../support/temp_dir.ts";

function watch(dir: TempDir, options: Partial<TreeWatchOptions> = {}): TreeWatch {
  return new TreeWatch({
    policy: { workspace: dir.join("ws"), writable: [], hidden: [] },
    keepsTexts: true,
    environment: {},
    ...options,
  });
}

/** What stands there now, in short. */
function after(watch: TreeWatch, known: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    [...watch.after(known)].map(([path, { exists, text }]) => [
      path,
      exists ? text ?? "unread" : "gone",
    ]),
  );
}

Deno.test("TreeWatch tells what came, went and changed, by name", async () => {
  await using dir = await TempDir.make();
  await dir.write("ws/changed", "1");
  await dir.write("ws/gone", "1");
  await dir.write("ws/kept", "1");
  await dir.write("more/changed", "1");
  const policy = { workspace: dir.join("ws"), writable: [dir.join("more")], hidden: [] };
  const watched = watch(dir, { policy });
  await dir.write("ws/changed", "22");
  await dir.write("more/changed", "33");
  await Deno.remove(dir.join("ws/gone"));
  await dir.write("ws/sub/new", "new");
  await dir.write("ws/binary", new Uint8Array([0]));
  assert.deepEqual(after(watched), {
    [dir.join("more/changed")]: "33",
    binary: "unread",
    changed: "22",
    gone: "gone",
    "sub/new": "new",
  });
  assert.equal(watched.before("changed")?.text, "1");
  assert.equal(watched.before("sub/new")?.exists, false);
  assert.ok(watched.whole);
});

for (const keepsTexts of [true, false]) {
  Deno.test(`TreeWatch tells nothing of a file that was written anew as it was, texts kept: ${keepsTexts}`, async () => {
    await using dir = await TempDir.make();
    await dir.write("ws/a", "1");
    await dir.write("ws/b", "1");
    // A clock of files goes by milliseconds: what is written twice in one of them looks the same.
    await Deno.utime(dir.join("ws/b"), 2, 2);
    const watched = watch(dir, { keepsTexts });
    await Deno.remove(dir.join("ws/a"));
    await dir.write("ws/a", "1");
    await Deno.utime(dir.join("ws/b"), 1, 1);
    assert.deepEqual(after(watched), {});
    await dir.write("ws/b", "2");
    assert.deepEqual(after(watched), { b: keepsTexts ? "2" : "unread" });
  });
}

Deno.test({
  name: "TreeWatch tells of other permissions",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await TempDir.make();
    await dir.write("ws/a", "1", 0o644);
    const watched = watch(dir);
    await Deno.chmod(dir.join("ws/a"), 0o755);
    assert.deepEqual(after(watched), { a: "1" });
    assert.equal(watched.before("a")?.mode, 0o644);
  },
});

Deno.test("TreeWatch looks at no secret and at no file of its own", async () => {
  await using dir = await TempDir.make();
  for (const name of ["ws/hidden/auth.json", "ws/auth.json", "ws/.ssh/key", "ws/own"]) {
    await dir.write(name, "secret");
  }
  const watched = watch(dir, {
    policy: { workspace: dir.join("ws"), writable: [], hidden: [dir.join("ws/hidden")] },
    own: [dir.join("ws/own")],
    environment: { HOME: dir.join("ws"), CODEX_AUTH_FILE: dir.join("ws/auth.json") },
  });
  for (const name of ["ws/hidden/auth.json", "ws/auth.json", "ws/.ssh/key", "ws/own"]) {
    await dir.write(name, "another secret");
  }
  await dir.write("ws/hidden/new", "secret");
  assert.deepEqual(after(watched), {});
  assert.equal(watched.before("own"), undefined);
});

Deno.test("TreeWatch says that it has not seen all, and takes nothing for new that may be old", async () => {
  await using dir = await TempDir.make();
  for (const name of ["a", "b", "c", "d"]) await dir.write(`ws/${name}`, "1");
  const watched = watch(dir, { mostFiles: 2 });
  for (const name of ["a", "b", "c", "d"]) await dir.write(`ws/${name}`, "22");
  assert.ok(!watched.whole);
  const told = after(watched);
  assert.ok(Object.keys(told).length <= 2, JSON.stringify(told));
  assert.ok(Object.values(told).every((text) => text === "22"));
});

Deno.test("TreeWatch says that it has not seen all when there came too much", async () => {
  await using dir = await TempDir.make();
  await dir.write("ws/a", "1");
  const watched = watch(dir, { mostFiles: 2 });
  assert.ok(watched.whole);
  for (const name of ["b", "c"]) await dir.write(`ws/${name}`, "1");
  await Deno.remove(dir.join("ws/a"));
  await dir.write("ws/d", "1");
  assert.equal(after(watched)["a"], "gone");
  assert.ok(!watched.whole);
});

Deno.test("TreeWatch tells of known paths as they are, wherever they lie and however large", async () => {
  await using dir = await TempDir.make();
  const large = "x".repeat(300_000);
  await dir.write("ws/large", "1");
  await dir.write("ws/dist/a", "1");
  const watched = watch(dir, { keepsTexts: false });
  await dir.write("ws/large", large);
  assert.deepEqual(after(watched, ["large", "dist/a", "none"]), {
    "dist/a": "1",
    large,
    none: "gone",
  });
  assert.equal(watched.before("dist/a"), undefined);
});

Deno.test({
  name: "TreeWatch tells what came and went under a name that is no UTF-8",
  // Other systems take no such name.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using dir = await TempDir.make();
    const sh = async (script: string) => {
      const command = new Deno.Command("sh", { args: ["-c", script], cwd: dir.join("ws") });
      assert.ok((await command.output()).success);
    };
    await Deno.mkdir(dir.join("ws"));
    await sh(`touch "$(printf 'kept\\377')" "$(printf 'gone\\377')"`);
    const watched = watch(dir);
    await sh(`touch "$(printf 'new\\377')"; rm "$(printf 'gone\\377')"`);
    assert.deepEqual(after(watched), { "gone\ufffd": "gone", "new\ufffd": "unread" });
    assert.equal(watched.before("new\ufffd")?.exists, false);
    assert.ok(watched.whole);
  },
});

Deno.test({
  name: "TreeWatch tells where links lead, and what has become one",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await TempDir.make();
    await dir.write("ws/file", "other");
    for (const name of ["kept", "turned"]) await Deno.symlink("one", dir.join("ws", name));
    const watched = watch(dir);
    for (const [name, target] of [["turned", "other"], ["file", "other"], ["kept", "one"]]) {
      await Deno.remove(dir.join("ws", name ?? ""));
      await Deno.symlink(target ?? "", dir.join("ws", name ?? ""));
    }
    assert.deepEqual(after(watched), { file: "other", turned: "other" });
    assert.equal(watched.before("turned")?.text, "one");
    assert.deepEqual(
      [watched.before("turned")?.mode, watched.after([]).get("file")?.mode],
      [0o120000, 0o120000],
    );
  },
});
