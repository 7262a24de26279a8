#!/usr/bin/env node
/**
 * `codex` as npm installs it: hands everything to Deno, which the command is written for. In Node
 * itself the library runs alone.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("./cli.js", import.meta.url));
// The permissions are those of the entry's first line.
const flags = readFileSync(entry, "utf8").split("\n", 1)[0].match(/--allow-\S+/g) ?? [];
const own = ["run", "-q", "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"];

const child = spawn("deno", [...own, ...flags, entry, ...process.argv.slice(2)], {
  stdio: "inherit",
});
child.on("error", (error) => {
  const missing = error.code === "ENOENT";
  const what = missing ? "The command needs Deno, which is not on the PATH" : error.message;
  process.stderr.write(`codex: ${what}\nhint: npm install -g deno\n`);
  process.exitCode = 1;
});
// A terminal sends them to both; only Deno shall decide what becomes of the work.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT") child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
