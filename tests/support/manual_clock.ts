import type { Clock } from "../../src/base/clock.ts";

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  #timers: { at: number; fire: () => void }[] = [];

  constructor(now: number = Date.parse("2027-01-15T08:00:00Z")) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fire: () => void): () => void {
    const timer = { at: this.#now + ms, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many calls are waiting for their time. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on, and lets everything that this sets off run before it returns. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = end;
    await settle();
  }

  /** Moves on in steps until a promise settles, for work whose waits a test does not count. */
  async run<T>(work: Promise<T>, stepMs = 1000, maxSteps = 10_000): Promise<T> {
    let done = false;
    const finish = () => done = true;
    work.then(finish, finish);
    for (let step = 0; !done && step < maxSteps; step++) {
      await this.advance(stepMs);
      // Cryptography is done by other threads, in time that is not this clock's: what was asked of
      // them before is done when this is.
      if (!done) await crypto.subtle.digest("SHA-256", new Uint8Array(1));
    }
    if (!done) throw new Error("the work did not settle while the clock was run");
    return await work;
  }
}

/** Lets pending promises and I/O callbacks run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
