/** An answer of the public API that is not streamed. */
import { jsonAnswer } from "../answers.ts";
import type { Ids } from "../ids.ts";
import { answerSteps } from "../stream/answer_steps.ts";
import type { ResponseFrame } from "../stream/response.ts";
import type { AnswerTurn } from "../turns.ts";

/** The response of the last event, by itself. */
export function wholeAnswer(
  turn: AnswerTurn,
  frame: ResponseFrame,
  ids: Ids,
  headers: Readonly<Record<string, string>>,
): Response {
  const last = [...answerSteps(turn, frame, ids)].at(-1)?.event;
  return last?.["response"] === undefined
    ? jsonAnswer(500, { error: { ...last, type: "server_error" } }, headers)
    : jsonAnswer(200, last["response"], headers);
}
