/** The simulator's time: the machine's own, which a test can push on, or one that stands still. */
import type { Clock } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";

/** Time as the simulator sees it; give it to the client as well, so that both agree. */
export interface SimulatorClock extends Clock {
  /**
   * Moves on at once, and lets everything that this sets off run before it resolves.
   *
   * @param ms How far, in milliseconds.
   * @throws CodexError `invalid_usage` for no time, or one that has passed.
   */
  advance(ms: number): Promise<void>;
}

/** A longer timer would fire at once: its length is kept in 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

interface Alarm {
  readonly at: number;
  readonly fire: () => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The clock of a simulator; {@linkcode SimulatorTime.cancel} ends all its waits. */
export class SimulatorTime implements SimulatorClock, Disposable {
  readonly #frozen: boolean;
  #offset: number;
  #alarms = new Set<Alarm>();

  /** A clock that runs, and shows this instant now. */
  static from(instant: number): SimulatorTime {
    const time = new SimulatorTime();
    time.#offset = instant - Date.now();
    return time;
  }

  /**
   * Makes a clock.
   *
   * @param frozenAt Where it stands still, in milliseconds since the epoch; `undefined` makes it
   * run with the machine's.
   */
  constructor(frozenAt?: number) {
    this.#frozen = frozenAt !== undefined;
    this.#offset = frozenAt ?? 0;
  }

  /** The present instant in milliseconds since the epoch. */
  now(): number {
    return this.#frozen ? this.#offset : Date.now() + this.#offset;
  }

  /** Calls back once, later. */
  after(ms: number, fire: () => void): () => void {
    const alarm: Alarm = { at: this.now() + ms, fire, timer: undefined };
    this.#alarms.add(alarm);
    this.#arm(alarm);
    return () => this.#drop(alarm);
  }

  /** Moves on at once. */
  async advance(ms: number): Promise<void> {
    if (typeof ms !== "number" || !(ms >= 0)) {
      throw new CodexError("invalid_usage", "A clock is not advanced by what is no time", {
        hint: "Give advance() a number of 0 or more milliseconds",
      });
    }
    const end = this.now() + ms;
    for (;;) {
      await settle();
      const next = [...this.#alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#moveTo(next.at);
      this.#ring(next);
    }
    this.#moveTo(end);
    for (const alarm of this.#alarms) this.#arm(alarm);
    await settle();
  }

  /** Forgets every call that is still to come. */
  [Symbol.dispose](): void {
    for (const alarm of this.#alarms) this.#drop(alarm);
  }

  #moveTo(instant: number): void {
    this.#offset += Math.max(0, instant - this.now());
  }

  #arm(alarm: Alarm): void {
    if (this.#frozen) return;
    clearTimeout(alarm.timer);
    const left = Math.max(0, alarm.at - this.now());
    alarm.timer = left > LONGEST_MS
      ? setTimeout(() => this.#arm(alarm), LONGEST_MS)
      : setTimeout(() => this.#ring(alarm), left);
  }

  #ring(alarm: Alarm): void {
    this.#drop(alarm);
    alarm.fire();
  }

  #drop(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    this.#alarms.delete(alarm);
  }
}

/** Lets pending promises and I/O callbacks run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve();
  port2.postMessage(0);
  await promise;
  port1.close();
  port2.close();
}
