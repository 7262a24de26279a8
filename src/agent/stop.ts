/** Conditions that end a run before the model does. */
import type { StopCondition } from "./run_options.ts";

/**
 * Ends a run after so many steps, with the reason `max-steps`.
 *
 * @param steps How many, from 1.
 *
 * @example One round of tools, and no more
 * ```ts
 * import { createClient, maxSteps, tool } from "@x/codex";
 * import { createSimulator, toolCall } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [toolCall("now", {})] });
 * const { run } = createClient({ fetch: simulator.fetch, store: simulator.store });
 * const now = tool({
 *   name: "now",
 *   description: "Tells the time",
 *   input: { type: "object", properties: {}, required: [] },
 *   execute: () => "12:00",
 * });
 * const { reason } = await run("What time is it?", { tools: [now], stopWhen: maxSteps(1) }).final();
 * console.log(reason); // "max-steps"
 * ```
 */
export function maxSteps(steps: number): StopCondition {
  return { name: "max-steps", isMet: ({ step }) => step > steps };
}

/**
 * Ends a run after the step in which a tool was called, with the reason `tool-call`.
 *
 * @param name The tool's.
 *
 * @example Stop once something was handed in
 * ```ts
 * import { hasToolCall } from "@x/codex";
 *
 * console.log(hasToolCall("submit").name); // "tool-call"
 * ```
 */
export function hasToolCall(name: string): StopCondition {
  return {
    name: "tool-call",
    isMet: ({ last }) => last?.calls.some((call) => call.name === name) ?? false,
  };
}

/**
 * Ends a run after the step that brought its tokens to a number, with the reason `tokens`.
 *
 * @param total Input and output together.
 *
 * @example At most about fifty thousand
 * ```ts
 * import { tokens } from "@x/codex";
 *
 * console.log(tokens(50_000).name); // "tokens"
 * ```
 */
export function tokens(total: number): StopCondition {
  return { name: "tokens", isMet: ({ usage }) => usage.totalTokens >= total };
}
