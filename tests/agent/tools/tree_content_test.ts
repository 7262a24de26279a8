import assert from "node:assert/strict";
import { type FileFacts, platformFiles } from "../../../src/agent/tools/patch/files.ts";
import { ContentReader, readContent, sumOfText } from "../../../src/agent/tools/tree_content.ts";
import { TempDir } from "../../support/temp_dir.ts";

function factsAt(path: string): FileFacts {
  return platformFiles.facts(path) ?? assert.fail(`nothing at ${path}`);
}

Deno.test("readContent() gives the sum, and the text where it is one and wanted", async () => {
  await using dir = await TempDir.make();
  const text = "\ufeffÄ\r\n";
  const path = await dir.write("a", text);
  assert.deepEqual(readContent(path, factsAt(path), true), { sum: sumOfText(text), text });
  assert.deepEqual(readContent(path, factsAt(path), false), { sum: sumOfText(text) });
  for (const bytes of [[0x61, 0, 0x62], [0xff, 0xfe]]) {
    const binary = await dir.write("b", new Uint8Array(bytes));
    const content = readContent(binary, factsAt(binary), true);
    assert.deepEqual(Object.keys(content ?? {}), ["sum"]);
  }
});

Deno.test("readContent() reads no pipe, and no file that is another one by now", async () => {
  await using dir = await TempDir.make();
  const pipe = dir.join("pipe");
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  assert.equal(readContent(pipe, factsAt(pipe), true), undefined);
  const path = await dir.write("a", "abc");
  const facts = factsAt(path);
  await dir.write("b", "xyz");
  await Deno.rename(dir.join("b"), path);
  assert.equal(readContent(path, facts, true), undefined);
  await Deno.remove(path);
  assert.equal(readContent(path, facts, true), undefined);
});

Deno.test("sumOfText() tells texts apart that differ little", () => {
  const texts = ["", "\0", "a", "b", "ab", "ba", "a\n", "\na", "aa", "a\0"];
  assert.equal(new Set(texts.map(sumOfText)).size, texts.length);
});

Deno.test("ContentReader reads as long as there is time, and no large file", async () => {
  await using dir = await TempDir.make();
  let ms = 0;
  const reader = new ContentReader({ keepsTexts: true, now: () => ms });
  const small = await dir.write("small", "x");
  const large = await dir.write("large", "x".repeat(256 * 1024 + 1));
  assert.equal(reader.read(small, factsAt(small))?.text, "x");
  assert.equal(reader.read(large, factsAt(large)), undefined);
  ms = 1000;
  assert.equal(reader.read(small, factsAt(small)), undefined);
});

Deno.test("ContentReader reads no more than 32 MiB in all", async () => {
  await using dir = await TempDir.make();
  const reader = new ContentReader({ keepsTexts: false, now: () => 0 });
  const path = await dir.write("a", "x".repeat(256 * 1024));
  const facts = factsAt(path);
  let read = 0;
  while (read < 200 && reader.read(path, facts) !== undefined) read++;
  assert.equal(read, 128);
  const empty = await dir.write("empty", "");
  assert.ok(reader.read(empty, factsAt(empty)));
});

Deno.test("ContentReader takes where a link leads for what it holds", async () => {
  await using dir = await TempDir.make();
  const reader = new ContentReader({ keepsTexts: true });
  await Deno.symlink("one", dir.join("a"));
  const content = reader.read(dir.join("a"), factsAt(dir.join("a")));
  await Deno.symlink("two", dir.join("b"));
  assert.equal(content?.text, "one");
  assert.deepEqual(content, readContent(dir.join("a"), factsAt(dir.join("a")), true));
  assert.deepEqual(readContent(dir.join("a"), factsAt(dir.join("a")), false), {
    sum: content?.sum,
  });
  assert.notEqual(content?.sum, reader.read(dir.join("b"), factsAt(dir.join("b")))?.sum);
});
