import assert from "node:assert/strict";
import fc from "fast-check";
import { liveLine } from "../../src/cli/live_line.ts";
import { Messages } from "../../src/cli/output.ts";
import { anyText } from "../support/any_text.ts";
import { ManualClock } from "../support/manual_clock.ts";

const CLEAR = "\r\x1b[2K";

interface SetupOptions {
  readonly isTerminal?: boolean;
  readonly term?: string | undefined;
  readonly columns?: number;
}

function setup(options: SetupOptions = {}) {
  const { isTerminal = true, term = "xterm-256color", columns = 80 } = options;
  const written: string[] = [];
  const messages = new Messages((bytes) => {
    written.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }, isTerminal);
  const clock = new ManualClock();
  const start = (text: () => string) =>
    liveLine(messages, clock, text, { term, columns: () => columns });
  return { written, messages, clock, start };
}

/** What a terminal shows in the end, as far as these writes use it. */
function screenAfter(written: readonly string[]): string[] {
  const rows = [""];
  for (const character of written.join("").replaceAll(CLEAR, "\u0000")) {
    const last = rows.length - 1;
    if (character === "\u0000") rows[last] = "";
    else if (character === "\n") rows.push("");
    else rows[last] += character;
  }
  return rows;
}

Deno.test("liveLine() draws its text at once, and again every second", async () => {
  const { written, clock, start } = setup();
  using line = start(() =>
    `left ${10 - (clock.now() - Date.parse("2027-01-15T08:00:00Z")) / 1000}`
  );
  assert.deepEqual(written, [`${CLEAR}left 10`]);
  await clock.advance(999);
  assert.equal(written.length, 1);
  await clock.advance(2001);
  assert.deepEqual(written.slice(1), [`${CLEAR}left 9`, `${CLEAR}left 8`, `${CLEAR}left 7`]);
  assert.ok(line);
});

Deno.test("liveLine() draws at once when it is told to", () => {
  let text = "one";
  const { written, start } = setup();
  using line = start(() => text);
  text = "two";
  line.refresh();
  assert.deepEqual(written, [`${CLEAR}one`, `${CLEAR}two`]);
});

Deno.test("liveLine() erases itself at its end and leaves no timer", async () => {
  const { written, clock, start } = setup();
  start(() => "waiting")[Symbol.dispose]();
  assert.deepEqual(screenAfter(written), [""]);
  assert.equal(clock.pending, 0);
  const before = written.length;
  await clock.advance(5000);
  assert.equal(written.length, before);
});

Deno.test("liveLine() erases nothing of others when it is ended twice", () => {
  const { written, messages, start } = setup();
  const line = start(() => "waiting");
  line[Symbol.dispose]();
  messages.write("an answer without a newline");
  line[Symbol.dispose]();
  line.refresh();
  assert.deepEqual(screenAfter(written), ["an answer without a newline"]);
});

Deno.test("liveLine() lets a line of its stream stand above it", async () => {
  const { written, messages, clock, start } = setup();
  const line = start(() => "waiting");
  messages.line("warning: slow");
  await clock.advance(1000);
  assert.deepEqual(screenAfter(written), ["warning: slow", "waiting"]);
  line[Symbol.dispose]();
  messages.line("done");
  assert.deepEqual(screenAfter(written), ["warning: slow", "done", ""]);
});

for (
  const [what, options] of [
    ["off a terminal", { isTerminal: false }],
    ["on a terminal that cannot move its cursor", { term: "dumb" }],
    ["in a pipe with a terminal's name", { isTerminal: false, term: "xterm" }],
  ] as const
) {
  Deno.test(`liveLine() writes nothing and sets no timer ${what}`, async () => {
    const { written, clock, start } = setup(options);
    const line = start(() => {
      throw new Error("its text is not asked for");
    });
    line.refresh();
    await clock.advance(3000);
    line[Symbol.dispose]();
    assert.deepEqual(written, []);
    assert.equal(clock.pending, 0);
  });
}

Deno.test("liveLine() works on a terminal without a name", () => {
  const { written, start } = setup({ term: undefined });
  using _line = start(() => "waiting");
  assert.equal(written.length, 1);
});

Deno.test("liveLine() stays in one row of a narrow terminal, and so does a ^C behind it", () => {
  const { written, start } = setup({ columns: 10 });
  using _line = start(() => "123456789abc");
  assert.deepEqual(written, [`${CLEAR}1234567`]);
});

Deno.test("liveLine() counts two columns for a character that may take them", () => {
  const { written, start } = setup({ columns: 10 });
  using _line = start(() => "漢字漢字漢字");
  assert.deepEqual(written, [`${CLEAR}漢字漢`]);
});

for (const columns of [0, 1, -1, NaN]) {
  Deno.test(`liveLine() does no harm on a terminal of ${columns} columns`, () => {
    const { written, start } = setup({ columns });
    start(() => "waiting")[Symbol.dispose]();
    assert.ok(written.length <= 2);
    assert.deepEqual(screenAfter(written), [""]);
  });
}

Deno.test("liveLine() never leaves its row, whatever its text", () => {
  fc.assert(
    fc.property(anyText(), fc.integer({ min: 2, max: 40 }), (text, n) => {
      const { written, start } = setup({ columns: n });
      using _line = start(() => `x${text}`);
      const drawn = (written[0] ?? "").slice(CLEAR.length);
      assert.doesNotMatch(drawn, /[\p{Cc}\u2028\u2029]/u);
      assert.ok([...drawn].length < n);
      assert.ok(drawn.startsWith("x"));
    }),
  );
});
