/** A unified diff as a person reads it: harmless, and coloured where there are colours. Pure. */
import { type Color, paint } from "../color.ts";
import { visible } from "../output.ts";
import type { Row } from "./rows.ts";

/** A diff, harmless, with each line in the colour of what becomes of it. */
export function diffText(diff: string, colored: boolean): string {
  return visible(diff).split("\n").map((line) => paintedAs(line, line, colored)).join("\n");
}

/** Rows of a harmless diff: what goes on with a line has that line's colour. */
export function diffRows(rows: readonly Row[], colored: boolean): string[] {
  let line = "";
  return rows.map(({ text, continues }) => {
    if (!continues) line = text;
    return paintedAs(line, text, colored);
  });
}

function paintedAs(line: string, text: string, colored: boolean): string {
  const color = colored && text !== "" ? COLORS[line.slice(0, 1)] : undefined;
  return color === undefined ? text : paint(color, text);
}

const COLORS: Readonly<Record<string, Color>> = { "+": "green", "-": "red", "@": "dim" };
