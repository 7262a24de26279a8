/** Text from others, made harmless and laid out in the rows of a terminal. Pure. */
import { visible } from "../output.ts";

/** What shows as nothing, or as a blank that is none, and that `visible` lets through. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u2800]|[^\P{Zs} ]/gu;

/**
 * A text in which every character can be seen, for a person who has to judge it: blanks of other
 * kinds and characters of no width are shown as what they are too. Line ends and tabs stay.
 */
export function exact(text: string): string {
  return visible(text).replace(
    UNSEEN,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** A text as one harmless line, without blanks around it: line ends are shown as `\n`, tabs as blanks. */
export function oneLine(text: string): string {
  return visible(text.trim().replaceAll("\n", "\\n").replaceAll("\t", " "));
}

/** The first character that may take two columns; from here on every one is counted as if it did. */
const FIRST_WIDE = 0x1100;
/** How far a tab may reach, in columns. */
const TAB = 8;
const ELLIPSIS = "…";

function widthOf(character: string): number {
  if (character === "\t") return TAB;
  return (character.codePointAt(0) ?? 0) < FIRST_WIDE ? 1 : 2;
}

/** How many columns a text may take. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/**
 * As much of a line as fits.
 *
 * @param text A harmless line.
 * @param columns How many columns there are.
 * @returns All of it, or its beginning with `…` behind.
 */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  // Some terminals give it two columns.
  let left = columns - widthOf(ELLIPSIS);
  let kept = "";
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    kept += character;
  }
  return kept + ELLIPSIS;
}

/** One row of the terminal. */
export interface Row {
  /** What stands in it. */
  readonly text: string;
  /** Whether it goes on with the line of the row before. */
  readonly continues: boolean;
}

/**
 * Lays a text out.
 *
 * @param text A harmless text.
 * @param columns How many columns a row has, 2 at least.
 */
export function rows(text: string, columns: number): Row[] {
  return text.split("\n").flatMap((line) => {
    const laid: Row[] = [];
    let row = "";
    let left = columns;
    for (const character of line) {
      const wide = widthOf(character);
      if (wide > left && row !== "") {
        laid.push({ text: row, continues: laid.length > 0 });
        [row, left] = ["", columns];
      }
      row += character;
      left -= wide;
    }
    laid.push({ text: row, continues: laid.length > 0 });
    return laid;
  });
}
