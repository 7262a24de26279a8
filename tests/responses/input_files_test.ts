import assert from "node:assert/strict";
import { loadFiles } from "../../src/responses/input_files.ts";
import { inputItems, namesFiles } from "../../src/responses/input.ts";
import type { Message, Part } from "../../src/responses/options.ts";
import { TempDir } from "../support/temp_dir.ts";

const PNG = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
const SIGNAL = new AbortController().signal;

const says = (...content: readonly Part[]): readonly Message[] => [{ role: "user", content }];

/** The items of an input whose files have been read. */
async function itemsOf(messages: readonly Message[]) {
  return JSON.stringify(inputItems(await loadFiles(messages, SIGNAL)).items);
}

Deno.test("loadFiles() reads images by path and by file URL, and texts by file URL", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a b.png", PNG);
  const text = await dir.write("t.txt", "Grüße");
  const url = new URL(`file://${path}`);
  for (const image of [path, url, url.href]) {
    assert.match(await itemsOf(says({ type: "image", image })), /data:image\/png;base64,iVBOR/);
  }
  const file = { type: "file", name: "t.txt", text: new URL(`file://${text}`) } as const;
  assert.match(await itemsOf(says(file)), /<file name=\\"t.txt\\">\\nGrüße\\n/);
});

Deno.test("loadFiles() reads what a tool gave, and leaves everything else as it is", async () => {
  await using dir = await TempDir.make();
  const image = await dir.write("a.png", PNG);
  const result: Message = {
    role: "tool",
    content: [{ type: "tool-result", id: "c", output: [{ type: "image", image }] }],
  };
  assert.ok(namesFiles([result]));
  assert.match(await itemsOf([result]), /data:image\/png/);
  const others: readonly Message[] = [
    { role: "developer", content: "x" },
    { role: "assistant", content: "y" },
    ...says({ type: "text", text: "z" }, { type: "image", image: PNG }),
  ];
  assert.ok(!namesFiles(others));
  assert.deepEqual(await loadFiles(others, SIGNAL), others);
});

Deno.test("loadFiles() refuses what is missing, no regular file, too large or not permitted, by its name", async () => {
  await using dir = await TempDir.make();
  const large = dir.join("large.png");
  await Deno.writeFile(large, new Uint8Array());
  await Deno.truncate(large, 20 * 1024 * 1024 + 1);
  for (
    const [image, code, expected] of [
      [dir.join("none.png"), "invalid_usage", /none\.png" of the input: it does not exist/],
      [dir.path, "invalid_usage", /no regular file/],
      ["/dev/zero", "invalid_usage", /no regular file|does not permit/],
      [large, "input_too_large", /larger than 20 MiB/],
    ] as const
  ) {
    await assert.rejects(loadFiles(says({ type: "image", image }), SIGNAL), {
      code,
      message: expected,
    });
  }
});

Deno.test("loadFiles() ends with the signal's reason", async () => {
  await using dir = await TempDir.make();
  const image = await dir.write("a.png", PNG);
  const why = new Error("enough");
  await assert.rejects(loadFiles(says({ type: "image", image }), AbortSignal.abort(why)), why);
});

Deno.test("inputItems() lets the service fetch an image at https:, and takes a file's bytes", () => {
  for (const image of ["https://example.com/a.png", new URL("https://example.com/a.png")]) {
    assert.ok(!namesFiles(says({ type: "image", image })));
    const [item] = inputItems(says({ type: "image", image })).items;
    assert.match(JSON.stringify(item), /"image_url":"https:\/\/example\.com\/a\.png"/);
  }
  const bytes = new TextEncoder().encode("Grüße");
  const file = (text: Uint8Array) => says({ type: "file", name: "t", text });
  assert.match(JSON.stringify(inputItems(file(bytes)).items), /Grüße/);
  assert.throws(() => inputItems(file(bytes.slice(0, 3))), { code: "invalid_usage" });
});
