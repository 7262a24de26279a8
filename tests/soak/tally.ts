/** How runs ended, counted by what had happened to them; and what did not end as it should. */
import { print } from "../../tools/process.ts";
import { KIND_NAMES, type Trouble } from "./troubles.ts";

/** More than these are counted, and not shown. */
const SHOWN = 20;

/** Counts ends. */
export class Tally {
  readonly #ends = new Map<string, Map<string, number>>();
  readonly #wrong: string[] = [];
  #runs = 0;

  /** How many ended wrongly. */
  get wrong(): number {
    return this.#wrong.length;
  }

  /**
   * Counts a run.
   *
   * @param run Its number, with which it can be repeated.
   * @param trouble What happened to it.
   * @param end How it ended.
   * @param problems What is wrong with that.
   */
  add(run: number, { name }: Trouble, end: string, problems: readonly string[]): void {
    this.#runs++;
    const counts = this.#ends.get(name) ?? new Map<string, number>();
    counts.set(end, (counts.get(end) ?? 0) + 1);
    this.#ends.set(name, counts);
    for (const problem of problems) this.#wrong.push(`run ${run}, ${name}: ${problem}`);
  }

  /** Prints the table, and what was wrong. */
  show(title: string): void {
    print(`\n${title}`);
    const width = Math.max(...KIND_NAMES.map((name) => name.length));
    for (const name of KIND_NAMES) {
      const counts = this.#ends.get(name) ?? new Map<string, number>();
      const told = [...counts].sort(([, a], [, b]) => b - a).map(([end, n]) => `${n} ${end}`);
      print(`  ${name.padEnd(width)}  ${told.join(", ")}`);
    }
    for (const line of this.#wrong.slice(0, SHOWN)) print(`  WRONG ${line}`);
    print(`  ${this.#runs} runs, ${this.#wrong.length} wrong`);
  }
}
