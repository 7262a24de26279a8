/** What the simulator was asked. */
import type { Route } from "./routes.ts";

/** A request that the simulator received. */
export interface RecordedRequest {
  /** What it was for. */
  readonly route: Route;
  /** `GET`, `POST` and so on. */
  readonly method: string;
  /** The whole address. */
  readonly url: string;
  /** The path of the address. */
  readonly path: string;
  /** The parameters of the address. */
  readonly query: Readonly<Record<string, string>>;
  /** The headers, their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, decompressed. */
  readonly body: string;
  /** The parsed body, where it is JSON; else `undefined`. */
  readonly json: unknown;
  /** The fields of the body, where it is a form; else `undefined`. */
  readonly form: Readonly<Record<string, string>> | undefined;
  /** When it came, by the simulator's clock. */
  readonly at: number;
  /** The status that it was answered with; absent when the connection was dropped. */
  readonly status?: number;
  /** Which of the turns answered it, counted from 0 over all that were given; absent for none. */
  readonly turn?: number;
  /** Which of the faults spoilt it, counted likewise. */
  readonly fault?: number;
}

/** How many requests are kept: enough for any test, and a bound for a long run. */
const KEPT = 10_000;

/** Keeps the requests in the order in which they came, the oldest dropped beyond 10,000. */
export class RequestLog {
  readonly #kept: RecordedRequest[] = [];

  /** The requests so far; the array grows. */
  get all(): readonly RecordedRequest[] {
    return this.#kept;
  }

  /** Adds one, and gives it back so that its status can be noted. */
  add(request: RecordedRequest): { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] } {
    if (this.#kept.length >= KEPT) this.#kept.shift();
    const kept = { ...request };
    this.#kept.push(kept);
    return kept;
  }

  /** Forgets all. */
  clear(): void {
    this.#kept.length = 0;
  }
}
