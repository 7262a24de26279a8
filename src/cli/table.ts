/** Columns of text. */

/**
 * Lays rows out in columns.
 *
 * @param rows Cells of plain text, as many in each row.
 * @returns Lines, each ended, without blanks at their ends.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, cell.length));
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `${cells.join("  ").trimEnd()}\n`;
  }).join("");
}
