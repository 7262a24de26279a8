/** One run of the command: its events told, and how far it had come when it fails. */
import { Loop, type LoopOptions } from "../../agent/loop.ts";
import { ClosedPipe } from "../output.ts";
import { RunFailure } from "../run_failure.ts";

/**
 * Runs a task.
 *
 * @throws RunFailure with what ended it; ClosedPipe as it is.
 */
export async function runTask(options: LoopOptions): Promise<void> {
  const loop = new Loop(options);
  try {
    await loop.run();
  } catch (error) {
    // Whoever does not read any more is told nothing more.
    throw error instanceof ClosedPipe ? error : new RunFailure(error, loop.facts(error));
  }
}
