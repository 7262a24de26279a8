/** What the live check found: facts that documents only report, each with yes, no or open. */

/** What became of a fact. */
export type Verdict = "yes" | "no" | "open";

/** Collects findings, and prints each as it comes. */
export class Findings {
  readonly #print: (line: string) => void;
  readonly #counts: Record<Verdict, number> = { yes: 0, no: 0, open: 0 };
  #failures = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Begins a part. */
  title(text: string): void {
    this.#print(`\n${text}`);
  }

  /** Something worth knowing that is no yes or no. */
  note(text: string): void {
    this.#print(`        ${text}`);
  }

  /**
   * Settles a fact.
   *
   * @param fact The fact, as a sentence that may be right or wrong.
   * @param holds Whether it is right; `undefined` when that could not be seen.
   * @param why What was seen.
   */
  settle(fact: string, holds: boolean | undefined, why = ""): void {
    const verdict: Verdict = holds === undefined ? "open" : holds ? "yes" : "no";
    this.#counts[verdict]++;
    this.#print(`  ${verdict.padEnd(5)} ${fact}${why === "" ? "" : ` (${why})`}`);
  }

  /** A part of the main job did not work. */
  failed(what: string, error: unknown): void {
    this.#failures++;
    const words = error instanceof Error ? `${codeOf(error)}${error.message}` : String(error);
    this.#print(`  FAILED ${what}: ${words}`);
  }

  /** Prints the sum, and tells whether the main job worked. */
  end(): boolean {
    const { yes, no, open } = this.#counts;
    this.#print(`\n${yes} yes, ${no} no, ${open} open, ${this.#failures} failed`);
    return this.#failures === 0;
  }
}

function codeOf(error: Error): string {
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? `${code}: ` : "";
}
