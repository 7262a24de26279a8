import assert from "node:assert/strict";
import fc from "fast-check";
import { isCodexError } from "../../src/base/errors.ts";
import { ClosedPipe, Messages, Output, type Sink, visible } from "../../src/cli/output.ts";
import { anyText } from "../support/any_text.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** What a write does: takes all, takes so many bytes, or fails. */
type Step = "all" | number | Error;

/** A sink that follows a script, and takes all once that is at its end. */
class ScriptedSink implements Sink {
  readonly taken: Uint8Array[] = [];
  calls = 0;
  readonly #steps: Step[];

  constructor(...steps: Step[]) {
    this.#steps = steps;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.calls++;
    const step = this.#steps.shift() ?? "all";
    await Promise.resolve();
    if (step instanceof Error) throw step;
    const count = Math.min(step === "all" ? bytes.length : step, bytes.length);
    this.taken.push(bytes.slice(0, count));
    return count;
  }

  get text(): string {
    const all = new Uint8Array(this.taken.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.taken) {
      all.set(piece, at);
      at += piece.length;
    }
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(all);
  }
}

const wouldBlock = () => new Deno.errors.WouldBlock("Resource temporarily unavailable");
const brokenPipe = () => new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
const noSpace = () => Object.assign(new Error("No space left (os error 28)"), { code: "ENOSPC" });

Deno.test("Output writes a text as UTF-8 and nothing else", async () => {
  const sink = new ScriptedSink();
  await new Output(sink, new ManualClock()).write("\ufeffgrüß €😀\x1b[31m\n");
  assert.equal(sink.text, "\ufeffgrüß €😀\x1b[31m\n");
});

Deno.test("Output makes a text harmless when a person sees it", async () => {
  const sink = new ScriptedSink();
  const output = new Output(sink, new ManualClock(), true);
  await output.write("a\r\nb\x1b]0;title\x07\u202ec\t\n");
  assert.equal(sink.text, "a\nb\\x1b]0;title\\x07\\u202ec\t\n");
});

Deno.test("Output does not call its sink for an empty text", async () => {
  const sink = new ScriptedSink();
  await new Output(sink, new ManualClock()).write("");
  assert.equal(sink.calls, 0);
});

Deno.test("Output writes what is pushed at once, and together what comes while it writes", async () => {
  const sink = new ScriptedSink();
  const output = new Output(sink, new ManualClock());
  for (const text of ["a", "b", "c"]) assert.equal(output.push(text), undefined);
  await output.flush();
  assert.deepEqual(sink.taken.map((bytes) => new TextDecoder().decode(bytes)), ["a", "bc"]);
  assert.equal(output.flush(), undefined);
  output.push("d");
  await output.write("e");
  assert.equal(sink.text, "abcde");
});

Deno.test("Output has whoever pushes wait once too much waits, and tells a failed write", async () => {
  const sink = new ScriptedSink("all", brokenPipe());
  const output = new Output(sink, new ManualClock());
  output.push("a");
  assert.equal(output.push("b".repeat(64 * 1024)), undefined);
  await output.push("c");
  assert.ok(sink.text.startsWith("a"));
  await assert.rejects(async () => await output.flush(), ClosedPipe);
  await assert.rejects(async () => await output.push("d"), ClosedPipe);
  await assert.rejects(output.write("e"), ClosedPipe);
});

Deno.test("Output goes on after a short write, in the middle of a character too", async () => {
  const sink = new ScriptedSink(1, 2, 1, 3);
  await new Output(sink, new ManualClock()).write("a€😀bc");
  assert.equal(sink.text, "a€😀bc");
  assert.equal(sink.calls, 5);
});

Deno.test("Output loses nothing to short writes and full pipes, whatever their order", async () => {
  const step = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant("full" as const));
  const texts = fc.array(anyText(20), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), texts, async (steps, parts) => {
      const sink = new ScriptedSink(...steps.map((one) => one === "full" ? wouldBlock() : one));
      const clock = new ManualClock();
      const output = new Output(sink, clock);
      await clock.run(Promise.all(parts.map((part) => output.write(part))), 5);
      assert.equal(sink.text, parts.join("").toWellFormed());
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 50 },
  );
});

