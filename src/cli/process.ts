/** The command's world as Deno gives it. Nothing but this file touches the process. */
import { systemClock } from "../base/clock.ts";
import { processEnv } from "../base/platform.ts";
import { platformFetch } from "../base/platform_fetch.ts";
import { profileIn } from "./arguments.ts";
import type { Cli, LastWork } from "./cli.ts";
import { endingSignals } from "./ending_signals.ts";
import { Interrupted, main } from "./main.ts";
import { Messages, Output } from "./output.ts";
import { report } from "./report.ts";

/** Signals within so many milliseconds are one wish: `deno task` passes a keystroke on once more. */
const ONE_WISH_MS = 250;
/** How long a command may take to clean up once it was interrupted or is late, in milliseconds. */
const GRACE_MS = 1000;
/** How long the save of a spent token is waited for, in milliseconds: longer than a refresh takes. */
const SAVE_GRACE_MS = 60_000;
/** When that wait is worth a word, in milliseconds. */
const SAVE_NOTICE_MS = 500;
/** The width where the terminal does not tell one. */
const DEFAULT_COLUMNS = 80;

/** Runs the command of this process and ends it. */
export async function runProcess(args: readonly string[]): Promise<never> {
  const interrupt = new AbortController();
  const beforeExit: LastWork[] = [];
  const interrupted = Promise.withResolvers<number>();

  let since = 0;
  let taken: ((signal: "SIGINT" | "SIGTERM") => void) | undefined;

  const onSignal = (signal: "SIGINT" | "SIGTERM") => {
    if (taken !== undefined) return taken(signal);
    const reason = new Interrupted(signal);
    if (interrupt.signal.aborted) {
      if (systemClock.now() - since < ONE_WISH_MS) return;
      // The second time it is meant at once.
      Deno.exit(reason.exit);
    }
    since = systemClock.now();
    interrupt.abort(reason);
    systemClock.after(GRACE_MS, () => interrupted.resolve(reason.exit));
  };
  const cli: Cli = {
    stdout: new Output(Deno.stdout, systemClock, Deno.stdout.isTerminal()),
    stderr: new Messages((bytes) => Deno.stderr.writeSync(bytes), Deno.stderr.isTerminal()),
    stdin: {
      isTerminal: Deno.stdin.isTerminal(),
      read: (buffer) => Deno.stdin.read(buffer),
    },
    env: processEnv,
    clock: systemClock,
    fetch: platformFetch(processEnv),
    signal: interrupt.signal,
    columns,
    stdoutIsFile,
    takeSignals: (handler) => {
      taken = handler;
      return () => taken = undefined;
    },
    overdue(error) {
      systemClock.after(GRACE_MS, () => {
        const { lines, exit } = report(error, systemClock.now(), profileIn(args, processEnv));
        for (const line of lines) cli.stderr.line(line);
        interrupted.resolve(exit);
      });
    },
    finishBeforeExit: (work) => void beforeExit.push(work),
  };
  const ended = main(args, cli);
  // While the code of the command is being read: until then there is nothing to clean up.
  for (const [signal, ending] of endingSignals(Deno.build.os)) {
    Deno.addSignalListener(signal, () => {
      // A terminal that is closed says so twice, the shell and the system.
      if (signal !== "SIGHUP" || !interrupt.signal.aborted) onSignal(ending);
    });
  }
  const status = await Promise.race([ended, interrupted.promise]);
  await finish(beforeExit, cli.stderr);
  // Not left to the event loop: a pending read of stdin would hold the process.
  Deno.exit(status);
}

/**
 * A spent token must be saved, whatever ended the command: an interruption, a time limit, a closed
 * pipe. A dead network must not hold the terminal for ever.
 */
async function finish(work: readonly LastWork[], stderr: Messages): Promise<void> {
  // A timer's first use takes a millisecond.
  if (work.length === 0) return;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancels = [
    systemClock.after(SAVE_GRACE_MS, resolve),
    systemClock.after(SAVE_NOTICE_MS, () => {
      stderr.line("codex: keeping the renewed sign-in safe before the end; Ctrl-C may lose it");
    }),
  ];
  await Promise.race([Promise.allSettled(work.map((begun) => begun())), late]);
  for (const cancel of cancels) cancel();
}

function stdoutIsFile(): boolean {
  try {
    return Deno.statSync("/dev/stdout").isFile;
  } catch {
    // Asking takes every permission (Deno 2.9.6), and the path is not everywhere.
    return false;
  }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || DEFAULT_COLUMNS;
  } catch {
    return DEFAULT_COLUMNS;
  }
}
