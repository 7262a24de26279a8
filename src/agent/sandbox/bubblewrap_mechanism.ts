/** Confines commands with bubblewrap: what is looked for before one, and tidied up after it. */
import { type Clock, systemClock } from "../../base/clock.ts";
import { attend } from "./attend.ts";
import { bubblewrapArgs, FIRST_STEPS, writablePlaces } from "./bubblewrap.ts";
import { platformSpawn, type Spawn, startBubblewrap } from "./bubblewrap_run.ts";
import { allowedEnvironment, type Environment } from "./environment.ts";
import { type Host, type Layout, layOut, writableRoots } from "./layout.ts";
import { holdPlaces } from "./placeholders.ts";
import { readProc } from "./proc.ts";
import { BUBBLEWRAP_PLACES, type Probe, probeBubblewrap } from "./probe.ts";
import { appearedSince, findProtected, type ProtectedPaths } from "./protected.ts";
import {
  type CommandResult,
  type Confinement,
  type Mechanism,
  type SandboxCommand,
  SandboxError,
  type SandboxPolicy,
} from "./sandbox.ts";
import { type FilterArch, seccompFilter } from "./seccomp.ts";
import { findShell } from "./shell.ts";

/** The world of a mechanism. */
export interface MechanismOptions {
  /** The process that commands are run for. */
  readonly host: Host;
  /** Measures time. */
  readonly clock?: Clock | undefined;
  /** Starts programs. */
  readonly spawn?: Spawn | undefined;
  /** Told what a command left behind, or what is not protected, in one sentence. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Where bubblewrap is looked for before the `PATH`. */
  readonly places?: readonly string[] | undefined;
  /** The processor, in Deno's names. */
  readonly arch?: FilterArch | undefined;
  /** Whether this is root. */
  readonly root?: boolean | undefined;
}

/**
 * Confines commands with bubblewrap.
 *
 * @param options The world.
 */
export function bubblewrapMechanism(options: MechanismOptions): Mechanism {
  return new Bubblewrap(options);
}

class Bubblewrap implements Mechanism {
  readonly name = "bubblewrap";
  readonly #options: MechanismOptions;
  #filter: Uint8Array<ArrayBuffer> | undefined;
  #probe: Promise<Probe> | undefined;
  #cutTold = false;

  constructor(options: MechanismOptions) {
    this.#options = options;
  }

  async probe(policy: SandboxPolicy): Promise<Confinement> {
    const found = await this.#probed(policy);
    return "confinement" in found ? found.confinement : { mechanism: "bubblewrap" };
  }

  async run(command: SandboxCommand, policy: SandboxPolicy): Promise<CommandResult> {
    const found = await this.#probed(policy);
    if ("confinement" in found) {
      throw new SandboxError(found.confinement.missing ?? "There is no sandbox here");
    }
    const { host, clock = systemClock } = this.#options;
    const writable = writableRoots(policy);
    using places = await holdPlaces(writable);
    const before = await findProtected(writable);
    const layout = layOut(policy, writable, [...before.paths, ...places.paths], host);
    command.signal?.throwIfAborted();
    const shell = findShell();
    const mayWrite = writablePlaces(layout, layout.pinned.length > 0 ? mountPoints() : []);
    const started = startBubblewrap({
      ...this.#launch(layout),
      program: found.program,
      args: bubblewrapArgs(layout, found.abilities, {
        cwd: command.cwd,
        command: [shell, "-c", FIRST_STEPS, "bash", command.command, mayWrite, "\n"],
      }),
    });
    try {
      return await attend(started, command, clock);
    } finally {
      await this.#tell(writable, before);
    }
  }

  async #probed(policy: SandboxPolicy): Promise<Probe> {
    return await (this.#probe ??= this.#lookAround(policy));
  }

  #lookAround(policy: SandboxPolicy): Promise<Probe> {
    const { host, places = BUBBLEWRAP_PLACES, root = Deno.uid() === 0 } = this.#options;
    // Neither the folders of the work nor secrets decide whether there is a sandbox.
    const least: SandboxPolicy = { ...policy, mode: "read-only", workspace: "/", writable: [] };
    const layout = layOut({ ...least, hidden: [] }, [], [], { ...host, environment: {} });
    return probeBubblewrap({
      layout,
      work: [policy.workspace, ...policy.writable],
      path: host.environment["PATH"] ?? "",
      launch: this.#launch(layout),
      places,
      root,
    });
  }

  #launch(
    layout: Layout,
  ): { environment: Environment; filter: Uint8Array<ArrayBuffer>; spawn: Spawn } {
    const { host, arch = Deno.build.arch, spawn = platformSpawn } = this.#options;
    this.#filter ??= seccompFilter(arch);
    const environment = {
      ...allowedEnvironment(host.environment, "linux"),
      ...layout.caches.environment,
    };
    return { environment, filter: this.#filter, spawn };
  }

  /** Says what a command made that waits for somebody, and what nobody looked at. */
  async #tell(writable: readonly string[], before: ProtectedPaths): Promise<void> {
    const { onWarning } = this.#options;
    if (onWarning === undefined || writable.length === 0) return;
    if (before.cut) {
      if (!this.#cutTold) {
        onWarning(
          "The work has more folders than are searched: .git and its like are protected in the " +
            "upper ones alone",
        );
      }
      this.#cutTold = true;
      return;
    }
    for (const path of appearedSince(before, await findProtected(writable))) {
      onWarning(`A command made "${path}": look at it before you use anything in its folder`);
    }
  }
}

/** Where file systems are mounted on this machine. */
function mountPoints(): readonly string[] {
  const text = readProc("/proc/self/mountinfo");
  return text.split("\n").flatMap((line) => line.split(" ")[4] ?? []).map((path) =>
    path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
  );
}
