import assert from "node:assert/strict";
import { eventLines } from "../../src/cli/event_lines.ts";
import { ClosedPipe, Output } from "../../src/cli/output.ts";
import { ManualClock } from "../support/manual_clock.ts";

Deno.test("eventLines() writes one event a line, each when it comes", async () => {
  const writes: string[] = [];
  const sink = {
    write(bytes: Uint8Array) {
      writes.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  const print = eventLines(new Output(sink, new ManualClock()));
  await print({ type: "step-start", step: 1 });
  await print({ type: "text-delta", id: "a", delta: "line\nline" });
  assert.deepEqual(writes, [
    '{"type":"step-start","step":1}\n',
    '{"type":"text-delta","id":"a","delta":"line\\nline"}\n',
  ]);
});

Deno.test("eventLines() tells that its reader has gone", async () => {
  const sink = { write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")) };
  const print = eventLines(new Output(sink, new ManualClock()));
  await assert.rejects(print({ type: "step-start", step: 1 }), ClosedPipe);
});
