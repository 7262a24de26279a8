/** Whether a call may be made: asked of the caller for everything that has effects beyond reading. */
import { untilAborted } from "../base/abort.ts";
import { isObject } from "../base/json.ts";
import type { ToolCall } from "../responses/events.ts";
import { callerFailure } from "../base/caller_failure.ts";
import { copyOf } from "./copy.ts";
import type { RunEvent } from "./run_events.ts";
import type { Approval, Approve } from "./run_options.ts";
import type { CallNeed, Tool } from "./tool.ts";

/** A call that may not be made. */
export interface Refusal {
  /** The tool. */
  readonly name: string;
  /** What the model is told. */
  readonly told: string;
}

/** Whom to ask, and what else is needed for that. */
export interface ApprovalContext {
  /** Decides; nobody does when absent. */
  readonly approve: Approve | undefined;
  /** In which step. */
  readonly step: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Told that it is asked. */
  readonly tell: (event: RunEvent) => void | Promise<void>;
}

/**
 * Asks whether a call may be made.
 *
 * @param call The call.
 * @param tool Its tool.
 * @param need What it needs, where the tool tells.
 * @param context Whom to ask.
 * @returns Why not, or `undefined` when it may.
 * @throws CodexError `tool_failed` when the one who is asked fails.
 */
export async function approvalOf(
  call: ToolCall,
  { name, effects }: Tool,
  need: CallNeed | undefined,
  { approve, step, signal, tell }: ApprovalContext,
): Promise<Refusal | undefined> {
  if (effects === undefined || effects === "read") return undefined;
  const why = need?.why ?? `the tool "${name}" ${WHAT[effects]}`;
  if (approve === undefined) return refusal(name, why, "nobody is there to allow it");
  // It is asked about a copy: what is done with that changes nothing of the call.
  const shown = { ...call, input: copyOf(call.input) };
  const work = asked(() => approve(shown, { step, effects, need, signal }), name);
  // What is allowed at once was no question, and what stays where it is confined needs none.
  if ((work instanceof Promise || !allows(work)) && need?.unconfined !== false) {
    const { id } = call;
    await tell({
      type: "approval-request",
      id,
      tool: name,
      input: copyOf(call.input),
      reason: why,
    });
  }
  const approval = await untilAborted(work, signal);
  if (allows(approval)) return undefined;
  return refusal(name, why, reasonOf(approval));
}

/** Only `true` is a yes: callers without types answer anything, such as the text "false". */
function allows(approval: unknown): boolean {
  return approval === true || (isObject(approval) && approval["allow"] === true);
}

function reasonOf(approval: unknown): string | undefined {
  const reason = isObject(approval) ? approval["reason"] : undefined;
  return typeof reason === "string" ? reason : undefined;
}

const WHAT = {
  write: "changes files",
  exec: "runs programs",
  network: "reaches out to the network",
} as const;

function refusal(name: string, why: string, reason: string = "it was refused"): Refusal {
  const told = `This call was not made: ${why}, and ${reason}. Go on without it, ` +
    "or end with an answer that says what is missing.";
  return { name, told };
}

/** What the one who is asked says, at once or later. */
function asked(
  ask: () => Approval | Promise<Approval>,
  name: string,
): Approval | Promise<Approval> {
  try {
    const approval = ask();
    if (!isPromise(approval)) return approval;
    const answer = Promise.resolve(approval).catch((cause) => {
      throw failed(cause, name);
    });
    // Whoever waits for it is told; until that it must not end the process.
    answer.catch(() => {});
    return answer;
  } catch (cause) {
    throw failed(cause, name);
  }
}

/** Whether it is one, of any library. */
function isPromise(value: unknown): value is PromiseLike<Approval> {
  return isObject(value) && typeof value["then"] === "function";
}

function failed(cause: unknown, name: string): unknown {
  return callerFailure(cause, `Whether "${name}" may be called could not be asked`, {
    hint: "Mend the `approve` of the run",
  });
}
