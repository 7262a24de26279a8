/**
 * One start of a bundle in the current folder, answered by a simulator in the same process: what it
 * calls is the same every time, which no network could promise.
 *
 *     deno run -A rehearsed_start.ts ENTRY [ARGUMENT...]
 */
import { createSimulator, reply } from "../../testing.ts";

const [entry = "", ...args] = Deno.args;
for (const name of Object.keys(Deno.env.toObject())) Deno.env.delete(name);
const home = Deno.cwd();
Deno.env.set("HOME", home);
Deno.env.set("CODEX_AUTH_FILE", `${home}/auth.json`);
const simulator = createSimulator({ turns: [reply("It is as you say.", { times: "always" })] });
const signIn = JSON.stringify({ openai: simulator.signIn() });
await Deno.writeTextFile(`${home}/auth.json`, signIn, { mode: 0o600 });
globalThis.fetch = simulator.fetch;
const { runProcess } = await import(entry);
await runProcess(args);
