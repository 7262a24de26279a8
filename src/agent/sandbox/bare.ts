/**
 * Runs a program in a group of its own, and ends all of the group: the way to run commands where
 * the kernel does not tie their lives together.
 *
 * What leaves its session and is nobody's child there any more is known by a variable that it was
 * given. What throws that away as well gets away: only namespaces hold such a process.
 */
import type { Started } from "./attend.ts";
import type { Environment } from "./environment.ts";
import type { Spawn } from "./bubblewrap_run.ts";
import { listProcesses, processesWith } from "./proc.ts";
import { SandboxError } from "./sandbox.ts";

/** What is run. */
export interface BareLaunch {
  /** The program. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The folder to be in. */
  readonly cwd: string;
  /** The environment of the command. */
  readonly environment: Environment;
  /** The operating system, in Deno's names. */
  readonly os: string;
  /** Starts a program. */
  readonly spawn: Spawn;
}

/** How long output is still taken when the command has ended and somebody holds it open. */
const LAST_OUTPUT_MS = 200;
/** Names the variable by which a command's processes are known. */
const MARK = "COMMAND_ID";
/** How often its processes are looked for, as they may be making new ones. */
const MOST_ROUNDS = 5;

/**
 * Starts a program.
 *
 * @throws SandboxError when it cannot be started.
 */
export function startBare(launch: BareLaunch): Started {
  const { program, args, cwd, environment, os, spawn } = launch;
  const id = crypto.randomUUID();
  const child = spawnIn(program, cwd, () =>
    spawn(program, {
      args: [...args],
      clearEnv: true,
      env: { ...environment, [MARK]: id },
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      detached: true,
    }));
  const over = Promise.withResolvers<void>();
  let alive = true;
  const end = () => {
    if (alive) endAll(child.pid, os, `${MARK}=${id}`);
  };
  const exitCode = (async () => {
    const { code } = await child.status;
    try {
      end();
    } finally {
      alive = false;
      over.resolve();
    }
    return code;
  })();
  return { output: untilOver(child.stdout, over.promise), exitCode, end };
}

function spawnIn(program: string, cwd: string, start: () => Deno.ChildProcess): Deno.ChildProcess {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw error instanceof TypeError
        ? new SandboxError("The command cannot be given to a shell", { cause: error })
        : error;
    }
    throw new SandboxError(`Cannot run "${program}" in "${cwd}": one of them is not there`);
  }
}

/** The output, until its end or a little after the command's: somebody may hold it open for ever. */
function untilOver(
  output: ReadableStream<Uint8Array>,
  over: Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = output.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = over.then(() =>
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_OUTPUT_MS);
    })
  ).then(() => reader.cancel());
  late.catch(() => {});
  const clear = () => over.then(() => clearTimeout(timer));
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      await clear();
      controller.close();
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await clear();
    },
  });
}

/** Ends a process, its group, its session, its descendants, and whoever has its mark. */
function endAll(pid: number, os: string, mark: string): void {
  // As a group, 0 and 1 would be our own and everybody's.
  if (pid <= 1) return;
  if (os === "linux") {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const found = relatives(pid, processesWith(mark));
      if (found.length === 0) break;
      found.forEach(kill);
    }
  }
  kill(os === "windows" ? pid : -pid);
}

/** All living ones of some processes, their descendants, and the first one's session. */
function relatives(pid: number, marked: readonly number[]): readonly number[] {
  const found = new Set([pid, ...marked]);
  const living: number[] = [];
  const all = listProcesses();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { id, parent, session } of all) {
      if (session === pid || found.has(parent)) found.add(id);
    }
  }
  for (const { id, dead } of all) if (found.has(id) && !dead && id !== Deno.pid) living.push(id);
  return living;
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // Ended by itself, or became another user's.
  }
}
