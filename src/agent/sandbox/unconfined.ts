/** Runs a command outside of every sandbox: for `danger-full-access`, and after a person's yes. */
import type { Started } from "./attend.ts";
import { type BareLaunch, startBare } from "./bare.ts";
import { allowedEnvironment } from "./environment.ts";
import { OPEN_COMMAND } from "./shell.ts";

/** What is run. */
export interface UnconfinedLaunch extends Pick<BareLaunch, "cwd" | "environment" | "os" | "spawn"> {
  /** One line for the shell. */
  readonly command: string;
  /** The shell. */
  readonly shell: string;
}

/**
 * Starts a command as its user, with everything that the user may do. Secrets in the environment
 * stay outside all the same.
 *
 * @throws SandboxError when it cannot be started.
 */
export function startUnconfined(launch: UnconfinedLaunch): Started {
  const { command, shell, os } = launch;
  const environment = allowedEnvironment(launch.environment, os);
  if (os === "windows") {
    const args = ["/d", "/s", "/c", `${command} 2>&1`];
    return startBare({ ...launch, environment, program: "cmd.exe", args });
  }
  const args = ["-c", OPEN_COMMAND, "bash", command];
  return startBare({ ...launch, environment, program: shell, args });
}
