/** Text from others, made harmless and laid out in the rows of a terminal. Pure. */
import { visible } from "../output.ts";
import { widthOf } from "../width.ts";

/**
 * A text in which every character can be seen, for a person who has to judge it: blanks of other
 * kinds and characters of no width are shown as what they are too. Line ends and tabs stay.
 */
export function exact(text: string): string {
  // What shows as nothing, or as a blank that is none, and that `visible` lets through.
  return visible(text).replace(
    /[\p{Default_Ignorable_Code_Point}\u2800]|[^\P{Zs} ]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** A text as one harmless line, without blanks around it: line ends are shown as `\n`, tabs as blanks. */
export function oneLine(text: string): string {
  return visible(text.trim().replaceAll("\n", "\\n").replaceAll("\t", " "));
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
