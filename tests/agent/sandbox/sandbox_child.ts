/** Runs a command in a sandbox, in a process that a test kills. */
import { run, sandboxIn } from "./support.ts";

const [workspace = "", command = ""] = Deno.args;
await run(sandboxIn(workspace), command);
