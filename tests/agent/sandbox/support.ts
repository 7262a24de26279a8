/** A sandbox in a temporary folder, and looking for what commands leave alive. */
import { createSandbox, type SandboxOptions } from "../../../src/agent/sandbox/create_sandbox.ts";
import type {
  CommandResult,
  Sandbox,
  SandboxCommand,
  SandboxPolicy,
} from "../../../src/agent/sandbox/sandbox.ts";

/** What a command came to, with what it printed. */
export interface Ran extends CommandResult {
  readonly output: string;
}

/** A policy for a folder, as strict as they come but for what is given. */
export function policyFor(workspace: string, policy: Partial<SandboxPolicy> = {}): SandboxPolicy {
  return {
    mode: "workspace-write",
    workspace,
    writable: [],
    network: false,
    hidden: [],
    ...policy,
  };
}

/** A sandbox whose commands have an environment of nearly nothing. */
export function sandboxIn(
  workspace: string,
  policy: Partial<SandboxPolicy> = {},
  options: SandboxOptions = {},
): Sandbox {
  const environment = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: `${workspace}/home` };
  return createSandbox(policyFor(workspace, policy), {
    host: { environment, cwd: "/" },
    ...options,
  });
}

/** Runs a command and takes what it prints. */
export async function run(
  sandbox: Sandbox,
  command: string,
  options: Partial<SandboxCommand> = {},
): Promise<Ran> {
  let output = "";
  const decoder = new TextDecoder();
  const result = await sandbox.run({
    command,
    cwd: sandbox.policy.workspace,
    timeoutMs: 30_000,
    onOutput: (bytes) => output += decoder.decode(bytes, { stream: true }),
    ...options,
  });
  return { ...result, output };
}

/** A number of seconds for `sleep` that no other process sleeps. */
export function uniqueSleep(): string {
  return `300.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
}

/**
 * How many processes of this machine have a text among their arguments. The platform lets nobody
 * look there without every permission, so a program does.
 */
export function alive(argument: string): number {
  const { stdout } = new Deno.Command("sh", {
    args: ["-c", "cat /proc/[0-9]*/cmdline"],
    stderr: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout).split("\0").filter((arg) => arg === argument).length;
}
