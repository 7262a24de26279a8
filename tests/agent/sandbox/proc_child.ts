/** Prints the processes with a variable, as a program sees them that may not look into `/proc`. */
import { processesWith } from "../../../src/agent/sandbox/proc.ts";

const found = processesWith(Deno.args[0] ?? "").join(" ");
Deno.stdout.writeSync(new TextEncoder().encode(found));
