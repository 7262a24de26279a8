/** An answer of the public API that is not streamed: the response of the last event, by itself. */
import { type Clock, sleep } from "../../base/clock.ts";
import { bodyOf } from "../stream/body.ts";
import { pieces } from "../stream/frames.ts";
import type { Step } from "../stream/items.ts";
import type { AnswerTurn } from "../turns.ts";

/** For whom it is. */
export interface WholeAnswerOptions {
  /** The headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Measures the pauses. */
  readonly clock: Clock;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Makes the answer; it takes the time that its deltas would have taken. */
export async function wholeAnswer(
  turn: AnswerTurn,
  steps: readonly Step[],
  { headers, clock, signal }: WholeAnswerOptions,
): Promise<Response> {
  const pause = steps.reduce((sum, { delayMs = 0 }) => sum + delayMs, 0);
  if (pause > 0) await sleep(clock, pause, signal);
  const last = steps.at(-1)?.event;
  const response = last?.["response"];
  const body = JSON.stringify(response ?? { error: { ...last, type: "server_error" } });
  return new Response(bodyOf((cancelled) => pieces(body, turn, clock, cancelled)), {
    status: response === undefined ? 500 : 200,
    headers: { "content-type": "application/json", ...headers },
  });
}
