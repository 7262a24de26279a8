/** Going on when stdout cannot be written any more, for an answer that is kept elsewhere too. */
import type { RunEvent } from "../../agent/run_events.ts";
import { ClosedPipe } from "../output.ts";

type Tell = (event: RunEvent) => void | Promise<void>;

/** A teller that outlives its output. */
export interface Outliving {
  /** Tells, as long as that goes well. */
  readonly tell: Tell;
  /** Throws what ended the telling, if something did. */
  check(): void;
}

/**
 * Makes a teller outlive its output: a full disk takes the answer on stdout, and not the file that
 * it goes to as well. A reader that has gone wants nothing more, and ends the run.
 *
 * @param tell Tells.
 */
export function outliving(tell: Tell): Outliving {
  let ended: { readonly error: unknown } | undefined;
  return {
    async tell(event) {
      if (ended !== undefined) return;
      try {
        await tell(event);
      } catch (error) {
        if (error instanceof ClosedPipe) throw error;
        ended = { error };
      }
    },
    check() {
      if (ended !== undefined) throw ended.error;
    },
  };
}
