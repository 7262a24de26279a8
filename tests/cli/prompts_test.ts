import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { isCodexError } from "../../src/base/errors.ts";
import { askSecret, choose, type Terminal } from "../../src/cli/prompts.ts";

const CHOICES = [
  { value: "one", label: "The first" },
  { value: "two", label: "The second", hint: "a few words more" },
  { value: "three", label: "The third" },
] as const;

const NEVER = new AbortController().signal;

/** A terminal that keeps what is shown. */
function openTerminal(): Terminal & { readonly input: PassThrough; shown(): string } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let text = "";
  output.on("data", (bytes) => text += bytes);
  return { input, output, shown: () => text };
}

/** Types as soon as the question is there; a key that comes earlier would belong to the shell. */
async function answer<T>(
  ask: (terminal: Terminal) => Promise<T>,
  ...keys: readonly string[]
): Promise<{ readonly value: T; readonly shown: string }> {
  const terminal = openTerminal();
  const asked = ask(terminal);
  asked.catch(() => {});
  while (terminal.shown() === "") await new Promise((resolve) => setTimeout(resolve, 1));
  for (const key of keys) terminal.input.write(key);
  const value = await asked;
  // What is typed next is for whoever asks next.
  assert.ok(terminal.input.isPaused());
  return { value, shown: terminal.shown() };
}

function isCancelled(error: unknown): boolean {
  return isCodexError(error, "aborted") && error.message === "Cancelled, and nothing was changed";
}

Deno.test("choose() gives the first choice for Enter, and the next for an arrow", async () => {
  const ask = (terminal: Terminal) => choose("Which?", CHOICES, NEVER, terminal);
  const first = await answer(ask, "\r");
  assert.equal(first.value, "one");
  assert.match(first.shown, /Which\?/);
  for (const { label } of CHOICES) assert.match(first.shown, new RegExp(label));
  assert.equal((await answer(ask, "\x1b[B", "\r")).value, "two");
  assert.equal((await answer(ask, "\x1b[A", "\r")).value, "three");
});

for (const [name, key] of [["Ctrl-C", "\x03"], ["Ctrl-D", "\x04"], ["Escape", "\x1b"]] as const) {
  Deno.test(`choose() and askSecret() are cancelled by ${name}`, async () => {
    const choice = answer((terminal) => choose("Which?", CHOICES, NEVER, terminal), key);
    await assert.rejects(choice, isCancelled);
    const secret = answer((terminal) => askSecret("Key?", NEVER, terminal), "abc", key);
    await assert.rejects(secret, isCancelled);
  });
}

Deno.test("choose() takes a terminal that tells no size for one of 80 by 24", async () => {
  const terminal = openTerminal();
  Object.assign(terminal.output, { columns: 0, rows: 0 });
  const asked = choose("Which of these three?", CHOICES, NEVER, terminal);
  while (terminal.shown() === "") await new Promise((resolve) => setTimeout(resolve, 1));
  terminal.input.write("\r");
  assert.equal(await asked, "one");
  assert.match(terminal.shown(), /Which of these three\?/);
  for (const { label } of CHOICES) assert.match(terminal.shown(), new RegExp(label));
});

Deno.test("choose() is cancelled when the terminal goes away", async () => {
  const terminal = openTerminal();
  const asked = choose("Which?", CHOICES, NEVER, terminal);
  terminal.input.end();
  await assert.rejects(asked, isCancelled);
});

Deno.test("choose() and askSecret() end with the signal's own reason", async () => {
  for (
    const ask of [
      (signal: AbortSignal, terminal: Terminal) => choose("Which?", CHOICES, signal, terminal),
      (signal: AbortSignal, terminal: Terminal) => askSecret("Key?", signal, terminal),
    ]
  ) {
    const reason = new Error("out of time");
    const end = new AbortController();
    const terminal = openTerminal();
    const asked = ask(end.signal, terminal);
    end.abort(reason);
    await assert.rejects(asked, reason);
    const shown = openTerminal();
    await assert.rejects(ask(AbortSignal.abort(reason), shown), reason);
    assert.equal(shown.shown(), "", "nothing is asked any more");
  }
});

Deno.test("askSecret() gives what was typed, and shows none of it", async () => {
  const { value, shown } = await answer(
    (terminal) => askSecret("Key?", NEVER, terminal),
    ..."sk-typed",
    "\r",
  );
  assert.equal(value, "sk-typed");
  assert.doesNotMatch(shown, /sk|typed/);
});

Deno.test("askSecret() takes a key that is pasted whole", async () => {
  const { value } = await answer((terminal) => askSecret("Key?", NEVER, terminal), "sk-pasted\r");
  assert.equal(value, "sk-pasted");
});

Deno.test("askSecret() gives an empty text for nothing, which its caller refuses", async () => {
  const { value } = await answer((terminal) => askSecret("Key?", NEVER, terminal), "\r");
  assert.equal(value, "");
});
