import assert from "node:assert/strict";
import { isCodexError } from "../../../src/base/errors.ts";
import { openOutputFile } from "../../../src/cli/run/output_file.ts";
import { TempDir } from "../../support/temp_dir.ts";

const SIGNAL = new AbortController().signal;

Deno.test("openOutputFile() leaves a file that is not written as it was", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.txt", "old");
  await (await openOutputFile(path, SIGNAL))[Symbol.asyncDispose]();
  assert.equal(await dir.read("a.txt"), "old");
  assert.deepEqual(await dir.list(), ["a.txt"]);
});

Deno.test("openOutputFile() replaces a file only when it is written", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.txt", "old and longer");
  {
    await using file = await openOutputFile(path, SIGNAL);
    assert.equal(await dir.read("a.txt"), "old and longer");
    await file.write("new");
  }
  assert.equal(await dir.read("a.txt"), "new");
  assert.deepEqual(await dir.list(), ["a.txt"]);
});

Deno.test("openOutputFile() does not make a file where a link leads nowhere", async () => {
  await using dir = await TempDir.make();
  await Deno.symlink("nowhere", dir.join("link"));
  await assert.rejects(
    openOutputFile(dir.join("link"), SIGNAL),
    (error) => isCodexError(error, "invalid_usage"),
  );
  assert.ok((await Deno.lstat(dir.join("link"))).isSymlink);
});

Deno.test("openOutputFile() gives the wait for a pipe's reader up with its signal", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("pipe");
  await new Deno.Command("mkfifo", { args: [path] }).output();
  const controller = new AbortController();
  await using file = await openOutputFile(path, controller.signal);
  const writing = file.write("text");
  controller.abort(new Error("enough"));
  await assert.rejects(writing, /enough/);
  // What still waits for a reader gets one, so that nothing is left open.
  await Deno.readTextFile(path);
});
