import assert from "node:assert/strict";
import { atomicWrite, prepareAtomicWrite, type WriteStep } from "../../src/base/atomic_write.ts";
import { TempDir } from "../support/temp_dir.ts";

Deno.test("atomicWrite() makes a file and replaces it", async () => {
  await using dir = await TempDir.make();
  await atomicWrite(dir.join("a"), "one");
  assert.equal(await dir.read("a"), "one");
  const before = await Deno.stat(dir.join("a"));
  await atomicWrite(dir.join("a"), new Uint8Array([0xc3, 0xa4, 0, 10]));
  assert.deepEqual(await Deno.readFile(dir.join("a")), new Uint8Array([0xc3, 0xa4, 0, 10]));
  assert.notEqual((await Deno.stat(dir.join("a"))).ino, before.ino);
  assert.deepEqual(await dir.list(), ["a"]);
});

Deno.test("atomicWrite() takes a name without a folder as one in the current folder", async () => {
  await using dir = await TempDir.make();
  const url = new URL("../../src/base/atomic_write.ts", import.meta.url);
  const code = `import { atomicWrite } from "${url}"; await atomicWrite("b", "here");`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    cwd: dir.path,
  }).output();
  assert.ok(success);
  assert.equal(await dir.read("b"), "here");
});

Deno.test("atomicWrite() gives the mode it is told, whatever the umask", async () => {
  await using dir = await TempDir.make();
  const old = Deno.umask(0o277);
  try {
    await atomicWrite(dir.join("a"), "one", { mode: 0o640 });
  } finally {
    Deno.umask(old);
  }
  const { mode } = await Deno.stat(dir.join("a"));
  assert.equal((mode ?? 0) & 0o777, 0o640);
});

Deno.test("prepareAtomicWrite() claims the space and shows none of it", async () => {
  await using dir = await TempDir.make();
  await using pending = await prepareAtomicWrite(dir.join("a"), { reserve: 5000, tag: "7-" });
  const [name = ""] = await dir.list();
  assert.match(name, /^a\.7-[0-9a-f]{16}\.tmp$/);
  assert.equal((await Deno.stat(dir.join(name))).size, 5000);
  await pending.commit("short");
  assert.equal(await dir.read("a"), "short");
  assert.deepEqual(await dir.list(), ["a"]);
});

Deno.test("prepareAtomicWrite() writes more than was claimed, too", async () => {
  await using dir = await TempDir.make();
  const content = "x".repeat(100_000);
  await using pending = await prepareAtomicWrite(dir.join("a"), { reserve: 10 });
  await pending.commit(content);
  assert.equal(await dir.read("a"), content);
});

Deno.test("prepareAtomicWrite() leaves nothing behind when it is not committed", async () => {
  await using dir = await TempDir.make();
  await dir.write("a", "old");
  {
    await using _ = await prepareAtomicWrite(dir.join("a"), { reserve: 100 });
    assert.equal((await dir.list()).length, 2);
  }
  assert.deepEqual(await dir.list(), ["a"]);
  assert.equal(await dir.read("a"), "old");
});

Deno.test("prepareAtomicWrite() names what is in the way, and leaves nothing behind", async () => {
  await using dir = await TempDir.make();
  await assert.rejects(prepareAtomicWrite(dir.join("missing", "a")), Deno.errors.NotFound);
  await dir.write("file", "");
  await assert.rejects(prepareAtomicWrite(dir.join("file", "a")), Deno.errors.NotADirectory);
  assert.deepEqual(await dir.list(), ["file"]);
});

for (const failing of ["temp-created", "temp-written", "temp-synced"] as const) {
  Deno.test(`atomicWrite() keeps the old file when it fails after ${failing}`, async () => {
    await using dir = await TempDir.make();
    await dir.write("a", "old");
    const onStep = (step: WriteStep) => {
      if (step === failing) throw new Error("no space left");
    };
    await assert.rejects(atomicWrite(dir.join("a"), "new", { onStep }), /no space left/);
    assert.equal(await dir.read("a"), "old");
    assert.deepEqual(await dir.list(), ["a"]);
  });
}

Deno.test("atomicWrite() goes through its steps in order", async () => {
  await using dir = await TempDir.make();
  const steps: WriteStep[] = [];
  await atomicWrite(dir.join("a"), "new", { onStep: (step) => void steps.push(step) });
  assert.deepEqual(steps, ["temp-created", "temp-written", "temp-synced", "renamed"]);
});

Deno.test("atomicWrite() does not replace a folder", async () => {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("a"));
  await assert.rejects(atomicWrite(dir.join("a"), "new"), Deno.errors.IsADirectory);
  assert.deepEqual(await dir.list(), ["a"]);
});

Deno.test("atomicWrite() never shows a reader a part", async () => {
  await using dir = await TempDir.make();
  const contents = ["a", "b"].map((letter) => letter.repeat(200_000));
  await atomicWrite(dir.join("a"), contents[0] ?? "");
  let done = false;
  const seen = new Set<string>();
  const reading = (async () => {
    while (!done) seen.add(await dir.read("a"));
  })();
  for (let time = 0; time < 20; time++) await atomicWrite(dir.join("a"), contents[time % 2] ?? "");
  done = true;
  await reading;
  for (const text of seen) assert.ok(contents.includes(text));
});

Deno.test("prepareAtomicWrite() writes anew when its temporary file was removed or replaced", async () => {
  for (const replace of [false, true]) {
    await using dir = await TempDir.make();
    await using pending = await prepareAtomicWrite(dir.join("a"), { mode: 0o640 });
    const [temporary = ""] = await dir.list();
    await Deno.remove(dir.join(temporary));
    if (replace) await dir.write(temporary, "somebody else's");
    await pending.commit("new");
    assert.equal(await dir.read("a"), "new");
    if (Deno.build.os !== "windows") {
      assert.equal(((await Deno.stat(dir.join("a"))).mode ?? 0) & 0o777, 0o640);
    }
    assert.deepEqual(await dir.list(), replace ? ["a", temporary].sort() : ["a"]);
  }
});
