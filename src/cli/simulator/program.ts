/** Runs a program in this one's place: with its streams, its signals, and its status. */
import { CodexError } from "../../base/errors.ts";
import type { Cli } from "../cli.ts";

/**
 * Runs a program to its end.
 *
 * @param cli The command's world; its signals go to the program.
 * @param command The program and its arguments, as they are.
 * @param env Variables over those of this process.
 * @returns Its status; 128 and the number of the signal that ended it.
 * @throws CodexError `invalid_usage` when it cannot be started.
 */
export async function runProgram(
  cli: Cli,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const child = started(command, env);
  // Ctrl-C on a terminal reaches the program by itself: twice would mean "at once" to many.
  const onTerminal = cli.stdin.isTerminal || cli.stdout.isTerminal || cli.stderr.isTerminal;
  const release = cli.takeSignals?.((signal) => {
    if (signal === "SIGTERM" || !onTerminal) passOn(child, signal);
  });
  try {
    return (await child.status).code;
  } finally {
    release?.();
  }
}

function started(
  [program = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args,
      env: { ...env },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    const why = REASONS[name] ?? "it does not start";
    throw new CodexError("invalid_usage", `Cannot run "${program}": ${why}`, {
      cause,
      hint:
        "Give a program and its arguments behind --; a line of a shell needs one: -- sh -c LINE",
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  NotFound: "there is no such program",
  PermissionDenied: "permission is denied",
};

function passOn(child: Deno.ChildProcess, signal: "SIGINT" | "SIGTERM"): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended a moment ago.
  }
}
