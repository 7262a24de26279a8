/** How many columns of a terminal a text takes, and what of it fits. Pure. */

/** The first character that may take two columns; from here on every one is counted as if it did. */
const FIRST_WIDE = 0x1100;
/** How far a tab may reach, in columns. */
const TAB = 8;
const ELLIPSIS = "…";

/** How many columns a character may take. */
export function widthOf(character: string): number {
  if (character === "\t") return TAB;
  return (character.codePointAt(0) ?? 0) < FIRST_WIDE ? 1 : 2;
}

/** How many columns a text may take. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** As much of a harmless line as fits, and no sign that something is missing. */
export function fitting(text: string, columns: number): string {
  let left = columns;
  let kept = "";
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
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
  return fitting(text, columns - widthOf(ELLIPSIS)) + ELLIPSIS;
}
