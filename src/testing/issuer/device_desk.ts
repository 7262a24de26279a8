/** Attempts to sign in with a code: begun by a program, decided by a user. */
import type { Clock } from "../../base/clock.ts";
import type { Ids } from "../ids.ts";

/** One attempt to sign in with a code. */
export interface Device {
  /** What the user types. */
  readonly userCode: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** How often it was asked about. */
  polls: number;
  /** When it was asked about last. */
  lastPoll: number | undefined;
  /** What was decided, if anything. */
  decision: "approve" | "deny" | undefined;
  /** What was given for it, the same however often it is asked for. */
  grant:
    | { readonly code: string; readonly verifier: string; readonly challenge: string }
    | undefined;
}

/** The attempts that were begun. */
export class DeviceDesk {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #devices = new Map<string, Device>();

  /** Makes a desk without any attempt. */
  constructor(clock: Clock, ids: Ids) {
    this.#clock = clock;
    this.#ids = ids;
  }

  /** Begins an attempt. */
  begin(lifetimeSeconds: number): { readonly id: string; readonly device: Device } {
    const id = this.#ids.make("deviceauth");
    const device: Device = {
      userCode: `SIMU-${String(this.#ids.next()).padStart(5, "0")}`,
      expiresAt: this.#clock.now() + lifetimeSeconds * 1000,
      polls: 0,
      lastPoll: undefined,
      decision: undefined,
      grant: undefined,
    };
    this.#devices.set(id, device);
    return { id, device };
  }

  /** The attempt that a poll names by both its names. */
  find(id: string | undefined, userCode: string | undefined): Device | undefined {
    const device = id === undefined ? undefined : this.#devices.get(id);
    return device?.userCode === userCode ? device : undefined;
  }

  /** Decides the attempt whose code a user typed; `false` when there is none. */
  decide(userCode: string, decision: "approve" | "deny"): boolean {
    const wanted = userCode.trim().toUpperCase();
    for (const device of this.#devices.values()) {
      if (device.userCode !== wanted || device.expiresAt <= this.#clock.now()) continue;
      device.decision ??= decision;
      return true;
    }
    return false;
  }
}
