/**
 * Events on their way from the network to one reader, in batches, so that no event costs a promise
 * before it is asked for. What is in it is bounded by the writer, who waits while it is full.
 */

/**
 * How much may wait while nobody reads, in bytes of the network: more than a usual answer, so that
 * it can be awaited first and looked at afterwards.
 */
export const QUEUE_BOUND: number = 1024 * 1024;

/** How much may wait for a reader: enough to keep it busy, and too little to grow old in memory. */
export const READ_AHEAD: number = 64 * 1024;

interface Batch<T> {
  readonly events: readonly T[];
  readonly weight: number;
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/** A queue of events with one writer and one reader. */
export class EventQueue<T> {
  readonly #onTaken: () => void;
  #batches: Batch<T>[] = [];
  #next = 0;
  #weight = 0;
  #waiters: Waiter<T>[] = [];
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;

  /** @param onTaken Told whenever a batch has been read. */
  constructor(onTaken: () => void = () => {}) {
    this.#onTaken = onTaken;
  }

  /** How much waits. */
  get weight(): number {
    return this.#weight;
  }

  /** Whether every event has been taken. */
  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Whether somebody waits for an event now. */
  get awaited(): boolean {
    return this.#waiters.length > 0;
  }

  /** Adds a batch at the end. */
  push(events: readonly T[], weight: number): void {
    if (this.#ended || events.length === 0) return;
    this.#batches.push({ events, weight });
    this.#weight += weight;
    while (this.#waiters.length > 0) {
      const value = this.take();
      if (value === undefined) break;
      this.#waiters.shift()?.resolve({ done: false, value });
    }
  }

  /** No more will come: what waits is still given, then the failure, if there is one. */
  end(failure?: { readonly reason: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
  }

  /** Drops what waits. */
  clear(): void {
    this.#batches = [];
    this.#next = 0;
    this.#weight = 0;
    this.#onTaken();
  }

  /** The next event, if one is there already. */
  take(): T | undefined {
    const batch = this.#batches[0];
    if (batch === undefined) return undefined;
    const event = batch.events[this.#next++];
    if (this.#next >= batch.events.length) {
      this.#batches.shift();
      this.#next = 0;
      this.#weight -= batch.weight;
      this.#onTaken();
    }
    return event;
  }

  /** The next event, once there is one. */
  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    return new Promise((resolve, reject) => {
      if (this.#ended) this.#settle({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  #settle({ resolve, reject }: Waiter<T>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) resolve({ done: true, value: undefined });
    else reject(failure.reason);
  }
}
