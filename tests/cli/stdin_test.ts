import assert from "node:assert/strict";
import fc from "fast-check";
import { type CodexError, type ErrorCode, isCodexError } from "../../src/base/errors.ts";
import type { Input } from "../../src/cli/cli.ts";
import { readStdin, type StdinOptions } from "../../src/cli/stdin.ts";
import { anyText } from "../support/any_text.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** What a read gives: bytes, the end, a failure, nothing ever, or any of these after a while. */
type Step = string | Uint8Array | null | Error | "never" | { readonly ms: number; then: Step };

/** A stdin that follows a script, and ends with it. */
class ScriptedInput implements Input {
  readonly isTerminal = false;
  reads = 0;
  readonly #clock: ManualClock;
  readonly #steps: Step[];

  constructor(clock: ManualClock, ...steps: Step[]) {
    this.#clock = clock;
    this.#steps = steps;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.reads++;
    return this.#take(this.#steps.shift() ?? null, buffer);
  }

  async #take(step: Step, buffer: Uint8Array): Promise<number | null> {
    if (step === null) return null;
    if (step === "never") return await new Promise<never>(() => {});
    if (step instanceof Error) throw step;
    if (typeof step === "object" && "ms" in step) {
      const { ms, then } = step;
      await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
      return await this.#take(then, buffer);
    }
    const bytes = typeof step === "string" ? new TextEncoder().encode(step) : step;
    const count = Math.min(bytes.length, buffer.length);
    buffer.set(bytes.subarray(0, count));
    if (count < bytes.length) this.#steps.unshift(bytes.subarray(count));
    return count;
  }
}

const later = (ms: number, then: Step): Step => ({ ms, then });

function setup(...steps: Step[]) {
  const clock = new ManualClock();
  const input = new ScriptedInput(clock, ...steps);
  const controller = new AbortController();
  const notices: string[] = [];
  const read = (options: Partial<StdinOptions> = {}) =>
    readStdin(input, {
      clock,
      timeoutMs: 60_000,
      maxBytes: 32 * 1024 * 1024,
      notice: (text) => notices.push(text),
      signal: controller.signal,
      ...options,
    });
  return { clock, input, controller, notices, read };
}

/** The error that a promise rejects with, which has to be one of ours with this code. */
async function rejection(promise: Promise<unknown>, code: ErrorCode): Promise<CodexError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  if (isCodexError(error, code)) return error;
  throw new Error(`it did not reject with ${code}`, { cause: error });
}

Deno.test("readStdin() says on a terminal how what is typed is ended", async () => {
  const { clock, read, notices } = setup(later(30_000, "typed\n"));
  const result = read({ timeoutMs: 0, isTyped: true });
  await clock.advance(2000);
  assert.deepEqual(notices, ["reading what is typed; Ctrl-D in a line of its own ends it"]);
  await clock.advance(28_000);
  assert.equal(await result, "typed\n");
});

Deno.test("readStdin() gives what comes, to its end", async () => {
  const { clock, read, notices } = setup("one\n", "two", "\n");
  assert.equal(await read(), "one\ntwo\n");
  assert.equal(clock.pending, 0, "no timer is left");
  assert.deepEqual(notices, []);
});

Deno.test("readStdin() of a closed stdin is empty", async () => {
  const { clock, read } = setup(null);
  assert.equal(await read(), "");
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() changes nothing: marks, line ends, control characters", async () => {
  const text = "\ufeffa\r\nb\u0000\x1b[31m</stdin>\n\n  ";
  assert.equal(await setup(text).read(), text);
});

Deno.test("readStdin() puts characters together that were split over reads", async () => {
  const bytes = new TextEncoder().encode("€😀");
  assert.equal(await setup(...[...bytes].map((byte) => new Uint8Array([byte]))).read(), "€😀");
});

Deno.test("readStdin() gives 4 MB back, byte for byte", async () => {
  const text = "0123456789ä€😀\n".repeat(250_000);
  assert.ok(new TextEncoder().encode(text).length > 4_000_000);
  assert.ok(await setup(text).read() === text);
});

Deno.test("readStdin() says after two seconds of silence what it waits for, and once", async () => {
  const { clock, read, notices } = setup(later(30_000, "late"));
  const result = read();
  await clock.advance(1999);
  assert.deepEqual(notices, []);
  await clock.advance(1);
  assert.deepEqual(notices, ["waiting for stdin, for 1 min at most; to go on without: --no-stdin"]);
  await clock.advance(28_000);
  assert.equal(await result, "late");
  assert.equal(notices.length, 1);
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() gives up when nothing came in time, and says how to go on", async () => {
  const { clock, read, notices } = setup("never");
  const error = rejection(read(), "invalid_usage");
  await clock.advance(60_000);
  const { message, hint } = await error;
  assert.equal(message, "Stdin is open but silent: nothing came within 1 min");
  assert.match(hint ?? "", /--no-stdin/);
  assert.match(hint ?? "", /<\/dev\/null/);
  assert.match(hint ?? "", /--stdin-timeout/);
  assert.equal(notices.length, 1);
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() takes a first byte in the last millisecond", async () => {
  const { clock, read } = setup(later(59_999, "x"));
  const result = read();
  await clock.advance(60_000);
  assert.equal(await result, "x");
});

