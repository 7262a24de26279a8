import assert from "node:assert/strict";
import { mayExist } from "../../../src/agent/sandbox/files.ts";
import { TempDir } from "../../support/temp_dir.ts";

Deno.test("mayExist() leaves out what is not there for sure", async () => {
  await using dir = await TempDir.make();
  await dir.write("a/file", "");
  await dir.write("a/UPPER", "");
  await Deno.symlink("nowhere", dir.join("a/link"));
  await dir.write("a/b/c/x", "");
  const paths = [
    ...["a/file", "a/upper", "a/link", "a/none", "none/file", "a", "a/none/deep/x", "none/a/b"],
    // A file system that ignores case finds the second, and nobody knows what is below a file.
    ...["a/file/x", "a/b/c/x", "a/B/c/x", "a/link/x"],
  ];
  const found = mayExist(paths.map((path) => dir.join(path)));
  assert.deepEqual(found.map((path) => path.slice(dir.path.length + 1)), [
    "a/file",
    "a/upper",
    "a/link",
    "a",
    "a/file/x",
    "a/b/c/x",
  ]);
});
