/** Holds the requests, as they come, against the list of those that are expected. */
import type { Expectation, ExpectationProblem } from "./expectation.ts";
import { differences } from "./expectation_diff.ts";
import type { RecordedRequest } from "./recorded.ts";

/** An expectation, and how many requests it had. */
interface Entry {
  readonly expected: Expectation;
  readonly path: string;
  readonly atLeast: number;
  readonly atMost: number;
  count: number;
}

/** Whether the expected requests must come in their order. */
export type ExpectationOrder = "strict" | "any";

/**
 * The expectations of a scenario. Only requests of the routes that they name are looked at. One
 * that is not as expected counts all the same, so that those behind it are not told as well.
 */
export class ExpectationBook {
  readonly #entries: readonly Entry[];
  readonly #order: ExpectationOrder;
  readonly #problems: ExpectationProblem[] = [];

  /** Begins to count. */
  constructor(expected: readonly Expectation[], order: ExpectationOrder) {
    this.#entries = expected.map(entryOf);
    this.#order = order;
  }

  /** What is wrong, the requests that are still missing included. */
  get problems(): readonly ExpectationProblem[] {
    return [...this.#problems, ...this.#entries.flatMap(missing)];
  }

  /**
   * Takes a request into account.
   *
   * @param request The request, in the order in which they came.
   * @returns What is wrong with it, if anything is.
   */
  see(request: RecordedRequest): ExpectationProblem | undefined {
    if (!this.#entries.some(({ expected }) => routeOf(expected) === request.route)) {
      return undefined;
    }
    const problem = this.#place(request);
    if (problem !== undefined) this.#problems.push(problem);
    return problem;
  }

  #place(request: RecordedRequest): ExpectationProblem | undefined {
    const forbidden = this.#entries.find((entry) =>
      entry.atMost === 0 && differences(entry.expected, request).length === 0
    );
    if (forbidden !== undefined) {
      return { path: forbidden.path, message: `${titleOf(request)} must not come`, diff: [] };
    }
    const open = this.#open();
    const fitting = open.find((entry) => differences(entry.expected, request).length === 0);
    if (fitting !== undefined) {
      fitting.count += 1;
      return undefined;
    }
    return this.#mismatch(open, request);
  }

  /** Those that may come next: in order, up to the first that is still missing one. */
  #open(): readonly Entry[] {
    const left = this.#entries.filter(({ count, atMost }) => count < atMost);
    if (this.#order === "any") return left;
    const last = this.#entries.findLastIndex(({ count }) => count > 0);
    const next = left.filter((entry) => this.#entries.indexOf(entry) >= last);
    const due = next.findIndex(({ count, atLeast }) => count < atLeast);
    return due < 0 ? next : next.slice(0, due + 1);
  }

  #mismatch(open: readonly Entry[], request: RecordedRequest): ExpectationProblem {
    const [nearest] = open
      .map((entry) => ({ entry, diff: differences(entry.expected, request) }))
      .sort((one, other) => distance(one, request) - distance(other, request));
    if (nearest === undefined) {
      return {
        path: "/expect",
        message: `${titleOf(request)} is one more than expected`,
        diff: [],
      };
    }
    nearest.entry.count += 1;
    return {
      path: nearest.entry.path,
      message: `${titleOf(request)} is not as expected`,
      diff: nearest.diff,
    };
  }
}

/** A request of another route is further away than any difference. */
function distance(
  { entry, diff }: { readonly entry: Entry; readonly diff: readonly string[] },
  { route }: RecordedRequest,
): number {
  return diff.length + (routeOf(entry.expected) === route ? 0 : 1000);
}

function entryOf(expected: Expectation, index: number): Entry {
  const { times = 1 } = expected;
  const bounds = typeof times === "number" ? { atLeast: times, atMost: times } : times;
  const { atLeast = 0, atMost = Infinity } = bounds;
  return { expected, path: `/expect/${index}`, atLeast, atMost, count: 0 };
}

function missing({ expected, path, atLeast, count }: Entry): readonly ExpectationProblem[] {
  if (count >= atLeast) return [];
  const wanted = atLeast === 1 ? "1 request" : `${atLeast} requests`;
  const came = count === 0 ? "none" : `only ${count}`;
  const message = `${wanted} for ${routeOf(expected)} expected, ${came} came`;
  return [{ path, message, diff: [`- ${JSON.stringify(expected)}`] }];
}

function routeOf({ route = "responses" }: Expectation): string {
  return route;
}

function titleOf({ method, path }: RecordedRequest): string {
  return `${method} ${path}`;
}