Deno.test("Output waits a little and tries again when a pipe is full", async () => {
  const sink = new ScriptedSink(2, wouldBlock(), wouldBlock());
  const clock = new ManualClock();
  let done = false;
  const written = new Output(sink, clock).write("abcd").then(() => done = true);
  await clock.advance(9);
  assert.equal(sink.text, "ab");
  assert.equal(done, false);
  await clock.advance(1);
  await written;
  assert.equal(sink.text, "abcd");
  assert.equal(sink.calls, 4);
});

Deno.test("Output serves calls in their order, none before the one before it is done", async () => {
  const sink = new ScriptedSink(1, 1, 1, 1);
  const output = new Output(sink, new ManualClock());
  await Promise.all(["aaa", "bbb", "ccc"].map((text) => output.write(text)));
  assert.equal(sink.text, "aaabbbccc");
});

Deno.test("Output tells of a reader that has gone by ClosedPipe", async () => {
  const output = new Output(new ScriptedSink(1, brokenPipe()), new ManualClock());
  await assert.rejects(output.write("abc"), ClosedPipe);
});

Deno.test("Output tells of a full disk in words", async () => {
  const output = new Output(new ScriptedSink(noSpace()), new ManualClock());
  await assert.rejects(output.write("abc"), (error) => {
    assert.ok(isCodexError(error, "internal"));
    assert.equal(error.message, "Cannot write the output: no space is left");
    assert.equal(error.hint, "Look at where stdout goes");
    return true;
  });
});

Deno.test("Output tells of any other failure in words, and keeps it as the cause", async () => {
  const cause = new Deno.errors.BadResource("Bad resource ID");
  const output = new Output(new ScriptedSink(cause), new ManualClock());
  await assert.rejects(output.write("abc"), (error) => {
    assert.ok(isCodexError(error, "internal"));
    assert.equal(error.message, "Cannot write the output: it cannot be written");
    assert.equal(error.cause, cause);
    return true;
  });
});

Deno.test("Output writes nothing more once a write has failed", async () => {
  const sink = new ScriptedSink(1, brokenPipe());
  const output = new Output(sink, new ManualClock());
  const results = await Promise.allSettled(["abc", "def", "ghi"].map((text) => output.write(text)));
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  await assert.rejects(output.write("jkl"), ClosedPipe);
  assert.equal(sink.text, "a");
});

Deno.test("Output makes no unhandled rejection of a failed write that nobody looked at yet", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", onUnhandled);
  try {
    const clock = new ManualClock();
    const output = new Output(new ScriptedSink(brokenPipe()), clock);
    const first = output.write("abc");
    output.write("def");
    // A whole turn of the event loop: by now the platform would have complained.
    await clock.advance(0);
    await assert.rejects(first, ClosedPipe);
    await assert.rejects(output.write("ghi"), ClosedPipe);
    await clock.advance(0);
  } finally {
    globalThis.removeEventListener("unhandledrejection", onUnhandled);
  }
  assert.deepEqual(unhandled, []);
});

/** Messages into a list of texts. */
function messages(isTerminal: boolean) {
  const written: string[] = [];
  const out = new Messages((bytes) => {
    written.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }, isTerminal);
  return { out, written };
}

Deno.test("Messages.line() leaves a text untouched off a terminal", () => {
  const { out, written } = messages(false);
  out.line("a\x1b[31m\u202eb\r");
  assert.deepEqual(written, ["a\x1b[31m\u202eb\r\n"]);
});

Deno.test("Messages.line() makes a text harmless on a terminal", () => {
  const { out, written } = messages(true);
  out.line("a\x1b[31m\u202eb\r\tc");
  assert.deepEqual(written, ["a\\x1b[31m\\u202eb\\x0d\tc\n"]);
});

Deno.test("Messages.write() writes a text as it is", () => {
  const { out, written } = messages(true);
  out.write("\x1b[2K");
  assert.deepEqual(written, ["\x1b[2K"]);
});

