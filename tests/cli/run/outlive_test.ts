import assert from "node:assert/strict";
import type { RunEvent } from "../../../src/agent/run_events.ts";
import { ClosedPipe } from "../../../src/cli/output.ts";
import { outliving } from "../../../src/cli/run/outlive.ts";

const event = (message: string): RunEvent => ({ type: "warning", code: "sandbox", message });

Deno.test("outliving() goes on after a failure, tells nothing more, and gives the failure out at the end", async () => {
  const told: RunEvent[] = [];
  const error = new Error("no space");
  const { tell, check } = outliving((event) => {
    told.push(event);
    return told.length === 2 ? Promise.reject(error) : undefined;
  });
  await tell(event("one"));
  check();
  await tell(event("two"));
  await tell(event("three"));
  assert.deepEqual(told, [event("one"), event("two")]);
  assert.throws(check, error);
});

Deno.test("outliving() ends with a reader that has gone", async () => {
  const { tell } = outliving(() => Promise.reject(new ClosedPipe()));
  await assert.rejects(async () => await tell(event("one")), ClosedPipe);
});
