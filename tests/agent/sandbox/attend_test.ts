import assert from "node:assert/strict";
import { attend, type Started } from "../../../src/agent/sandbox/attend.ts";
import { ManualClock } from "../../support/manual_clock.ts";

/** A command that runs until it is ended. */
function endless(): Started & { ended: number } {
  const over = Promise.withResolvers<number>();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const started = {
    ended: 0,
    output: new ReadableStream<Uint8Array>({
      start(given) {
        controller = given;
        given.enqueue(new Uint8Array([1]));
      },
    }),
    exitCode: over.promise,
    end() {
      if (started.ended++ > 0) return;
      over.resolve(137);
      controller?.close();
    },
  };
  return started;
}

const COMMAND = { command: "x", cwd: "/", timeoutMs: 1000 };

Deno.test("attend() ends a command when its time is up", async () => {
  const clock = new ManualClock();
  const started = endless();
  const attending = attend(started, COMMAND, clock);
  await clock.advance(999);
  assert.equal(started.ended, 0);
  await clock.advance(1);
  assert.deepEqual(await attending, { exitCode: 137, timedOut: true, ms: 1000 });
  assert.equal(clock.pending, 0);
});

Deno.test("attend() rejects with the reason of its signal, once the command has ended", async () => {
  const clock = new ManualClock();
  const started = endless();
  const controller = new AbortController();
  const attending = attend(started, { ...COMMAND, signal: controller.signal }, clock);
  controller.abort("enough");
  await assert.rejects(attending, (reason) => reason === "enough");
  assert.equal(started.ended, 1);
  assert.equal(clock.pending, 0);
});

Deno.test("attend() says that a command never began, unless its time was up", async () => {
  const clock = new ManualClock();
  const check = () => {
    throw new Error("never began");
  };
  const ended = { ...endless(), output: ReadableStream.from([]), exitCode: Promise.resolve(1) };
  await assert.rejects(attend({ ...ended, check }, COMMAND, clock), /never began/);
  const slow = endless();
  const attending = attend(Object.assign(slow, { check }), COMMAND, clock);
  await clock.advance(1000);
  assert.equal((await attending).timedOut, true);
});