Deno.test("readStdin() ends a short wait without a notice before it", async () => {
  const { clock, read, notices } = setup("never");
  const error = rejection(read({ timeoutMs: 250 }), "invalid_usage");
  await clock.advance(250);
  assert.match((await error).message, /within 250 ms$/);
  assert.deepEqual(notices, []);
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() waits for ever when it is told to, after its notice", async () => {
  const DAYS = 40 * 86_400_000;
  const { clock, read, notices } = setup(later(DAYS, "at last"));
  const result = read({ timeoutMs: 0 });
  await clock.advance(DAYS);
  assert.equal(await result, "at last");
  assert.deepEqual(notices, ["waiting for stdin; to go on without: --no-stdin"]);
});

Deno.test("readStdin() never cuts input that has begun, however slow it is", async () => {
  const { clock, read, notices } = setup(
    later(1000, "a"),
    later(3_600_000, "b"),
    later(86_400_000, "c"),
  );
  const result = read({ timeoutMs: 5000 });
  await clock.advance(2 * 86_400_000);
  assert.equal(await result, "abc");
  assert.deepEqual(notices, [], "begun input is no reason for a notice");
});

Deno.test("readStdin() takes as much as is allowed", async () => {
  assert.equal(await setup("12345", "67890").read({ maxBytes: 10 }), "1234567890");
  assert.equal(await setup(null).read({ maxBytes: 0 }), "");
});

Deno.test("readStdin() refuses more than is allowed at the moment it is passed", async () => {
  const { clock, input, read } = setup("12345", "678901", "never");
  const error = await rejection(read({ maxBytes: 10 }), "input_too_large");
  assert.equal(error.message, "Stdin holds more than 10 bytes");
  assert.match(error.hint ?? "", /--max-stdin/);
  assert.equal(input.reads, 2, "nothing more is read");
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() counts bytes, not characters", async () => {
  assert.equal(await setup("€€").read({ maxBytes: 6 }), "€€");
  await rejection(setup("€€").read({ maxBytes: 5 }), "input_too_large");
});

Deno.test("readStdin() refuses what is no UTF-8 at once, with the byte's offset", async () => {
  const { input, read } = setup("abc", new Uint8Array([0x64, 0xff]), "never");
  const error = await rejection(read(), "invalid_usage");
  assert.equal(error.message, "Stdin is not UTF-8: byte 4 is not valid");
  assert.equal(input.reads, 2);
});

Deno.test("readStdin() refuses input that ends in the middle of a character", async () => {
  const error = await rejection(setup("abc", new Uint8Array([0xe2, 0x82])).read(), "invalid_usage");
  assert.equal(error.message, "Stdin is not UTF-8: byte 3 is not valid");
});

Deno.test("readStdin() says that stdin is a folder", async () => {
  const { clock, read } = setup(new Deno.errors.IsADirectory("Is a directory (os error 21)"));
  const error = await rejection(read(), "invalid_usage");
  assert.equal(error.message, "Stdin is a folder");
  assert.equal(clock.pending, 0);
});

for (const steps of [[new Error("EIO")], ["abc", new Deno.errors.BadResource("closed")]]) {
  Deno.test(`readStdin() says that stdin cannot be read, at read ${steps.length}`, async () => {
    const { clock, read } = setup(...steps);
    const error = await rejection(read(), "invalid_usage");
    assert.equal(error.message, "Stdin cannot be read");
    assert.equal(error.cause, steps.at(-1));
    assert.equal(clock.pending, 0);
  });
}

Deno.test("readStdin() ends with the signal's reason while it waits for the first byte", async () => {
  const { clock, controller, read } = setup("never");
  const reason = new Error("stop");
  const result = assert.rejects(read(), reason);
  await clock.advance(10);
  controller.abort(reason);
  await result;
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() ends with the signal's reason when a producer stalls", async () => {
  const { clock, controller, read } = setup("begun", "never");
  const reason = new Error("stop");
  const result = assert.rejects(read(), reason);
  await clock.advance(3_600_000);
  controller.abort(reason);
  await result;
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() with a signal that is aborted already reads nothing", async () => {
  const { clock, input, read } = setup("abc");
  const reason = new Error("too late");
  await assert.rejects(read({ signal: AbortSignal.abort(reason) }), reason);
  assert.equal(input.reads, 0);
  assert.equal(clock.pending, 0);
});

Deno.test("readStdin() makes nothing of a read that fails after its end", async () => {
  const { clock, read } = setup(later(61_000, new Deno.errors.Interrupted("closed")));
  const error = rejection(read(), "invalid_usage");
  await clock.advance(70_000);
  assert.match((await error).message, /silent/);
});

Deno.test("readStdin() leaves no listener on its signal", async () => {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListener) => {
    listeners.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  await setup("abc").read({ signal });
  await rejection(setup("abc").read({ signal, maxBytes: 1 }), "input_too_large");
  await rejection(setup(new Error("EIO")).read({ signal }), "invalid_usage");
  assert.equal(listeners.size, 0);
});

Deno.test("readStdin() gives any text back, however it arrives", async () => {
  const pieces = fc.array(fc.tuple(anyText(), fc.nat({ max: 100_000 })), {
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(pieces, async (all) => {
      const steps = all.map(([text, ms]) => later(ms, text.toWellFormed()));
      const { clock, read } = setup("begun", ...steps);
      const expected = `begun${all.map(([text]) => text.toWellFormed()).join("")}`;
      assert.equal(await clock.run(read(), 1_000_000), expected);
    }),
    { numRuns: 8 },
  );
});
