/**
 * Draws a session as one SVG that moves by CSS alone: light and dark as the reader has it, still
 * (with the last screen) where movement is not wanted, its text selectable, nothing fetched. Pure.
 */
import type { Frame, Look, Span } from "./frames.ts";

/** How the picture is made. */
export interface PictureOptions {
  readonly columns: number;
  readonly rows: number;
  /** What it shows, for those who do not see it. */
  readonly title: string;
  /** How long the last screen stays. */
  readonly holdMs: number;
}

/** A column's width and a row's height, in pixels; the letters take what the columns give. */
const COLUMN = 8.4;
const ROW = 19;
const FONT = 14;
const MARGIN = 18;

/** From a row's upper edge to the line on which its letters stand. */
const BASE = 14;

/** The classes of looks: of colours, those that the command uses. */
const COLORS: Readonly<Record<number, string>> = { 1: "r", 2: "g", 3: "y" };

const LIGHT = "--b:#fff;--e:#d1d9e0;--t:#1f2328;--d:#59636e;--r:#cf222e;--g:#1a7f37;--y:#9a6700";
const DARK = "--b:#0d1117;--e:#3d444d;--t:#e6edf3;--d:#9198a1;--r:#ff7b72;--g:#3fb950;--y:#d29922";

/** A row of text, and when it is seen. */
interface Shown {
  readonly row: number;
  readonly spans: readonly Span[];
  /** In which frames. */
  readonly frames: readonly boolean[];
}

/**
 * Draws the frames.
 *
 * @param frames In their order, at least one.
 * @param options Size and title.
 */
export function svg(frames: readonly Frame[], options: PictureOptions): string {
  const width = Math.ceil(options.columns * COLUMN) + 2 * MARGIN;
  const height = options.rows * ROW + 2 * MARGIN;
  const total = (frames.at(-1)?.at ?? 0) + options.holdMs;
  const times = frames.map(({ at }) => percent(at / total));
  const groups = Object.values(Object.groupBy(shown(frames), ({ frames }) => frames.join()))
    .filter((group) => group !== undefined);
  const rules = groups.map(([one], index) =>
    `@keyframes k${index}{${
      visibility(one?.frames ?? [], times)
    }}.k${index}{animation-name:k${index}}`
  );
  const end = frames.at(-1)?.cursor ?? { row: 0, column: 0 };
  const style = [
    `svg{${LIGHT}}@media(prefers-color-scheme:dark){svg{${DARK}}}`,
    `text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;` +
    "fill:var(--t);white-space:pre}",
    ".b{font-weight:700}.d{fill:var(--d)}.r{fill:var(--r)}.g{fill:var(--g)}.y{fill:var(--y)}",
    `.f{visibility:hidden}.z{visibility:visible}.c{fill:var(--d);transform:${place(end)}}`,
    "@media(prefers-reduced-motion:no-preference){" +
    `.f,.c{animation:${(total / 1000).toFixed(2)}s step-end infinite}.c{animation-name:c}`,
    `@keyframes c{${moves(frames, times)}}`,
    ...rules,
    "}",
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" role="img" aria-labelledby="t"><title id="t">${
      escape(options.title)
    }</title>`,
    `<style>${style.join("\n")}</style>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="var(--b)" ` +
    `stroke="var(--e)"/>`,
    `<rect class="c" width="${COLUMN}" height="${ROW - 2}"/>`,
    ...groups.map((group, index) =>
      `<g class="f k${index}${group[0]?.frames.at(-1) ? " z" : ""}">${
        group.map(({ row, spans }) => spans.map((span) => text(row, span)).join("")).join("")
      }</g>`
    ),
    "</svg>\n",
  ].join("\n");
}

/** Every row of every frame once, with the frames in which it is there. */
function shown(frames: readonly Frame[]): Shown[] {
  const found = new Map<string, { row: number; spans: readonly Span[]; frames: boolean[] }>();
  for (const [index, { rows }] of frames.entries()) {
    for (const [row, spans] of rows.entries()) {
      if (spans.length === 0) continue;
      const key = `${row} ${JSON.stringify(spans)}`;
      const one = found.get(key) ?? { row, spans, frames: frames.map(() => false) };
      one.frames[index] = true;
      found.set(key, one);
    }
  }
  return [...found.values()];
}

/** The steps of a row's visibility: only where it changes. */
function visibility(frames: readonly boolean[], times: readonly string[]): string {
  return frames.flatMap((isSeen, index) =>
    index > 0 && frames[index - 1] === isSeen
      ? []
      : [`${times[index]}{visibility:${isSeen ? "visible" : "hidden"}}`]
  ).join("");
}

/** The steps of the cursor. */
function moves(frames: readonly Frame[], times: readonly string[]): string {
  return frames.flatMap(({ cursor }, index) => {
    const last = frames[index - 1]?.cursor;
    if (last?.row === cursor.row && last.column === cursor.column) return [];
    return [`${times[index]}{transform:${place(cursor)}}`];
  }).join("");
}

function place({ row, column }: Frame["cursor"]): string {
  return `translate(${pixels(MARGIN + column * COLUMN)}px,${MARGIN + row * ROW}px)`;
}

function text(row: number, { column, width, text, look }: Span): string {
  const x = pixels(MARGIN + column * COLUMN);
  const y = MARGIN + row * ROW + BASE;
  const name = classOf(look);
  // The columns stay in line whatever font there is.
  const fit = width > 1 ? ` textLength="${pixels(width * COLUMN)}"` : "";
  return `<text${name} x="${x}" y="${y}"${fit}>${escape(text)}</text>`;
}

function classOf({ color, bold, dim }: Look): string {
  const names = [COLORS[color ?? -1] ?? "", bold ? "b" : "", dim ? "d" : ""].filter(Boolean);
  return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
}

function pixels(value: number): number {
  return Math.round(value * 10) / 10;
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
