import assert from "node:assert/strict";
import { type Frame, framesOf } from "../../../tools/picture/frames.ts";

const OPTIONS = { columns: 20, rows: 3, leastMs: 50, mostMs: 1000 };

/** What a terminal writes, and when. */
function pieces(...written: readonly (readonly [at: number, text: string])[]) {
  return written.map(([at, text]) => ({ at, bytes: new TextEncoder().encode(text) }));
}

function lines({ rows }: Frame): string[] {
  return rows.map((spans) => spans.map(({ text }) => text).join("|"));
}

Deno.test("framesOf() takes changes that come close together as one, but not for ever", async () => {
  const typed = Array.from({ length: 10 }, (_, index) => [index * 30, "x"] as const);
  const frames = await framesOf(pieces(...typed, [270, "y"]), OPTIONS);
  assert.ok(frames.length > 3 && frames.length < 8, String(frames.length));
  assert.equal(
    lines(frames.at(-1) ?? { at: 0, rows: [], cursor: { row: 0, column: 0 } })[0],
    "xxxxxxxxxxy",
  );
});

Deno.test("framesOf() shortens waits, and leaves out what changes nothing", async () => {
  const frames = await framesOf(
    pieces([0, "a"], [9000, "b"], [9500, "\x1b[0m"], [9600, "c"]),
    OPTIONS,
  );
  assert.deepEqual(frames.map(({ at }) => at), [0, 1000, 1600]);
});

Deno.test("framesOf() draws as a terminal does: lines taken back, rows scrolled", async () => {
  const frames = await framesOf(
    pieces([0, "busy"], [100, "\r\x1b[2Kdone\r\n"], [200, "1\r\n2\r\n3"]),
    OPTIONS,
  );
  assert.deepEqual(frames.map(lines), [["busy", "", ""], ["done", "", ""], ["1", "2", "3"]]);
  assert.deepEqual(frames.at(-1)?.cursor, { row: 2, column: 1 });
});

Deno.test("framesOf() tells looks apart, and columns that are far from each other", async () => {
  const [frame] = await framesOf(
    pieces([0, "a \x1b[31mred\x1b[0m  \x1b[1mbold\x1b[0m b"]),
    OPTIONS,
  );
  assert.deepEqual(frame?.rows[0]?.map(({ column, text, look }) => [column, text, look]), [
    [0, "a", { bold: false, dim: false }],
    [2, "red", { color: 1, bold: false, dim: false }],
    [7, "bold", { bold: true, dim: false }],
    [12, "b", { bold: false, dim: false }],
  ]);
});
