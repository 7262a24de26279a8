/** Measuring several programs beside each other, fairly. */

/**
 * Measures each of some programs as often as there are rounds. All take turns, each round from
 * another place, so that nobody's turn is always after the same neighbour's.
 *
 * @param all The programs.
 * @param rounds How many rounds count.
 * @param warmUp How many go before, for caches of code on disk and of files in memory.
 * @param measure Measures one of them once.
 * @returns What was measured, round by round.
 */
export async function inTurns<P, V>(
  all: readonly P[],
  rounds: number,
  warmUp: number,
  measure: (one: P) => Promise<V>,
): Promise<ReadonlyMap<P, readonly V[]>> {
  const found = new Map<P, V[]>(all.map((one) => [one, []]));
  for (let round = -warmUp; round < rounds; round++) {
    const from = (round + warmUp) % all.length;
    for (const one of [...all.slice(from), ...all.slice(0, from)]) {
      const value = await measure(one);
      if (round >= 0) found.get(one)?.push(value);
    }
  }
  return found;
}

/** The middle of some values; of two in the middle, their mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}
