/**
 * Which of its messages a model announces as the answer. The newer models do so where they are
 * offered tools (the official client's code reads it; how the service decides is not verified), so
 * a turn that says nothing else is answered in that manner. Pure.
 */
import { arrayAt, type JsonObject, stringAt } from "../../base/json.ts";
import type { AnswerItem, AnswerTurn } from "../turns.ts";

/**
 * A turn with the phase that its last message has in answer to a request with tools: the final
 * answer, unless a call goes with it.
 */
export function withPhases(turn: AnswerTurn, request: JsonObject): AnswerTurn {
  if (!offersTools(request) || turn.items.some(isCall)) return turn;
  const at = turn.items.findLastIndex(({ type }) => type === "text");
  const last = turn.items[at];
  if (last?.type !== "text" || last.phase !== undefined) return turn;
  return { ...turn, items: turn.items.with(at, { ...last, phase: "final_answer" }) };
}

function isCall({ type }: AnswerItem): boolean {
  return type === "tool-call" || type === "custom-tool-call" || type === "item";
}

/** Declared beside the input, or in the shape for newer models as its first item. */
function offersTools(request: JsonObject): boolean {
  return (arrayAt(request, "tools")?.length ?? 0) > 0 ||
    (arrayAt(request, "input") ?? []).some((item) => stringAt(item, "type") === "additional_tools");
}
