import assert from "node:assert/strict";
import { readFileStart } from "../../../src/agent/project/regular_file.ts";
import { sparse } from "../../support/sparse.ts";
import { TempDir } from "../../support/temp_dir.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

Deno.test("readFileStart() reads a file, and says whether that is all of it", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a", "hello");
  for (const [most, whole] of [[9, true], [5, true], [4, false], [0, false]] as const) {
    const start = await readFileStart(path, most);
    assert.deepEqual([text(start?.bytes), start?.whole], ["hello".slice(0, most), whole]);
  }
  assert.deepEqual(await readFileStart(await dir.write("empty", ""), 0), {
    bytes: new Uint8Array(),
    whole: true,
  });
});

Deno.test("readFileStart() reads no more of a huge file than it is told", async () => {
  await using dir = await TempDir.make();
  const start = await readFileStart(await sparse(dir.join("huge"), 2 ** 30), 100);
  assert.deepEqual([start?.bytes.length, start?.whole], [100, false]);
});

Deno.test("readFileStart() neither waits at a pipe nor reads a device, a folder or a link", async () => {
  await using dir = await TempDir.make();
  const { success } = await new Deno.Command("mkfifo", { args: [dir.join("pipe")] }).output();
  assert.ok(success);
  await dir.write("folder/a", "hello");
  await Deno.symlink("folder/a", dir.join("link"));
  for (const path of [dir.join("pipe"), "/dev/zero", dir.join("folder"), dir.join("link")]) {
    assert.equal(await readFileStart(path, 100), undefined, path);
  }
  await assert.rejects(readFileStart(dir.join("gone"), 100), Deno.errors.NotFound);
});
