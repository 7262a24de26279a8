/** Runs bubblewrap: the filter by a descriptor, the output in its order, the end of it for sure. */
import type { Started } from "./attend.ts";
import { type BegunStream, splitAtBegun } from "./begun.ts";
import { SETTINGS_DESCRIPTOR, UNEXPECTED_MOUNT } from "./bubblewrap.ts";
import type { Environment } from "./environment.ts";
import { SandboxError } from "./sandbox.ts";
import { findSetsid } from "./shell.ts";
import { readStatus } from "./status.ts";

/** Starts a program; a test puts another one before it. */
export type Spawn = (program: string, options: Deno.CommandOptions) => Deno.ChildProcess;

/** The platform's own way to start a program. */
export const platformSpawn: Spawn = (program, options) =>
  new Deno.Command(program, options).spawn();

/** What is run, all of it decided. */
export interface Launch {
  /** Where bubblewrap is. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The filter of system calls. */
  readonly filter: Uint8Array<ArrayBuffer>;
  /** The environment of the command. */
  readonly environment: Environment;
  /** Starts a program. */
  readonly spawn: Spawn;
}

/**
 * Moves the filter from stdin to a descriptor of its own, so that it needs no file, and leaves
 * the command an empty stdin: one that is a file could be opened again for writing. What bubblewrap
 * says of its state has a descriptor that it closes before a command runs; its complaints come with
 * the output, so that no other descriptor leads from the sandbox to us.
 *
 * Should memory run out, the kernel is asked to end this and not what else the user does. Inside,
 * `/proc` is not written to.
 */
const BY_DESCRIPTOR = "{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null; " +
  'exec 9<&0 8>&2 2>&1 </dev/null; exec "$0" "$@"';
const DESCRIPTORS = ["--seccomp", "9", "--json-status-fd", "8"];

/**
 * The same with what bubblewrap shows in the place of Maven's settings, which would not start with
 * a file that holds nothing.
 */
const WITH_SETTINGS = `exec ${SETTINGS_DESCRIPTOR}<<'END'\n<settings/>\nEND\n${BY_DESCRIPTOR}`;

/** As much of a complaint as is passed on. */
const MOST_REASON = 200;

/** Linux takes no longer argument, with the zero at its end. */
const MOST_ARGUMENT = 131_071;

/**
 * Starts a command in a sandbox.
 *
 * It runs in a session of its own, so that a signal to our group, by a terminal's keys, `timeout`
 * or a supervisor, reaches it by way of us alone: bubblewrap, ended while it prepares, would leave
 * its child behind without anybody who ends that. Should we be killed, it ends too.
 *
 * @param launch What is run.
 * @throws SandboxError when it cannot be started.
 */
export function startBubblewrap(launch: Launch): Started {
  const { program, args, filter, environment, spawn } = launch;
  checkArguments(args);
  const setsid = findSetsid();
  const child = spawn("/bin/sh", {
    args: [
      "-c",
      args.includes("--ro-bind-data") ? WITH_SETTINGS : BY_DESCRIPTOR,
      ...(setsid === undefined ? [] : [setsid]),
      ...[program, ...DESCRIPTORS, ...args],
    ],
    clearEnv: true,
    env: { ...environment },
    cwd: "/",
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // The platform copies all of our memory's tables for that, which takes three times as long.
    detached: setsid === undefined,
  });
  const status = readStatus(child.stderr);
  const stream = splitAtBegun(child.stdout);
  let alive = true;
  const exitCode = (async () => {
    await give(child.stdin, filter);
    const [{ code }, said, inside] = await Promise.all([
      child.status,
      status.exitCode,
      status.childPid,
    ]);
    alive = false;
    // Without a status of its own it was ended from outside: by us, or because memory ran out.
    return said ?? (inside === undefined || code !== 0 ? code : 137);
  })();
  const end = async (): Promise<void> => {
    const inside = await status.childPid;
    // Ending the first process inside ends all of them, and bubblewrap still tidies up.
    if (alive) kill(inside ?? child.pid);
  };
  return {
    output: stream.output,
    exitCode,
    end: () => void end(),
    check: () => checkBegun(stream),
  };
}

function checkBegun({ begun, before }: BegunStream): void {
  if (begun()) return;
  const complaint = before().trim();
  if (complaint.includes(UNEXPECTED_MOUNT)) {
    throw new SandboxError(
      "The command was not run: something else changed the folders of the sandbox meanwhile",
    );
  }
  throw new SandboxError(`The sandbox could not be set up: ${readable(complaint)}`);
}

/** A complaint of bubblewrap's in words of ours where one is known, and without its name. */
function readable(complaint: string): string {
  const missing = /Can't chdir to (.*): No such file/.exec(complaint)?.[1];
  if (missing !== undefined) return `"${missing}" is not there, or not visible in it`;
  const [first = ""] = complaint.split("\n");
  return first.replace(/^bwrap: /, "").slice(0, MOST_REASON) || "bubblewrap gave no reason";
}

async function give(
  stdin: WritableStream<Uint8Array>,
  filter: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    const writer = stdin.getWriter();
    await writer.write(filter);
    await writer.close();
  } catch (error) {
    // It ended before it could read: its status says why.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    // Ended by itself meanwhile.
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}

function checkArguments(args: readonly string[]): void {
  const encoder = new TextEncoder();
  for (const arg of args) {
    if (arg.includes("\0")) throw new SandboxError("A command cannot hold a zero byte");
    // No character takes more than three bytes for each of its halves.
    if (arg.length * 3 < MOST_ARGUMENT) continue;
    const { length } = encoder.encode(arg);
    if (length >= MOST_ARGUMENT) {
      throw new SandboxError(
        `The command is too long: ${length} bytes, and at most ${MOST_ARGUMENT} can be given to a ` +
          "shell; put it into a script and run that",
      );
    }
  }
}
