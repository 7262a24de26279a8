import assert from "node:assert/strict";
import { acquireLock, type LockHandle } from "../../src/auth/lock.ts";
import { type CodexError, isCodexError } from "../../src/base/errors.ts";
import type { Clock } from "../../src/base/clock.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { TempDir } from "../support/temp_dir.ts";

/** A clock that notes the waits and lets each end at once. */
class NotingClock implements Clock {
  readonly waits: number[] = [];
  now(): number {
    return 0;
  }
  after(ms: number, fire: () => void): () => void {
    this.waits.push(ms);
    queueMicrotask(fire);
    return () => {};
  }
}

/** A clock whose waits end one by one, when the test lets them. */
class SteppedClock implements Clock {
  #waits: (() => void)[] = [];
  #begun = Promise.withResolvers<void>();
  now(): number {
    return 0;
  }
  after(_ms: number, fire: () => void): () => void {
    this.#waits.push(fire);
    this.#begun.resolve();
    return () => this.#waits = this.#waits.filter((other) => other !== fire);
  }
  get pending(): number {
    return this.#waits.length;
  }
  /** Waits until somebody waits. */
  async begun(): Promise<void> {
    while (this.#waits.length === 0) await this.#begun.promise;
  }
  /** Ends the wait that is under way, and waits for the next one. */
  async step(): Promise<void> {
    await this.begun();
    this.#begun = Promise.withResolvers();
    this.#waits.shift()?.();
    await this.begun();
  }
  /** Ends the wait that is under way. */
  release(): void {
    this.#waits.shift()?.();
  }
}

/** A lock file that answers as it is told, for ever with the last answer. */
function handle(...answers: (boolean | Error)[]): LockHandle & { closed: number } {
  return {
    closed: 0,
    tryLock() {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? false);
    },
    stat: () => Promise.resolve({ dev: 0, ino: 0 }),
    close() {
      this.closed++;
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<CodexError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(isCodexError(error, "store_unavailable"), String(error));
  return error;
}

Deno.test("acquireLock() makes the lock file with mode 0600 and leaves it there", async () => {
  await using dir = await TempDir.make();
  {
    using lock = await acquireLock(dir.join("a.lock"));
    assert.equal(lock.path, dir.join("a.lock"));
  }
  const { mode, size } = await Deno.stat(dir.join("a.lock"));
  assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.equal(size, 0);
});

Deno.test("acquireLock() needs no timer when nobody is in the way", async () => {
  await using dir = await TempDir.make();
  const clock = new NotingClock();
  for (let time = 0; time < 3; time++) {
    using _ = await acquireLock(dir.join("a.lock"), { clock });
  }
  assert.deepEqual(clock.waits, []);
});

Deno.test("acquireLock() lets a second holder of the same process in after the first", async () => {
  await using dir = await TempDir.make();
  const order: string[] = [];
  const first = await acquireLock(dir.join("a.lock"));
  const second = acquireLock(dir.join("a.lock")).then((lock) => {
    order.push("second");
    return lock;
  });
  const clock = new NotingClock();
  await failure(acquireLock(dir.join("a.lock"), { clock, timeoutMs: 50 }));
  order.push("first done");
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  assert.deepEqual(order, ["first done", "second"]);
});

Deno.test("acquireLock() excludes the flock program and is excluded by it", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("a.lock");
  const flock = () => new Deno.Command("flock", { args: ["-n", path, "true"] }).output();
  {
    using _ = await acquireLock(path);
    assert.equal((await flock()).code, 1);
  }
  assert.equal((await flock()).code, 0);
});

Deno.test("acquireLock() waits 5 ms first, then half as much again up to 100 ms", async () => {
  await using dir = await TempDir.make();
  using _ = await acquireLock(dir.join("a.lock"));
  const clock = new NotingClock();
  await failure(acquireLock(dir.join("a.lock"), { clock, random: () => 0, timeoutMs: 600 }));
  assert.deepEqual(clock.waits.map(Math.round), [5, 8, 11, 17, 25, 38, 57, 85, 100, 100, 100, 54]);
  assert.equal(Math.round(clock.waits.reduce((sum, ms) => sum + ms)), 600);
});

Deno.test("acquireLock() adds as much again by chance, so that waiters part", async () => {
  await using dir = await TempDir.make();
  using _ = await acquireLock(dir.join("a.lock"));
  const clock = new NotingClock();
  await failure(acquireLock(dir.join("a.lock"), { clock, random: () => 0.5, timeoutMs: 20 }));
  assert.deepEqual(clock.waits.map(Math.round), [8, 11, 1]);
});

Deno.test("acquireLock() gives up at the deadline, and names the file and the time", async () => {
  await using dir = await TempDir.make();
  using _ = await acquireLock(dir.join("a.lock"));
  const clock = new ManualClock();
  const error = await failure(clock.run(acquireLock(dir.join("a.lock"), { clock }), 100));
  assert.equal(
    error.message,
    `Another process has kept "${dir.join("a.lock")}" locked for 60 s`,
  );
  assert.match(error.hint ?? "", /other codex process/);
  assert.equal(error.retryable, true);
  assert.equal(clock.pending, 0);
});

Deno.test("acquireLock() with no time tries once", async () => {
  await using dir = await TempDir.make();
  const clock = new NotingClock();
  const lock = await acquireLock(dir.join("a.lock"), { clock, timeoutMs: 0 });
  await failure(acquireLock(dir.join("a.lock"), { clock, timeoutMs: 0 }));
  lock[Symbol.dispose]();
  assert.deepEqual(clock.waits, []);
});

Deno.test("acquireLock() gives up with the signal's reason, and leaves nothing waiting", async () => {
  await using dir = await TempDir.make();
  using _ = await acquireLock(dir.join("a.lock"));
  const clock = new SteppedClock();
  const controller = new AbortController();
  const reason = new Error("enough");
  const waiting = acquireLock(dir.join("a.lock"), { clock, signal: controller.signal })
    .then(() => assert.fail("locked"), (error: unknown) => error);
  await clock.step();
  controller.abort(reason);
  assert.equal(await waiting, reason);
  assert.equal(clock.pending, 0);
});

Deno.test("acquireLock() opens nothing for a signal that is aborted already", async () => {
  await using dir = await TempDir.make();
  const reason = new Error("enough");
  await assert.rejects(
    acquireLock(dir.join("a.lock"), { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  assert.deepEqual(await dir.list(), []);
});

Deno.test("acquireLock() starts again when the lock file was deleted while it waited", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("a.lock");
  const first = await acquireLock(path);
  const clock = new SteppedClock();
  const waiting = acquireLock(path, { clock });
  await clock.begun();
  await Deno.remove(path);
  const third = await acquireLock(path, { timeoutMs: 0 });
  first[Symbol.dispose]();
  // The waiter gets the deleted file now, and must not take it for the lock; then the new one,
  // which is taken.
  await clock.step();
  await clock.step();
  third[Symbol.dispose]();
  clock.release();
  using _ = await waiting;
  await failure(acquireLock(path, { timeoutMs: 0 }));
});

Deno.test("acquireLock() tries again when a signal of the system interrupts it", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.lock", "");
  using file = await Deno.open(path, { write: true });
  let tries = 0;
  const open = (): Promise<LockHandle> =>
    Promise.resolve({
      tryLock: (exclusive) =>
        ++tries < 3
          ? Promise.reject(new Deno.errors.Interrupted("EINTR"))
          : file.tryLock(exclusive),
      stat: () => file.stat(),
      close: () => {},
    });
  const clock = new NotingClock();
  using _ = await acquireLock(path, { open, clock });
  assert.equal(tries, 3);
  assert.deepEqual(clock.waits, []);
});

const NO_LOCKS: readonly (readonly [name: string, error: Error])[] = [
  ["ENOLCK", new Error("No locks available (os error 37)")],
  ["ENOSYS", new Error("Function not implemented (os error 38)")],
  [
    "EOPNOTSUPP",
    Object.assign(new Error("Operation not supported (os error 95)"), { code: "ENOTSUP" }),
  ],
  ["EINVAL", Object.assign(new TypeError("Invalid argument (os error 22)"), { code: "EINVAL" })],
];

for (const [name, thrown] of NO_LOCKS) {
  Deno.test(`acquireLock() never goes on without a lock when the system says ${name}`, async () => {
    const file = handle(thrown);
    const error = await failure(acquireLock("/x/a.lock", { open: () => Promise.resolve(file) }));
    assert.equal(
      error.message,
      `Cannot lock "/x/a.lock": its file system has no locks (${thrown.message})`,
    );
    assert.match(error.hint ?? "", /local disk/);
    assert.equal(error.cause, thrown);
    assert.equal(file.closed, 1);
  });
}

Deno.test("acquireLock() closes the file when it gives up", async () => {
  const file = handle(false);
  const open = () => Promise.resolve(file);
  await failure(acquireLock("/x/a.lock", { open, clock: new NotingClock(), timeoutMs: 10 }));
  assert.equal(file.closed, 1);
});

Deno.test("acquireLock() says why the lock file cannot be opened", async () => {
  await using dir = await TempDir.make();
  const error = await failure(acquireLock(dir.join("missing", "a.lock")));
  assert.match(error.message, /^Cannot open the lock file ".*a\.lock": its folder is missing$/);
  assert.ok(error.hint);
});

Deno.test("acquireLock() refuses a link, a folder and a pipe in the lock file's place", async () => {
  await using dir = await TempDir.make();
  await Deno.symlink(dir.join("elsewhere"), dir.join("link.lock"));
  await Deno.mkdir(dir.join("folder.lock"));
  await new Deno.Command("mkfifo", { args: [dir.join("pipe.lock")] }).output();
  for (const name of ["link.lock", "folder.lock", "pipe.lock"]) {
    const error = await failure(acquireLock(dir.join(name)));
    assert.match(error.message, /the lock file is not a regular file$/);
  }
  assert.ok(!(await dir.list()).includes("elsewhere"));
});

Deno.test("acquireLock() leaves a missing permission of Deno's as it is", async () => {
  const open = () => Promise.reject(new Deno.errors.NotCapable("Requires write access"));
  await assert.rejects(acquireLock("/x/a.lock", { open }), Deno.errors.NotCapable);
});

Deno.test({
  name: "acquireLock() leaves no lock file that is another's than it shall be, and none is lost",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using dir = await TempDir.make();
    const path = dir.join("a.lock");
    const owner = (Deno.uid() ?? 0) + 1;
    const first = await acquireLock(path, { owner, mode: 0o644 });
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o644, 0o644);
    const clock = new SteppedClock();
    const waiting = acquireLock(path, { clock, owner });
    await clock.begun();
    first[Symbol.dispose]();
    assert.deepEqual(await dir.list(), []);
    // What it waited for is gone: it takes the one that is there next, as a third one does.
    await clock.step();
    clock.release();
    using second = await waiting;
    assert.equal(second.path, path);
    await failure(acquireLock(path, { timeoutMs: 0 }));
  },
});
