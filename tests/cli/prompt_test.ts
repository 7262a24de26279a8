import assert from "node:assert/strict";
import { isCodexError } from "../../src/base/errors.ts";
import type { Input } from "../../src/cli/cli.ts";
import { type PromptOptions, readPrompt } from "../../src/cli/prompt.ts";
import { jsonBody } from "../../src/responses/long_text.ts";
import { inputItems } from "../../src/responses/input.ts";
import { TempDir } from "../support/temp_dir.ts";
import { fakeCli } from "./fake_cli.ts";

interface SetupOptions {
  /** What stdin holds; it stays open and silent when absent. */
  readonly stdin?: string;
  readonly isTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

function setup({ stdin, isTerminal = false, env = {} }: SetupOptions = {}) {
  let rest = new TextEncoder().encode(stdin ?? "");
  const input: Input = {
    isTerminal,
    read(buffer) {
      if (stdin === undefined) return new Promise(() => {});
      const count = Math.min(buffer.length, rest.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.slice(count);
      return Promise.resolve(count === 0 ? null : count);
    },
  };
  const { cli, clock, told } = fakeCli({ env, parts: { stdin: input } });
  const read = (prompt: string | undefined, options: Partial<PromptOptions> = {}) =>
    readPrompt(cli, { prompt, signal: cli.signal, ...options });
  return { clock, read, told: () => told.stderr };
}

/** The parts as they are sent. */
async function sent(parts: Awaited<ReturnType<typeof readPrompt>>): Promise<unknown[]> {
  const { items } = inputItems([{ role: "user", content: parts }]);
  const body = jsonBody(items[0]);
  const item = JSON.parse(typeof body === "string" ? body : await body.text());
  return item.content.map((part: { text?: string; image_url?: string }) =>
    part.text ?? part.image_url
  );
}

Deno.test("readPrompt() takes the argument alone where stdin is a terminal or empty", async () => {
  for (const options of [{ isTerminal: true }, { stdin: "" }]) {
    const { read } = setup(options);
    assert.deepEqual(await sent(await read("what?")), ["what?"]);
  }
});

Deno.test("readPrompt() makes a part of its own of what is piped in, byte for byte", async () => {
  const piped = '\ufeffa\r\n\u0000"\\</stdin>\n\u{1f680}';
  for (const whole of [false, true]) {
    const { read } = setup({ stdin: piped });
    assert.deepEqual(await sent(await read("what?", { whole })), [
      "what?",
      `<stdin>\n${piped}\n</stdin>`,
    ]);
  }
});

for (const prompt of ["-", undefined]) {
  Deno.test(`readPrompt() reads the prompt from stdin for ${prompt}`, async () => {
    for (const whole of [false, true]) {
      const { read } = setup({ stdin: "do it\n" });
      assert.deepEqual(await sent(await read(prompt, { whole })), ["do it\n"]);
    }
  });

  Deno.test(`readPrompt() refuses a blank prompt from stdin for ${prompt}`, async () => {
    for (const stdin of ["", " \n\t\n"]) {
      const { read } = setup({ stdin });
      await assert.rejects(read(prompt), (error) => isCodexError(error, "invalid_usage"));
    }
  });
}

Deno.test("readPrompt() does not wait for a prompt that nobody was asked to type", async () => {
  const { read } = setup({ isTerminal: true });
  await assert.rejects(read(undefined), { message: "There is no prompt" });
});

Deno.test("readPrompt() leaves stdin alone when it is told to", async () => {
  const { read } = setup();
  assert.deepEqual(await sent(await read("what?", { noStdin: true })), ["what?"]);
  await assert.rejects(read("-", { noStdin: true }), { message: "There is no prompt" });
});

Deno.test("readPrompt() puts images and files between the prompt and stdin", async () => {
  await using dir = await TempDir.make();
  const png = await dir.write("a.png", new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 0]));
  const file = await dir.write("b.txt", "text\n");
  const { read } = setup({ stdin: "piped" });
  const parts = await sent(await read("what?", { image: [png], file: [file] }));
  assert.deepEqual(parts, [
    "what?",
    "data:image/png;base64,iVBORw0KGgoAAA==",
    `<file name="${file}">\ntext\n\n</file>`,
    "<stdin>\npiped\n</stdin>",
  ]);
});

Deno.test("readPrompt() reads stdin for one thing only", async () => {
  const { read } = setup({ stdin: "piped" });
  for (
    const options of [
      { prompt: "-", file: ["-"] },
      { prompt: undefined, file: ["-"] },
      { prompt: "x", file: ["-", "-"] },
      { prompt: "x", image: ["-"], file: ["-"] },
    ]
  ) {
    await assert.rejects(read(options.prompt, options), /one thing only/);
  }
  assert.deepEqual(await sent(await read("x", { file: ["-"] })), [
    "x",
    '<file name="stdin">\npiped\n</file>',
  ]);
});

Deno.test("readPrompt() refuses to leave stdin alone and to read it", async () => {
  const { read } = setup({ stdin: "piped" });
  await assert.rejects(read("x", { file: ["-"], noStdin: true }), /--no-stdin/);
});

Deno.test("readPrompt() says how long it waits for stdin, from the flag before the environment", async () => {
  for (
    const [options, env] of [
      [{ stdinTimeout: 5000 }, { CODEX_STDIN_TIMEOUT: "1h" }],
      [{}, { CODEX_STDIN_TIMEOUT: "5" }],
    ] as const
  ) {
    const { clock, read, told } = setup({ env });
    const reading = assert.rejects(read("x", options), /nothing came within 5 s/);
    await clock.advance(2000);
    assert.match(told(), /^codex: waiting for stdin, for 5 s at most; .*--no-stdin\n$/);
    await clock.advance(3000);
    await reading;
  }
});

Deno.test("readPrompt() gives somebody who types all the time there is, unless told otherwise", async () => {
  const typing = setup({ isTerminal: true });
  let ended = false;
  const end = () => ended = true;
  typing.read("-").then(end, end);
  await typing.clock.advance(3_600_000);
  assert.equal(ended, false);
  assert.match(typing.told(), /^codex: reading what is typed; Ctrl-D/);

  const hurried = setup({ isTerminal: true });
  const reading = assert.rejects(
    hurried.read("-", { stdinTimeout: 5000 }),
    /nothing came within 5 s/,
  );
  await hurried.clock.advance(5000);
  await reading;
});

Deno.test("readPrompt() names the variable that holds no duration", async () => {
  const { read } = setup({ env: { CODEX_STDIN_TIMEOUT: "abc" } });
  await assert.rejects(read("x"), { message: '"abc" from CODEX_STDIN_TIMEOUT is not a duration' });
});

Deno.test("readPrompt() says nothing of the wait for stdin where nothing shall be said", async () => {
  const { clock, read, told } = setup();
  const reading = assert.rejects(read("x", { quiet: true }), /nothing came within 1 min/);
  await clock.advance(60_000);
  await reading;
  assert.equal(told(), "");
});

for (const file of ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]) {
  Deno.test(`readPrompt() takes ${file} for stdin, as it does -`, async () => {
    const parts = await setup({ stdin: "a note" }).read("what?", { file: [file] });
    const dash = await setup({ stdin: "a note" }).read("what?", { file: ["-"] });
    assert.deepEqual(await sent(parts), await sent(dash));
    await assert.rejects(
      setup({ stdin: "a note" }).read("what?", { file: [file, "-"] }),
      /Stdin can be read for one thing only/,
    );
  });
}
