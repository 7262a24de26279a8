/** Whether an answer that ended is a whole one. */
import { CodexError } from "../base/errors.ts";
import type { ModelResult } from "./events.ts";

/**
 * The error for an answer that ended well on the wire and is no whole answer.
 *
 * @param result The answer.
 * @param shown All text that was streamed of it.
 * @returns `refused` or `incomplete`, or `undefined` for a whole answer.
 */
export function incompleteness(result: ModelResult, shown: string): CodexError | undefined {
  const { reason, detail, requestId } = result;
  const details = { requestId, partial: { text: shown } };
  switch (reason) {
    case "stop":
    case "tool-calls":
      return undefined;
    case "refusal":
      return new CodexError("refused", "The model refused to answer", {
        ...details,
        hint: "Ask in another way",
      });
    case "length":
      return new CodexError("incomplete", "The answer is incomplete: it reached the output limit", {
        ...details,
        hint: "Ask for less at once, or ask to go on",
      });
    case "content-filter":
      return new CodexError("incomplete", "The answer is incomplete: a content filter stopped it", {
        ...details,
        hint: "Ask in another way",
      });
    case "other": {
      const why = /^[\w.-]{1,64}$/.test(detail ?? "") ? `: ${detail}` : "";
      return new CodexError("incomplete", `The answer is incomplete${why}`, {
        ...details,
        hint: "Try again",
      });
    }
  }
}