Deno.test("Messages goes on after a short write", () => {
  const written: number[] = [];
  const out = new Messages((bytes) => {
    written.push(bytes[0] ?? 0);
    return 1;
  }, false);
  out.line("ab");
  assert.deepEqual(written, [97, 98, 10]);
});

Deno.test("Messages never throws, whatever its stream does", () => {
  for (const error of [brokenPipe(), wouldBlock(), noSpace(), "no error at all", undefined]) {
    let calls = 0;
    const out = new Messages(() => {
      calls++;
      throw error;
    }, true);
    out.line("a");
    out.write("b");
    out.status("c");
    out.status("");
    assert.equal(calls, 4, "each message has its chance");
  }
});

Deno.test("Messages.status() shows a text in place of the one before", () => {
  const { out, written } = messages(true);
  out.status("one");
  out.status("two");
  out.status("two");
  out.status("");
  out.status("");
  assert.deepEqual(written, ["\r\x1b[2Kone", "\r\x1b[2Ktwo", "\r\x1b[2K"]);
});

Deno.test("Messages.line() stands above the status, and leaves nothing of it behind", () => {
  const { out, written } = messages(true);
  out.status("waiting");
  out.line("warning: \x1b");
  out.status("");
  out.line("done");
  assert.deepEqual(written, [
    "\r\x1b[2Kwaiting",
    "\r\x1b[2Kwarning: \\x1b\nwaiting",
    "\r\x1b[2K",
    "done\n",
  ]);
});

const SHOWN: readonly (readonly [text: string, shown: string])[] = [
  ["", ""],
  ["plain äöü € 漢字 😀", "plain äöü € 漢字 😀"],
  ["a\tb\nc", "a\tb\nc"],
  ["\x1b[31mred", "\\x1b[31mred"],
  ["\x00\x07\x08\x7f", "\\x00\\x07\\x08\\x7f"],
  ["a\rb", "a\\x0db"],
  ["\x9b31m", "\\x9b31m"],
  ["\x85", "\\x85"],
  ["\u202eevil\u202c", "\\u202eevil\\u202c"],
  ["\u2066a\u2069", "\\u2066a\\u2069"],
  ["a\u200fb", "a\\u200fb"],
  ["\u2028\u2029", "\\u2028\\u2029"],
  ["\ufeffa\u00ad\u200b", "\\ufeffa\\xad\\u200b"],
  ["\u{e0041}", "\\ue0041"],
  ["می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"],
];

for (const [text, shown] of SHOWN) {
  Deno.test(`visible() shows ${JSON.stringify(text)} as ${JSON.stringify(shown)}`, () => {
    assert.equal(visible(text), shown);
  });
}

/** Whether a code point may reach a terminal: told from the tables, not from the expression. */
function isHarmless(code: number): boolean {
  if (code === 0x09 || code === 0x0a || code === 0x200c || code === 0x200d) return true;
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const isBidi = code === 0x061c || code === 0x200e || code === 0x200f ||
    (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const isSeparator = code === 0x2028 || code === 0x2029;
  return !isControl && !isBidi && !isSeparator;
}

Deno.test("visible() lets no control and no bidi character through, of all that there are", () => {
  for (let code = 0; code < 0x3000; code++) {
    const character = String.fromCodePoint(code);
    const shown = visible(character);
    if (isHarmless(code)) {
      if (shown !== character) assert.match(character, /\p{Cf}/u, `U+${code.toString(16)}`);
    } else {
      assert.match(shown, /^\\(x[\da-f]{2}|u[\da-f]{4})$/, `U+${code.toString(16)}`);
    }
  }
});

Deno.test("visible() leaves nothing harmful in any text, and what is harmless as it is", () => {
  fc.assert(fc.property(anyText(), (text) => {
    const shown = visible(text);
    for (const character of shown) assert.ok(isHarmless(character.codePointAt(0) ?? 0));
    assert.equal(visible(shown), shown, "a second time changes nothing");
  }));
  fc.assert(fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
    assert.equal(visible(text), text);
  }));
});
