/** Plays what a terminal wrote into an emulated one, and looks at its screen from time to time. */
import xterm from "@xterm/headless";
import type { Piece } from "./record.ts";

/** How a piece of text looks. */
export interface Look {
  /** One of the sixteen colours, by its number; the usual one when absent. */
  readonly color?: number;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** Text of one look in a row. */
export interface Span {
  readonly column: number;
  /** How many columns it takes. */
  readonly width: number;
  readonly text: string;
  readonly look: Look;
}

/** What is seen from a time on. */
export interface Frame {
  /** Milliseconds since the beginning. */
  readonly at: number;
  readonly rows: readonly (readonly Span[])[];
  readonly cursor: { readonly row: number; readonly column: number };
}

/** How the screens are taken. */
export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  /** Changes that come closer together are one. */
  readonly leastMs: number;
  /** Nothing is waited for longer. */
  readonly mostMs: number;
}

/**
 * Plays a recording.
 *
 * @param pieces What was written.
 * @param options The size of the terminal, and how time passes.
 */
export async function framesOf(
  pieces: readonly Piece[],
  { columns, rows, leastMs, mostMs }: FrameOptions,
): Promise<readonly Frame[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const frames: Frame[] = [];
  let now = 0;
  let before = pieces[0]?.at ?? 0;
  for (const [index, { at, bytes }] of pieces.entries()) {
    now += Math.min(at - before, mostMs);
    before = at;
    await new Promise<void>((done) => terminal.write(bytes, done));
    const next = pieces[index + 1];
    const last = frames.at(-1);
    const isSoon = next !== undefined && next.at - at < leastMs;
    if (isSoon && last !== undefined && now - last.at < leastMs) continue;
    const frame = look(terminal, Math.round(now));
    if (last === undefined || !isSame(frame, last)) frames.push(frame);
  }
  return frames;
}

function isSame(one: Frame, other: Frame): boolean {
  return JSON.stringify({ ...one, at: 0 }) === JSON.stringify({ ...other, at: 0 });
}

function look(terminal: InstanceType<typeof xterm.Terminal>, at: number): Frame {
  const { active } = terminal.buffer;
  const rows = Array.from(
    { length: terminal.rows },
    (_, row) => spansOf(active.getLine(active.viewportY + row), terminal.cols),
  );
  return { at, rows, cursor: { row: active.cursorY, column: active.cursorX } };
}

type Line = ReturnType<InstanceType<typeof xterm.Terminal>["buffer"]["active"]["getLine"]>;

/** Text in the runs of one look; two spaces or more begin another, so that columns stay in line. */
function spansOf(line: Line, columns: number): Span[] {
  const spans: Span[] = [];
  let column = 0;
  while (column < columns) {
    const cell = line?.getCell(column);
    if (cell === undefined) break;
    const text = cell.getChars();
    const width = Math.max(cell.getWidth(), 1);
    const last = spans.at(-1);
    const own = lookOf(cell);
    if (text.trim() !== "") {
      const gap = last === undefined ? Infinity : column - last.column - last.width;
      if (last !== undefined && gap <= 1 && JSON.stringify(last.look) === JSON.stringify(own)) {
        const joined = last.text + " ".repeat(gap) + text;
        spans[spans.length - 1] = { ...last, text: joined, width: last.width + gap + width };
      } else spans.push({ column, width, text, look: own });
    }
    column += width;
  }
  return spans;
}

type Cell = NonNullable<ReturnType<NonNullable<Line>["getCell"]>>;

function lookOf(cell: Cell): Look {
  const looks = { bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
  return cell.isFgPalette() && cell.getFgColor() < 16
    ? { color: cell.getFgColor(), ...looks }
    : looks;
}
