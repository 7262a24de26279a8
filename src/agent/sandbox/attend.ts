/** Waits for a command that was started: its output, its time limit, its signal. */
import type { Clock } from "../../base/clock.ts";
import type { CommandResult, SandboxCommand } from "./sandbox.ts";

/** A command that was started. */
export interface Started {
  /** What it prints; ends when nobody is left who could print. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Its exit status. */
  readonly exitCode: Promise<number>;
  /** Ends it at once with everything that it has begun; may be called again, and late. */
  end(): void;
  /** Throws when it never began; asked once it has ended by itself. */
  check?(): void;
}

/**
 * Waits until a command has ended, and ends it when its time is up or its signal says so.
 *
 * @param started The command.
 * @param command How long it may take, and who takes what it prints.
 * @param clock Measures time.
 * @throws The signal's reason; what `onOutput` throws; what the exit status rejects with.
 */
export async function attend(
  started: Started,
  command: SandboxCommand,
  clock: Clock,
): Promise<CommandResult> {
  const { signal, timeoutMs, onOutput } = command;
  const begin = clock.now();
  let timedOut = false;
  const cancel = clock.after(timeoutMs, () => {
    timedOut = true;
    started.end();
  });
  const onAbort = () => started.end();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    // Both are waited for, whatever goes wrong: nothing of the command may be alive afterwards.
    const [printed, ended] = await Promise.allSettled([
      pump(started, onOutput),
      started.exitCode,
    ]);
    signal?.throwIfAborted();
    if (printed.status === "rejected") throw printed.reason;
    if (ended.status === "rejected") throw ended.reason;
    if (!timedOut) started.check?.();
    return { exitCode: ended.value, timedOut, ms: clock.now() - begin };
  } finally {
    cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

async function pump(started: Started, onOutput: SandboxCommand["onOutput"]): Promise<void> {
  try {
    for await (const bytes of started.output) onOutput?.(bytes);
  } catch (error) {
    // Without a reader the command would go on for nobody.
    started.end();
    throw error;
  }
}
