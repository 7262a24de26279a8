/** Confines commands with macOS's sandbox-exec. Not run here: no machine of that kind was at hand. */
import { systemClock } from "../../base/clock.ts";
import { attend } from "./attend.ts";
import { startBare } from "./bare.ts";
import type { MechanismOptions } from "./bubblewrap_mechanism.ts";
import { platformSpawn } from "./bubblewrap_run.ts";
import { planCaches } from "./caches.ts";
import { allowedEnvironment } from "./environment.ts";
import { isFolder, lookAt } from "./files.ts";
import { type Layout, layOut, writableRoots } from "./layout.ts";
import type {
  CommandResult,
  Confinement,
  Mechanism,
  SandboxCommand,
  SandboxPolicy,
} from "./sandbox.ts";
import { SANDBOX_EXEC, seatbeltArgs, seatbeltProfile } from "./seatbelt.ts";
import { findShell, OPEN_COMMAND } from "./shell.ts";

/**
 * Confines commands with sandbox-exec. Its processes end as a group, not by a namespace: one that
 * leaves its session gets away, still confined.
 *
 * @param options The world.
 */
export function seatbeltMechanism(options: MechanismOptions): Mechanism {
  return {
    name: "sandbox-exec",
    probe: () => Promise.resolve(probe()),
    run: (command, policy) => run(command, policy, options),
  };
}

function probe(): Confinement {
  if (lookAt(SANDBOX_EXEC)?.isFile === true) return { mechanism: "sandbox-exec" };
  return {
    mechanism: "none",
    missing: `${SANDBOX_EXEC} is not there, without which no command can be confined`,
    hint: "It is a part of macOS",
  };
}

async function run(
  command: SandboxCommand,
  policy: SandboxPolicy,
  { host, clock = systemClock, spawn = platformSpawn }: MechanismOptions,
): Promise<CommandResult> {
  const writable = writableRoots(policy);
  const layout = layOut(policy, writable, [], host);
  const temp = await Deno.realPath(await Deno.makeTempDir({ prefix: "codex_sandbox_" }));
  try {
    const caches = planCaches({ environment: host.environment, temp, ...policy });
    for (const folder of caches.folders) await Deno.mkdir(folder, { recursive: true });
    showFolders(caches);
    const shell = findShell();
    const profile = seatbeltProfile({ ...layout, temp });
    const started = startBare({
      program: SANDBOX_EXEC,
      args: seatbeltArgs(profile, [shell, "-c", OPEN_COMMAND, "bash", command.command]),
      cwd: command.cwd,
      environment: { ...allowedEnvironment(host.environment, "darwin"), ...caches.environment },
      os: "darwin",
      spawn,
    });
    return await attend(started, command, clock);
  } finally {
    await Deno.remove(temp, { recursive: true });
  }
}

/** There are no mounts: a link is what shows a folder, and what may be written decides of it. */
function showFolders({ shown }: Layout["caches"]): void {
  for (const [from, to] of shown) {
    if (!isFolder(from)) continue;
    Deno.mkdirSync(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    Deno.symlinkSync(from, to);
  }
}
