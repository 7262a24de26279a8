import assert from "node:assert/strict";
import { consoleTty } from "../../src/cli/tty_console.ts";
import { ManualClock } from "../support/manual_clock.ts";

const NEVER = new AbortController().signal;
/** Longer than a terminal has to be silent before it is asked on. */
const SILENCE = 1000;

/** A terminal in line mode. What is typed without a line end is not read. */
class FakeTerminal {
  isMissing = false;
  isBroken = false;
  shown = "";
  opened = 0;
  closed = 0;
  readonly #lines: (string | null)[] = [];
  #begun = "";
  #reader: (() => void) | undefined;

  /** Types; `null` is Ctrl-D. */
  type(text: string | null): void {
    if (text === null) this.#lines.push(null);
    else {
      const lines = (this.#begun + text).split("\n");
      this.#begun = lines.pop() ?? "";
      this.#lines.push(...lines.map((line) => `${line}\n`));
    }
    this.#reader?.();
  }

  open() {
    if (this.isMissing) throw new Deno.errors.NotFound();
    this.opened++;
    return {
      read: async (buffer: Uint8Array) => {
        if (this.isBroken) throw new Error("EIO");
        while (this.#lines.length === 0) {
          await new Promise<void>((resolve) => this.#reader = resolve);
        }
        const line = this.#lines.shift();
        return line === null || line === undefined
          ? null
          : new TextEncoder().encodeInto(line, buffer).written;
      },
      write: (bytes: Uint8Array) => {
        this.shown += new TextDecoder().decode(bytes);
        return bytes.length;
      },
      close: () => void this.closed++,
    };
  }
}

function setup() {
  const terminal = new FakeTerminal();
  const clock = new ManualClock();
  const tty = consoleTty(clock, () => terminal.open());
  return { terminal, clock, tty, ask: (signal: AbortSignal = NEVER) => tty.ask("? ", signal) };
}

Deno.test("consoleTty() reads the line that is typed after the question", async () => {
  const { terminal, clock, ask } = setup();
  const reply = ask();
  await clock.advance(SILENCE);
  assert.equal(terminal.shown, "? ");
  terminal.type("yés\nmore\n");
  assert.deepEqual(await reply, { line: "yés" });
  assert.deepEqual([terminal.opened, terminal.closed, clock.pending], [1, 1, 0]);
});

Deno.test("consoleTty() does not take what was typed before, or while it waits for silence", async () => {
  const { terminal, clock, ask } = setup();
  terminal.type("y\n");
  terminal.type(null);
  terminal.type("y\n");
  const reply = ask();
  await clock.advance(100);
  terminal.type("y\n");
  await clock.advance(100);
  assert.equal(terminal.shown, "", "it is not silent yet");
  await clock.advance(SILENCE);
  assert.equal(terminal.shown, "? ");
  terminal.type("n\n");
  assert.deepEqual(await reply, { line: "n" });
});

Deno.test("consoleTty() asks no terminal that never falls silent", async () => {
  const { terminal, clock, ask } = setup();
  terminal.type("y\n".repeat(1000));
  const reply = ask();
  await clock.advance(0);
  assert.deepEqual(await reply, {
    line: undefined,
    why: "the terminal gives no chance to answer",
  });
  assert.equal(terminal.shown, "");
});

for (const [what, typed] of [["alone", [null]], ["behind some text", ["y", null, null]]] as const) {
  Deno.test(`consoleTty() takes Ctrl-D ${what} for no answer`, async () => {
    const { terminal, clock, ask } = setup();
    const reply = ask();
    await clock.advance(SILENCE);
    for (const text of typed) terminal.type(text);
    assert.deepEqual(await reply, { line: undefined, why: "nobody answered" });
    assert.equal(terminal.shown, "? \n", "what follows begins a line");
  });
}

Deno.test("consoleTty() has no answer from a terminal that cannot be read", async () => {
  const { terminal, ask } = setup();
  terminal.isBroken = true;
  assert.deepEqual(await ask(), {
    line: undefined,
    why: "the terminal gives no chance to answer",
  });
  assert.equal(terminal.closed, 1);
});

Deno.test("consoleTty() does not ask without a terminal", async () => {
  const { terminal, tty, ask } = setup();
  assert.equal(await tty.isThere(), true);
  assert.deepEqual([terminal.opened, terminal.closed], [1, 1]);
  terminal.isMissing = true;
  assert.equal(await tty.isThere(), false);
  assert.deepEqual(await ask(), { line: undefined, why: "there is no terminal to ask on" });
  await tty.show("said to nobody", NEVER);
});

Deno.test("consoleTty() ends at once with the signal's reason, before and after the question", async () => {
  const reason = new Error("out of time");
  for (const wait of [0, SILENCE]) {
    const { terminal, clock, ask } = setup();
    const end = new AbortController();
    const reply = ask(end.signal);
    await clock.advance(wait);
    end.abort(reason);
    await assert.rejects(reply, reason);
    assert.equal(terminal.shown, wait === 0 ? "\n" : "? \n");
    assert.deepEqual([terminal.closed, clock.pending], [1, 0]);
  }
  const { terminal, ask } = setup();
  await assert.rejects(ask(AbortSignal.abort(reason)), reason);
  assert.equal(terminal.opened, 0);
});

Deno.test("consoleTty() shows a text, and keeps nothing open", async () => {
  const { terminal, tty } = setup();
  await tty.show("a text\n", NEVER);
  assert.equal(terminal.shown, "a text\n");
  assert.deepEqual([terminal.opened, terminal.closed], [1, 1]);
});
