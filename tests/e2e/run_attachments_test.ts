/** `codex run -i` and `-f`. */
import assert from "node:assert/strict";
import { openDesk } from "../support/desk.ts";

const PNG = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13]);
const WEBP = new TextEncoder().encode("RIFF0000WEBPVP8 ");

interface Body {
  readonly input: readonly { content: readonly { type: string }[] }[];
}

Deno.test("codex run -i -f sends images by their content and files with their names", async () => {
  await using desk = await openDesk();
  await desk.home.write("photo.jpg", PNG);
  await desk.home.write("b.webp", WEBP);
  await desk.home.write("src/a.ts", "\ufefflet a;\r\n</file>\n");
  const { code, stderr } = await desk.run(
    ["run", "-i", "photo.jpg", "--image", "b.webp", "-f", "src/a.ts", "compare"],
    { stdin: "piped" },
  );
  assert.equal(code, 0, stderr);
  const body = desk.simulator.requestsTo("responses")[0]?.json as Body;
  assert.deepEqual(body.input.at(-1)?.content, [
    { type: "input_text", text: "compare" },
    { type: "input_image", image_url: `data:image/png;base64,${PNG.toBase64()}` },
    { type: "input_image", image_url: `data:image/webp;base64,${WEBP.toBase64()}` },
    { type: "input_text", text: '<file-1 name="src/a.ts">\n\ufefflet a;\r\n</file>\n\n</file-1>' },
    { type: "input_text", text: "<stdin>\npiped\n</stdin>" },
  ]);
});

Deno.test("codex run reads an image or a file from stdin for -", async () => {
  await using desk = await openDesk();
  assert.equal((await desk.run(["run", "-i", "-", "what?"], { stdin: PNG })).code, 0);
  assert.equal((await desk.run(["run", "-f", "-", "what?"], { stdin: "text" })).code, 0);
  const [first, second] = desk.simulator.requestsTo("responses").map(({ json }) => json as Body);
  assert.deepEqual(first?.input.at(-1)?.content.map(({ type }) => type), [
    "input_text",
    "input_image",
  ]);
  assert.deepEqual(second?.input.at(-1)?.content[1], {
    type: "input_text",
    text: '<file name="stdin">\ntext\n</file>',
  });
});

Deno.test("codex run refuses images and files before it asks, each for its reason", async () => {
  await using desk = await openDesk();
  await desk.home.write("text.png", "no image");
  await desk.home.write("empty.png", "");
  await desk.home.write("latin1.txt", new Uint8Array([97, 98, 0xe9, 99]));
  const large = await Deno.open(desk.home.join("large.png"), { write: true, create: true });
  await large.write(PNG);
  await large.truncate(20 * 1024 * 1024 + 1);
  large.close();
  const cases: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
    [["-i", "none.png"], 2, /Cannot read "none.png": there is no such file/],
    [["-i", "text.png"], 2, /"text.png" is no PNG, JPEG, WebP or GIF/],
    [["-i", "empty.png"], 2, /"empty.png" is empty\n/],
    [["-i", "."], 2, /"\.": it is a folder/],
    [["-i", "large.png"], 6, /"large.png" holds more than 20971520 bytes/],
    [["-f", "/dev/zero"], 2, /"\/dev\/zero" is not UTF-8|holds more than/],
    [["-f", "latin1.txt"], 2, /"latin1.txt" is not UTF-8: byte 2 is not valid[^]*iconv/],
    [["-f", "none.txt", "-f", "latin1.txt"], 2, /none.txt/],
    [["-f", "-", "-i", "-"], 2, /one thing only/],
  ];
  for (const [args, code, says] of cases) {
    // Stdin stays open: what is wrong with a file is told without waiting for it.
    const result = await desk.run(["run", "x", ...args], { stdin: "open" });
    if (args.includes("/dev/zero")) assert.ok([2, 6].includes(result.code), result.stderr);
    else assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, says);
    assert.match(result.stderr, /^codex: [^\n]+\nhint: [^\n]+\n$/);
    assert.equal(result.stdout, "");
  }
  assert.equal(desk.simulator.requestsTo("responses").length, 0);
});

Deno.test("codex run refuses an image for a model that takes none", async () => {
  await using desk = await openDesk({
    models: [{ slug: "blind", input_modalities: ["text"] }],
  });
  await desk.home.write("a.png", PNG);
  const { code, stderr } = await desk.run(["run", "-i", "a.png", "x"]);
  assert.equal(code, 2);
  assert.match(stderr, /blind does not take images\nhint: /);
});

Deno.test("codex run can be ended while it waits for a file that is a pipe", async () => {
  await using desk = await openDesk();
  await new Deno.Command("mkfifo", { args: [desk.home.join("pipe")] }).output();
  const timed = await desk.run(["run", "-f", "pipe", "x", "--timeout", "300ms"]);
  assert.equal(timed.code, 124);
  await using run = await desk.start(["run", "-v", "-f", "pipe", "x"]);
  await run.waitForStderr("effort");
  run.kill("SIGINT");
  assert.equal((await run.ended).code, 130);
});
