/**
 * Asks on the terminal as a run does: all calls at once, each told as it was decided. Arguments: a
 * file that has to be there before anything is asked, or an empty one; then each call's as JSON.
 */
import { systemClock } from "../../../src/base/clock.ts";
import { parseJson } from "../../../src/base/json.ts";
import { Messages } from "../../../src/cli/output.ts";
import { createApprover } from "../../../src/cli/run/approver.ts";
import { createTty, mayAsk } from "../../../src/cli/tty.ts";

const [gate = "", ...commands] = Deno.args;
const messages = new Messages((bytes) => Deno.stderr.writeSync(bytes), Deno.stderr.isTerminal());
const interrupt = new AbortController();
Deno.addSignalListener("SIGINT", () => interrupt.abort(new Error("interrupted")));

messages.line(`stdin is a terminal: ${Deno.stdin.isTerminal()}`);
messages.line(`may ask: ${await mayAsk({ stderr: messages, clock: systemClock }, {})}`);
while (gate !== "" && !await isThere(gate)) await new Promise((resolve) => setTimeout(resolve, 5));

const approve = createApprover({
  tty: await createTty(systemClock),
  messages,
  cwd: Deno.cwd(),
  columns: () => 80,
});
try {
  await Promise.all(commands.map(async (command, index) => {
    const call = { id: String(index), name: "shell", input: parseJson(command) };
    const need = { unconfined: true, why: "there is no sandbox here" };
    const { allow, reason } = await approve(call, need, interrupt.signal);
    messages.line(`call ${index}: ${allow ? "yes" : `no, ${reason}`}`);
  }));
} catch (error) {
  messages.line(String(error));
  // As the command does it: not left to the event loop.
  Deno.exit(130);
}
messages.line(`stdin: ${await new Response(Deno.stdin.readable).text()}`);
Deno.exit(0);

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
