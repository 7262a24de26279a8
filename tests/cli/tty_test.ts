import assert from "node:assert/strict";
import { Messages } from "../../src/cli/output.ts";
import { mayAsk } from "../../src/cli/tty.ts";
import { ManualClock } from "../support/manual_clock.ts";

Deno.test("mayAsk() wants a terminal to ask on, somebody who looks, and no word against it", async () => {
  const cli = (isTerminal: boolean) => ({
    stderr: new Messages((bytes) => bytes.length, isTerminal),
    clock: new ManualClock(),
  });
  let looks = 0;
  const tty = (isThere: boolean) => () => {
    looks++;
    return Promise.resolve({ isThere: () => Promise.resolve(isThere) });
  };
  assert.equal(await mayAsk(cli(true), {}, tty(true)), true);
  assert.equal(await mayAsk(cli(true), { askForApproval: "on-request" }, tty(true)), true);
  assert.equal(await mayAsk(cli(true), {}, tty(false)), false);
  assert.equal(looks, 3);
  assert.equal(await mayAsk(cli(true), { askForApproval: "never" }, tty(true)), false);
  assert.equal(await mayAsk(cli(false), {}, tty(true)), false);
  assert.equal(looks, 3, "nothing is started where nobody would be asked");
});
