/** One call of the shell: looked at for what it needs, run in the sandbox, and told. */
import { isAbsolute, join } from "../../base/path.ts";
import type { CommandResult, Sandbox } from "../sandbox/sandbox.ts";
import type { CallNeed, PreparedCall, ToolContext } from "../tool.ts";
import { OutputText } from "./output_text.ts";
import { OutputWindow, type Windowed } from "./output_window.ts";
import { DEFAULT_TIMEOUT_MS, readShellArguments, type ShellArguments } from "./shell_arguments.ts";

/** Options of {@linkcode shellTool}. */
export interface ShellOptions {
  /** Where commands run. */
  readonly sandbox: Sandbox;
  /** The working directory, absolute. */
  readonly cwd: string;
  /** Whether there is somebody who can let a command leave the sandbox; by default not. */
  readonly mayAsk?: boolean | undefined;
  /** How long a command may take where the call does not say; 120 s by default. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Prepares a call.
 *
 * @param input What the model gave.
 * @param options Where commands run, and who can be asked.
 * @throws Error that tells the model what is wrong with its call.
 */
export async function prepareCommand(input: unknown, options: ShellOptions): Promise<PreparedCall> {
  const { mayAsk = false } = options;
  const args = readShellArguments(input);
  const cwd = await workingDirectory(options.cwd, args.workdir);
  const need = await needOf(options.sandbox, args, mayAsk);
  return { need, execute: (context) => execute(options, args, cwd, need, context) };
}

async function needOf(sandbox: Sandbox, args: ShellArguments, mayAsk: boolean): Promise<CallNeed> {
  const said = args.justification === undefined ? {} : { justification: args.justification };
  if (sandbox.policy.mode === "danger-full-access") {
    // There is nothing to leave: such a wish changes nothing, and is not refused either.
    return { unconfined: true, why: "there is no sandbox: danger-full-access", ...said };
  }
  if (args.escalated && !mayAsk) {
    throw new Error(
      "the approval policy is never: nobody can be asked, and no command leaves the sandbox in " +
        "this run; go on without, or say at the end what could not be done",
    );
  }
  const { mechanism, missing } = await sandbox.confinement();
  if (mechanism === "none") {
    return { unconfined: true, why: missing ?? "there is no sandbox on this machine", ...said };
  }
  if (!args.escalated) return { unconfined: false };
  return { unconfined: true, why: "the model asks to leave the sandbox", ...said };
}

/**
 * Where a command runs, without links, so that a person who is asked sees the real place.
 *
 * @throws Error that tells the model why it cannot be there.
 */
async function workingDirectory(cwd: string, workdir: string | undefined): Promise<string> {
  if (workdir === undefined) return cwd;
  const { os } = Deno.build;
  const path = isAbsolute(os, workdir) ? workdir : join(os, cwd, workdir);
  try {
    const real = await Deno.realPath(path);
    if ((await Deno.stat(real)).isDirectory) return real;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Error(`the working directory \`${workdir}\` does not exist`);
    }
    throw new Error(`the working directory \`${workdir}\` cannot be used`, { cause: error });
  }
  throw new Error(`the working directory \`${workdir}\` is no folder`);
}

async function execute(
  { sandbox, ...options }: ShellOptions,
  { command, workdir, timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS }: ShellArguments,
  cwd: string,
  { unconfined }: CallNeed,
  context: ToolContext,
): Promise<string> {
  // It was looked at, and perhaps agreed to, a while ago.
  if (await workingDirectory(options.cwd, workdir) !== cwd) {
    throw new Error(`the working directory \`${workdir}\` is not where it was any more`);
  }
  const window = new OutputWindow();
  const output = new OutputText((text) => {
    window.add(text);
    context.emit(text, "stdout");
  });
  const result = await sandbox.run({
    command,
    cwd,
    timeoutMs,
    signal: context.signal,
    unconfined,
    onOutput: (bytes) => output.add(bytes),
  });
  output.end();
  return report(result, timeoutMs, window.end());
}

function report({ exitCode, timedOut, ms }: CommandResult, limit: number, out: Windowed): string {
  return [
    `Exit code: ${exitCode}`,
    `Wall time: ${(ms / 1000).toFixed(1)} seconds`,
    ...(timedOut ? [`Command timed out after ${limit / 1000} seconds and was ended`] : []),
    ...(out.truncated ? [`Total output lines: ${out.lines}`] : []),
    "Output:",
    out.text,
  ].join("\n");
}
