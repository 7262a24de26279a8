/** Where commands run: what they may do, and what they came to. Types alone. */

/** What commands may change, as in the official tool. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/** What a command may do. Paths are absolute, and real: no link in them. */
export interface SandboxPolicy {
  /** What commands may change. */
  readonly mode: SandboxMode;
  /** The folder that is worked in; writable in `workspace-write`. */
  readonly workspace: string;
  /** Further folders that are writable in `workspace-write`. */
  readonly writable: readonly string[];
  /** Whether there is a network. */
  readonly network: boolean;
  /** What cannot even be read, beside the usual secrets. */
  readonly hidden: readonly string[];
}

/** What confines commands here. */
export interface Confinement {
  /** The mechanism; `none` confines nothing, and runs nothing unless that is asked for by name. */
  readonly mechanism: "bubblewrap" | "sandbox-exec" | "none";
  /** For `none`: what is missing, in one sentence without a full stop. */
  readonly missing?: string;
  /** For `none`: what to install or change. */
  readonly hint?: string;
}

/** A command to be run. */
export interface SandboxCommand {
  /** One line for the shell. */
  readonly command: string;
  /** Where, absolute. */
  readonly cwd: string;
  /** Ended after so many milliseconds, with everything that it has begun. */
  readonly timeoutMs: number;
  /** Ends it, with everything that it has begun. */
  readonly signal?: AbortSignal | undefined;
  /** Takes what it prints, stdout and stderr in the order of their writing. */
  readonly onOutput?: ((bytes: Uint8Array) => void) | undefined;
  /** Runs it outside of every sandbox: only after a person's yes. */
  readonly unconfined?: boolean | undefined;
}

/** What a command came to. */
export interface CommandResult {
  /** Its exit status; 128 and the number for one that a signal ended. */
  readonly exitCode: number;
  /** Whether it was ended because its time was up. */
  readonly timedOut: boolean;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/**
 * A place for commands. Nothing of a command is alive once `run` has settled, but for a process of
 * an unconfined one that has left its session and dropped its environment.
 */
export interface Sandbox {
  /** What commands may do. */
  readonly policy: SandboxPolicy;
  /** What confines them; looked up at the first call, once. */
  confinement(): Promise<Confinement>;
  /**
   * Runs a command to its end.
   *
   * @throws SandboxError when it could not be run at all; the signal's reason when it was aborted;
   * CodexError `invalid_usage` for a command that is not what it has to be.
   */
  run(command: SandboxCommand): Promise<CommandResult>;
}

/** One way to confine: a file each. */
export interface Mechanism {
  /** Its name. */
  readonly name: Confinement["mechanism"];
  /** Looks whether it works here, in a few milliseconds. */
  probe(policy: SandboxPolicy): Promise<Confinement>;
  /** Runs a command under a policy. */
  run(command: SandboxCommand, policy: SandboxPolicy): Promise<CommandResult>;
}

/** A command that could not be run; the message is fit for the model and the person. */
export class SandboxError extends Error {
  /** Always `SandboxError`. */
  override readonly name = "SandboxError";
}
