/** The events of a whole answer, from `response.created` to its end. */
import type { Ids } from "../ids.ts";
import type { AnswerTurn, CompletedEnding, Ending, FailedEnding } from "../turns.ts";
import { type FinishedItem, itemSteps, type Step } from "./items.ts";
import { type ResponseFrame, responseObject, usageOf } from "./response.ts";

/** Every step of an answer. */
export function* answerSteps(
  turn: AnswerTurn,
  frame: ResponseFrame,
  ids: Ids,
): Generator<Step, void> {
  const ending = turn.ending ?? { type: "completed" };
  const begun = responseObject(frame, "in_progress");
  yield { event: { type: "response.created", response: begun } };
  yield { event: { type: "response.in_progress", response: begun } };
  const output: FinishedItem[] = [];
  const onlyAtTheEnd = ending.type === "completed" && ending.outputOnlyHere === true;
  for (const [index, item] of turn.items.entries()) {
    const steps = itemSteps(item, index, ids);
    output.push(onlyAtTheEnd ? drained(steps) : yield* steps);
  }
  yield { event: lastEvent(turn, ending, frame, output) };
}

function drained(steps: Generator<Step, FinishedItem>): FinishedItem {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

function lastEvent(
  turn: AnswerTurn,
  ending: Ending,
  frame: ResponseFrame,
  output: readonly FinishedItem[],
): Step["event"] {
  switch (ending.type) {
    case "completed":
      return { type: "response.completed", response: completed(turn, ending, frame, output) };
    case "incomplete":
      return {
        type: "response.incomplete",
        response: {
          ...responseObject(frame, "incomplete"),
          incomplete_details: ending.reason === null ? null : { reason: ending.reason },
          output: frame.repeatsOutput ? output : [],
          usage: usageOf(turn, frame, output),
        },
      };
    case "failed":
      return {
        type: "response.failed",
        response: { ...responseObject(frame, "failed"), error: failure(ending) },
      };
    case "error-event":
      return { ...ending.event, type: "error" };
  }
}

/** What the last event of a whole answer carries: no output on the backend, all of it elsewhere. */
export function completed(
  turn: AnswerTurn,
  ending: CompletedEnding,
  frame: ResponseFrame,
  output: readonly FinishedItem[],
): Record<string, unknown> {
  const response: Record<string, unknown> = {
    ...responseObject(frame, "completed"),
    output: frame.repeatsOutput || ending.outputOnlyHere === true ? output : [],
    usage: usageOf(turn, frame, output),
    completed_at: frame.createdAt + 1,
    ...(ending.endTurn === undefined ? {} : { end_turn: ending.endTurn }),
  };
  for (const [name, value] of Object.entries(ending.replace ?? {})) {
    if (value === null) delete response[name];
    else response[name] = value;
  }
  return response;
}

function failure(ending: FailedEnding): Record<string, unknown> | null {
  if (ending.code === null) return null;
  return { code: ending.code, message: ending.message, ...ending.extra };
}
