import assert from "node:assert/strict";
import { isCodexError } from "../../../src/base/errors.ts";
import { openOutputFile } from "../../../src/cli/run/output_file.ts";
import { fakeCli } from "../fake_cli.ts";
import { TempDir } from "../../support/temp_dir.ts";

const SIGNAL = new AbortController().signal;

Deno.test("openOutputFile() leaves a file that is not written as it was", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.txt", "old");
  await openOutputFile(path, SIGNAL);
  assert.equal(await dir.read("a.txt"), "old");
  assert.deepEqual(await dir.list(), ["a.txt"]);
});

Deno.test("openOutputFile() replaces a file only when it is written", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.txt", "old and longer");
  const file = await openOutputFile(path, SIGNAL);
  assert.equal(await dir.read("a.txt"), "old and longer");
  await file.write("new");
  assert.equal(await dir.read("a.txt"), "new");
  assert.deepEqual(await dir.list(), ["a.txt"]);
});

Deno.test("openOutputFile() does not make a file where a link leads nowhere", async () => {
  await using dir = await TempDir.make();
  await Deno.symlink("nowhere", dir.join("link"));
  await assert.rejects(
    openOutputFile(dir.join("link"), SIGNAL),
    (error) => isCodexError(error, "invalid_usage") && /leads to no file/.test(error.message),
  );
  assert.ok((await Deno.lstat(dir.join("link"))).isSymlink);
});

Deno.test("openOutputFile() leaves nothing in the folder that a command could remove", async () => {
  await using dir = await TempDir.make();
  const file = await openOutputFile(dir.join("a.txt"), SIGNAL);
  assert.deepEqual(await dir.list(), []);
  await file.write("new");
  assert.equal(await dir.read("a.txt"), "new");
});

Deno.test("openOutputFile() says what became of the folder meanwhile", async () => {
  await using dir = await TempDir.make();
  const reasons = {
    "its folder does not exist": () => Promise.resolve(),
    "a link was put where its folder was": () => Deno.symlink("other", dir.join("sub")),
    "what should be its folder is a file": () => Deno.writeTextFile(dir.join("sub"), ""),
  };
  await Deno.mkdir(dir.join("other"));
  for (const [reason, replace] of Object.entries(reasons)) {
    await Deno.mkdir(dir.join("sub"));
    const file = await openOutputFile(dir.join("sub/a.txt"), SIGNAL);
    await Deno.remove(dir.join("sub"));
    await replace();
    await assert.rejects(
      file.write("new"),
      (error) => isCodexError(error, "internal") && error.message.includes(reason),
      reason,
    );
    await Deno.remove(dir.join("sub")).catch(() => {});
  }
  assert.deepEqual(await dir.list("other"), []);
});

Deno.test("openOutputFile() gives the wait for a pipe's reader up with its signal", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("pipe");
  await new Deno.Command("mkfifo", { args: [path] }).output();
  const controller = new AbortController();
  const file = await openOutputFile(path, controller.signal);
  const writing = file.write("text");
  controller.abort(new Error("enough"));
  await assert.rejects(writing, /enough/);
  // What still waits for a reader gets one, so that nothing is left open.
  await Deno.readTextFile(path);
});

Deno.test("openOutputFile() refuses the session's file, however it is named", async () => {
  await using dir = await TempDir.make();
  const session = dir.join("talk.json");
  const isRefused = (error: unknown) =>
    isCodexError(error, "invalid_usage") && /name the same file/.test(error.message);
  await assert.rejects(openOutputFile(session, SIGNAL, { session }), isRefused, "not there yet");
  await assert.rejects(openOutputFile(`${session}.lock`, SIGNAL, { session }), isRefused);
  await dir.write("talk.json", "{}");
  await Deno.mkdir(dir.join("sub"));
  await Deno.symlink("talk.json", dir.join("link"));
  await Deno.link(session, dir.join("hard"));
  for (const name of ["talk.json", "./sub/../talk.json", "link", "hard"]) {
    await assert.rejects(openOutputFile(dir.join(name), SIGNAL, { session }), isRefused, name);
  }
  await openOutputFile(dir.join("other"), SIGNAL, { session });
  assert.equal(await dir.read("talk.json"), "{}");
});

for (const path of ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stderr", "/dev/fd/2"]) {
  Deno.test(`openOutputFile() writes to our own stream for ${path}, behind all else`, async () => {
    const { cli, told } = fakeCli();
    const file = await openOutputFile(path, SIGNAL, { streams: cli });
    await file.write("the answer\n");
    assert.deepEqual(told, { stdout: "", stderr: "" });
    await file.end?.();
    const shown = path.endsWith("out") || path.endsWith("1") ? told.stdout : told.stderr;
    assert.equal(shown, "the answer\n");
    assert.equal(told.stdout + told.stderr, shown);
  });
}

Deno.test("openOutputFile() makes an answer harmless on stderr that is a terminal", async () => {
  const { cli, told } = fakeCli({ isTerminal: true });
  const file = await openOutputFile("/dev/stderr", SIGNAL, { streams: cli });
  await file.write("\x1b[2J\n");
  await file.end?.();
  assert.equal(told.stderr, "\\x1b[2J\n");
});

Deno.test("openOutputFile() says why Deno does not open a device", async () => {
  await assert.rejects(
    openOutputFile("/dev/full", SIGNAL),
    (error) => isCodexError(error, "invalid_usage") && /deno run -A/.test(error.hint ?? ""),
  );
});
