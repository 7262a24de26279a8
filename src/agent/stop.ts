/** Conditions that end a run before the model does. */
import { BOOLEAN, check, type Kind } from "../responses/members.ts";
import { callerFailure } from "../base/caller_failure.ts";
import type { StepState, StopCondition } from "./run_options.ts";

const COUNT: Kind = {
  what: "a whole number from 1",
  is: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 1,
};

const ANSWER: Kind = { ...BOOLEAN, hint: "Say true or false at once: nothing is awaited" };

const NAME: Kind = {
  what: "the name of a tool",
  is: (value) => typeof value === "string" && value !== "",
};

/**
 * Ends a run after so many steps, with the reason `max-steps`.
 *
 * @param steps How many, from 1.
 * @throws CodexError `invalid_usage` for anything but such a number.
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
  check(steps, COUNT, "steps");
  return { name: "max-steps", isMet: ({ step }) => step > steps };
}

/**
 * Ends a run after the step in which a tool was called, with the reason `tool-call`.
 *
 * @param name The tool's.
 * @throws CodexError `invalid_usage` for anything but a name.
 *
 * @example Stop once something was handed in
 * ```ts
 * import { hasToolCall } from "@x/codex";
 *
 * console.log(hasToolCall("submit").name); // "tool-call"
 * ```
 */
export function hasToolCall(name: string): StopCondition {
  check(name, NAME, "name");
  return {
    name: "tool-call",
    isMet: ({ last }) => last?.calls.some((call) => call.name === name) ?? false,
  };
}

/**
 * Ends a run after the step that brought its tokens to a number, with the reason `tokens`.
 *
 * @param total Input and output together, from 1.
 * @throws CodexError `invalid_usage` for anything but such a number.
 *
 * @example At most about fifty thousand
 * ```ts
 * import { tokens } from "@x/codex";
 *
 * console.log(tokens(50_000).name); // "tokens"
 * ```
 */
export function tokens(total: number): StopCondition {
  check(total, COUNT, "total");
  return { name: "tokens", isMet: ({ usage }) => usage.totalTokens >= total };
}

/**
 * Asks a condition, which may be the caller's own.
 *
 * @param condition The condition.
 * @param state Where the run stands.
 * @throws CodexError `tool_failed` when it fails, `invalid_usage` for an answer that is none, such
 * as a promise, which looks like a yes.
 */
export function isMet(condition: StopCondition, state: StepState): boolean {
  let met: unknown;
  try {
    met = condition.isMet(state);
  } catch (cause) {
    throw callerFailure(cause, `The condition "${condition.name}" failed`, {
      hint: "Mend the `isMet` of the condition",
    });
  }
  // It is refused, whatever becomes of it.
  if (met instanceof Promise) met.catch(() => {});
  check(met, ANSWER, `isMet() of "${condition.name}"`);
  return met === true;
}
