/** What a scenario expects of the requests, as plain data. */
import type { Json } from "./json.ts";
import type { Route } from "./routes.ts";
import type { TextPattern } from "./text_pattern.ts";

/** One or several requests that are expected. Each member that is given must hold. */
export interface Expectation {
  /** What they are for, `responses` by default. */
  readonly route?: Route;
  /** How many must come, 1 by default; 0 means that none may. */
  readonly times?: number | Times;
  /** The model that they name. */
  readonly model?: string;
  /** The effort that they name; `null` means none. */
  readonly effort?: string | null;
  /** The last user text, as a turn's `when` is written. */
  readonly prompt?: string | TextPattern;
  /** Headers, written likewise; `null` means that there is none. */
  readonly headers?: Readonly<Record<string, string | TextPattern | null>>;
  /**
   * Members of the body, a form's too: an object may hold more than is named here, a list must be
   * as long, and everything else be the same.
   */
  readonly body?: Json;
}

/** A bound for how many. */
export interface Times {
  /** The least, 0 by default. */
  readonly atLeast?: number;
  /** The most; any number by default. */
  readonly atMost?: number;
}

/** An expectation that was not met. */
export interface ExpectationProblem {
  /** Which one, as a JSON pointer into the scenario, such as `/expect/1`. */
  readonly path: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What was expected (`-`) and what came (`+`), line by line; empty where nothing came. */
  readonly diff: readonly string[];
}
