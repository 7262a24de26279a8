/** A failure together with what had become of the run that it ended. */
import type { RunFacts } from "../agent/run_events.ts";

/** Thrown in place of what ended a run, so that `--json` can tell how far it had come. */
export class RunFailure extends Error {
  override readonly name: string = "RunFailure";
  /** What ended it. */
  readonly error: unknown;
  /** What had become of it. */
  readonly facts: RunFacts;

  /** Puts the two together. */
  constructor(error: unknown, facts: RunFacts) {
    super("The run ended early");
    this.error = error;
    this.facts = facts;
  }
}
