/** Runs commands in a sandbox, one after the other, as whoever this process is, and tells all of it. */
import { run, sandboxIn } from "./support.ts";

const [workspace = "", ...commands] = Deno.args;
const warnings: string[] = [];
const sandbox = sandboxIn(workspace, {}, { onWarning: (message) => warnings.push(message) });
const turns: string[] = [];
for (const command of commands) {
  try {
    turns.push((await run(sandbox, command)).output);
  } catch (error) {
    turns.push(`${error}`);
  }
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ turns, warnings })));
