/** Which of some names somebody may have meant. */

/**
 * Sorts names by how few changes of a letter make them the wanted one.
 *
 * @param wanted What was asked for.
 * @param names What there is; names equally near keep their order.
 * @returns The names, nearest first.
 */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  // No real name is longer, and the work grows with the square.
  const target = wanted.slice(0, 64).toLowerCase();
  return names
    .map((name) => ({ name, distance: distance(target, name.slice(0, 64).toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
}

/** The Levenshtein distance, with one row of its table at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + change),
      );
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
