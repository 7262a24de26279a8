/** What goes wrong on a route: told before or after the request took effect, once or for ever. */
import type { Json } from "./json.ts";
import type { Route } from "./routes.ts";
import type { ConnectionFault } from "./turns.ts";

/** Something that goes wrong on a route. */
export interface Fault {
  /** Where; `any` means on every route. */
  readonly route: Route | "any";
  /** How many requests it spoils, 1 by default. */
  readonly times?: number | "always";
  /** How many requests it lets pass before. */
  readonly skip?: number;
  /** Answers with this status. */
  readonly status?: number;
  /** The body: a string as it is, anything else as JSON. */
  readonly body?: Json;
  /** The body as base64, where it is no text. */
  readonly base64?: string;
  /** Headers of the answer; they are added to the real one where no status is given. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Waits so long first, in milliseconds of the simulator's clock. */
  readonly delayMs?: number;
  /** Breaks the connection after so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** Sends nothing more after so many bytes of the body, and leaves the connection open. */
  readonly stallAfterBytes?: number;
  /** Sends the body so many bytes at a time. */
  readonly bytesPerWrite?: number;
  /** The pause between two such writes, in milliseconds of the simulator's clock. */
  readonly writeEveryMs?: number;
  /** Drops the connection, or leaves it without an answer. */
  readonly connection?: ConnectionFault;
  /**
   * Lets the request take effect before its answer is spoilt: with `connection: "reset"` on
   * `refresh`, the token is rotated and the new one lost.
   */
  readonly effect?: boolean;
}

/**
 * Something goes wrong on a route.
 *
 * @param route Where.
 * @param details What: a status and body, a delay, a dropped connection; and how often.
 * @returns The fault, for {@linkcode Scenario.faults} or {@linkcode Simulator.fail}.
 *
 * @example The first poll meets an overloaded server, and one refresh answer is lost
 * ```ts
 * import { createSimulator, fault } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({
 *   faults: [
 *     fault("device-poll", { status: 503 }),
 *     fault("refresh", { connection: "reset", effect: true }),
 *   ],
 * });
 * ```
 */
export function fault(route: Route | "any", details: Omit<Fault, "route">): Fault {
  return { route, ...details };
}

/** A fault, and which of all that were added it is. */
export interface NumberedFault {
  /** The fault. */
  readonly fault: Fault;
  /** Its place, counted from 0. */
  readonly index: number;
}

interface Pending extends NumberedFault {
  skip: number;
  left: number;
}

/** The faults that are still to come. */
export class FaultPlan {
  #pending: Pending[] = [];
  #added = 0;

  /** Adds faults. */
  add(faults: readonly Fault[]): void {
    for (const fault of faults) {
      const { times = 1, skip = 0 } = fault;
      const left = times === "always" ? Infinity : times;
      this.#pending.push({ fault, index: this.#added++, skip, left });
    }
  }

  /** The fault of a request that has come, if it is to be spoilt. */
  take(route: Route): NumberedFault | undefined {
    for (const pending of this.#pending) {
      if (pending.fault.route !== "any" && pending.fault.route !== route) continue;
      if (pending.skip > 0) {
        pending.skip -= 1;
        continue;
      }
      pending.left -= 1;
      if (pending.left <= 0) this.#pending = this.#pending.filter((other) => other !== pending);
      return pending;
    }
    return undefined;
  }
}
