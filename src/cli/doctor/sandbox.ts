/** Whether commands can be confined here, and what to do where they cannot. */
import { createSandbox } from "../../agent/sandbox/create_sandbox.ts";
import type { Sandbox } from "../../agent/sandbox/sandbox.ts";
import { type Finding, note, ok } from "./finding.ts";

const ABOUT = "sandbox";

/**
 * Tries it, with a sandbox for the current folder.
 *
 * @param sandbox What to try; that of this system when absent.
 */
export async function checkSandbox(sandbox: Sandbox = here()): Promise<Finding> {
  const { mechanism, missing, hint } = await sandbox.confinement();
  if (mechanism !== "none") return ok(ABOUT, `commands of a run are confined by ${mechanism}`);
  const why = missing ?? "nothing confines commands here";
  return note(
    ABOUT,
    `${why}: each command of a run needs a yes on the terminal, and is refused without one`,
    hint,
  );
}

function here(): Sandbox {
  return createSandbox({
    mode: "read-only",
    workspace: Deno.realPathSync("."),
    writable: [],
    network: false,
    hidden: [],
  });
}
