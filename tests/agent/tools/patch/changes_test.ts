import assert from "node:assert/strict";
import { LINK_MODE } from "../../../../src/agent/tools/diff.ts";
import { diffOfChanges, type FileChange } from "../../../../src/agent/tools/patch/changes.ts";
import { testWith } from "../../../support/need.ts";
import { TempDir } from "../../../support/temp_dir.ts";

const CHANGES: readonly FileChange[] = [
  { path: "esc\x1b\x01", kind: "changed", before: "1\n", after: "2\n" },
  { path: "lat", kind: "changed", untold: "binary" },
  { path: "image", kind: "changed", untold: "binary", modeBefore: 0o644, mode: 0o755 },
  { path: "new.dat", kind: "added", untold: "binary" },
  { path: "large", kind: "changed", untold: "unread", before: "1\n" },
  { path: "run", kind: "changed", modeBefore: 0o644, mode: 0o755 },
  {
    path: "link",
    kind: "changed",
    before: "one",
    after: "two",
    modeBefore: LINK_MODE,
    mode: LINK_MODE,
  },
  {
    path: "to link",
    kind: "changed",
    before: "1\n",
    after: "two",
    modeBefore: 0o644,
    mode: LINK_MODE,
  },
  {
    path: "to file",
    kind: "changed",
    before: "one",
    untold: "binary",
    modeBefore: LINK_MODE,
    mode: 0o644,
  },
];

Deno.test("diffOfChanges() says first which files differ that are no text, or were not read", () => {
  const [lines = "", ...diffs] = diffOfChanges(CHANGES).split(/(?=diff --git)/);
  assert.deepEqual(lines.trimEnd().split("\n"), [
    "Binary files a/lat and b/lat differ",
    "Binary files a/image and b/image differ",
    "Binary files /dev/null and b/new.dat differ",
    "Files a/large and b/large differ",
    "Binary files /dev/null and b/to file differ",
  ]);
  assert.deepEqual(diffs.map((diff) => diff.slice(0, diff.indexOf("\n"))), [
    String.raw`diff --git "a/esc\033\001" "b/esc\033\001"`,
    "diff --git a/image b/image",
    "diff --git a/run b/run",
    "diff --git a/link b/link",
    "diff --git a/to link b/to link",
    "diff --git a/to link b/to link",
    "diff --git a/to file b/to file",
  ]);
  assert.match(diffs[4] ?? "", /^deleted file mode 100644\n/m);
  assert.match(diffs[5] ?? "", /^new file mode 120000\n/m);
});

Deno.test("diffOfChanges() says nothing of what is not known to differ", () => {
  assert.equal(diffOfChanges([{ path: "a", kind: "changed" }, { path: "b", kind: "added" }]), "");
});

testWith(
  ["git"],
  "diffOfChanges() is taken back by git apply, but for what it does not show",
  async () => {
    await using dir = await TempDir.make();
    await dir.write("esc\x1b\x01", "2\n");
    for (const name of ["image", "run"]) await dir.write(name, "x", 0o755);
    for (const name of ["lat", "large", "new.dat"]) await dir.write(name, "x");
    for (const name of ["link", "to link"]) await Deno.symlink("two", dir.join(name));
    await dir.write("all.diff", diffOfChanges(CHANGES));
    const { success, stderr } = await new Deno.Command("git", {
      args: ["apply", "-R", "all.diff"],
      cwd: dir.path,
      env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CEILING_DIRECTORIES: dir.path },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual([await dir.read("esc\x1b\x01"), await dir.read("to link")], ["1\n", "1\n"]);
    assert.deepEqual(
      ["link", "to file"].map((name) => Deno.readLinkSync(dir.join(name))),
      ["one", "one"],
    );
    for (const name of ["image", "run"]) {
      assert.equal(((await Deno.stat(dir.join(name))).mode ?? 0) & 0o111, 0);
    }
    assert.equal(await dir.read("new.dat"), "x");
  },
);
