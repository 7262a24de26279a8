/** A place for commands, with what confines them on this system. */
import { systemClock } from "../../base/clock.ts";
import { attend } from "./attend.ts";
import { bubblewrapMechanism, type MechanismOptions } from "./bubblewrap_mechanism.ts";
import { platformSpawn } from "./bubblewrap_run.ts";
import type { Host } from "./layout.ts";
import {
  type CommandResult,
  type Confinement,
  type Mechanism,
  type Sandbox,
  type SandboxCommand,
  SandboxError,
  type SandboxPolicy,
} from "./sandbox.ts";
import { seatbeltMechanism } from "./seatbelt_mechanism.ts";
import { findShell } from "./shell.ts";
import { startUnconfined } from "./unconfined.ts";

/** The world of a sandbox; this process's own, unless given. */
export interface SandboxOptions extends Partial<MechanismOptions> {
  /** The operating system, in Deno's names. */
  readonly os?: string | undefined;
  /** What confines commands, in place of what this system has. */
  readonly mechanism?: Mechanism | undefined;
}

/**
 * Makes a sandbox. Nothing is looked at or run before its first call.
 *
 * @param policy What commands may do.
 * @param options The world.
 */
export function createSandbox(policy: SandboxPolicy, options: SandboxOptions = {}): Sandbox {
  return new PolicySandbox(policy, options);
}

class PolicySandbox implements Sandbox {
  readonly policy: SandboxPolicy;
  readonly #options: SandboxOptions;
  #mechanism: Mechanism | undefined;
  #host: Host | undefined;
  #confinement: Promise<Confinement> | undefined;

  constructor(policy: SandboxPolicy, options: SandboxOptions) {
    this.policy = policy;
    this.#options = options;
  }

  async confinement(): Promise<Confinement> {
    return await (this.#confinement ??= this.#lookUp());
  }

  async run(command: SandboxCommand): Promise<CommandResult> {
    command.signal?.throwIfAborted();
    if (command.unconfined === true || this.policy.mode === "danger-full-access") {
      return await this.#runUnconfined(command);
    }
    const { mechanism, missing, hint } = await this.confinement();
    if (mechanism === "none") {
      const why = missing ?? "Nothing confines commands here";
      throw new SandboxError(hint === undefined ? why : `${why}; ${hint}`);
    }
    return await this.#chosen().run(command, this.policy);
  }

  #lookUp(): Promise<Confinement> {
    if (this.policy.mode === "danger-full-access") {
      return Promise.resolve({
        mechanism: "none",
        missing: "commands run without a sandbox, as danger-full-access asks for",
      });
    }
    return this.#chosen().probe(this.policy);
  }

  #chosen(): Mechanism {
    return this.#mechanism ??= this.#options.mechanism ??
      mechanismFor(this.#os(), { ...this.#options, host: this.#hosted() });
  }

  async #runUnconfined(command: SandboxCommand): Promise<CommandResult> {
    const { clock = systemClock, spawn = platformSpawn } = this.#options;
    const os = this.#os();
    const started = startUnconfined({
      command: command.command,
      cwd: command.cwd,
      shell: os === "windows" ? "" : findShell(),
      environment: this.#hosted().environment,
      os,
      spawn,
    });
    return await attend(started, command, clock);
  }

  #os(): string {
    return this.#options.os ?? Deno.build.os;
  }

  #hosted(): Host {
    return this.#host ??= this.#options.host ??
      { environment: Deno.env.toObject(), cwd: Deno.cwd() };
  }
}

function mechanismFor(os: string, options: MechanismOptions): Mechanism {
  if (os === "linux") return bubblewrapMechanism(options);
  if (os === "darwin") return seatbeltMechanism(options);
  return {
    name: "none",
    probe: () =>
      Promise.resolve({
        mechanism: "none",
        missing: `there is no sandbox for commands on ${os}`,
        hint: "Use Linux or macOS, on Windows its Linux subsystem, or allow each command",
      }),
    run: () => Promise.reject(new SandboxError(`There is no sandbox for commands on ${os}`)),
  };
}
