#!/usr/bin/env -S deno run --allow-read --allow-write --allow-env --allow-net --allow-run --allow-sys=uid
/**
 * The `codex` command. The version is answered before anything else is loaded.
 *
 * @module
 */
import { VERSION } from "./src/base/version.ts";

if (import.meta.main && !printedVersion()) {
  const { runProcess } = await import("./src/cli/process.ts");
  await runProcess(Deno.args);
}

/** Prints the version when that is all that is asked; a stdout that fails is told by the command. */
function printedVersion(): boolean {
  const [first, ...rest] = Deno.args;
  if (rest.length > 0 || (first !== "--version" && first !== "-V")) return false;
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`codex ${VERSION}\n`));
    return true;
  } catch {
    return false;
  }
}
