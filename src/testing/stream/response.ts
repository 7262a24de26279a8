/** The response as its first and last events carry it, and the figures of the last. */
import { type JsonObject, objectAt, stringAt } from "../../base/json.ts";
import type { AnswerTurn } from "../turns.ts";
import type { FinishedItem } from "./items.ts";

/** A response that streams. */
export interface ResponseFrame {
  /** Its id. */
  readonly id: string;
  /** When it began, in seconds since the epoch. */
  readonly createdAt: number;
  /** The request's body. */
  readonly request: JsonObject;
  /** Whether the last event repeats the output: the public API's does, the backend's is empty. */
  readonly repeatsOutput: boolean;
}

/** What `response.created` and its like carry. */
export function responseObject(
  frame: ResponseFrame,
  status: "in_progress" | "completed" | "incomplete" | "failed",
): Record<string, unknown> {
  const { request } = frame;
  const reasoning = objectAt(request, "reasoning");
  const text = objectAt(request, "text");
  return {
    id: frame.id,
    object: "response",
    created_at: frame.createdAt,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request["instructions"] ?? null,
    max_output_tokens: request["max_output_tokens"] ?? null,
    model: stringAt(request, "model") ?? "",
    output: [],
    parallel_tool_calls: request["parallel_tool_calls"] ?? true,
    previous_response_id: request["previous_response_id"] ?? null,
    prompt_cache_key: request["prompt_cache_key"] ?? null,
    reasoning: { effort: reasoning["effort"] ?? "medium", summary: reasoning["summary"] ?? null },
    ...(request["service_tier"] === undefined ? {} : { service_tier: request["service_tier"] }),
    store: request["store"] ?? true,
    temperature: request["temperature"] ?? 1,
    text: { format: text["format"] ?? { type: "text" }, verbosity: text["verbosity"] ?? "medium" },
    tool_choice: request["tool_choice"] ?? "auto",
    tools: request["tools"] ?? [],
    top_p: request["top_p"] ?? 1,
    truncation: request["truncation"] ?? "disabled",
    usage: null,
    user: null,
    metadata: request["metadata"] ?? {},
  };
}

/** The figures, told by the turn or guessed from the text at four characters a token. */
export function usageOf(
  turn: AnswerTurn,
  frame: ResponseFrame,
  output: readonly FinishedItem[],
): Record<string, unknown> {
  const { usage = {} } = turn;
  const isThought = (item: FinishedItem) => item["type"] === "reasoning";
  const reasoningTokens = usage.reasoningTokens ?? tokens(output.filter(isThought));
  const spoken = output.filter((item) => !isThought(item));
  const inputTokens = usage.inputTokens ??
    tokens([frame.request["instructions"], frame.request["input"], frame.request["tools"]]);
  const outputTokens = usage.outputTokens ?? tokens(spoken) + reasoningTokens;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}

/** Four characters of what was said make a token; names, ids and the like do not count. */
function tokens(values: readonly unknown[]): number {
  return Math.ceil(values.reduce<number>((sum, value) => sum + length(value), 0) / 4);
}

const SAID: readonly string[] = ["content", "summary", "text", "refusal", "arguments", "input"];

function length(value: unknown, isSaid = true): number {
  if (typeof value === "string") return isSaid ? value.length : 0;
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item) => sum + length(item, isSaid), 0);
  }
  return Object.entries(value).reduce<number>(
    (sum, [key, item]) => sum + length(item, SAID.includes(key)),
    0,
  );
}
