/** Whether a call may be made: asked of the caller for everything that has effects beyond reading. */
import { untilAborted } from "../base/abort.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import type { ToolCall } from "../responses/events.ts";
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
  const work = asked(() => approve(call, { step, effects, need, signal }), name);
  // What is allowed at once was no question, and what stays where it is confined needs none.
  if ((work instanceof Promise || !allows(work)) && need?.unconfined !== false) {
    const { id, input } = call;
    await tell({ type: "approval-request", id, tool: name, input, reason: why });
  }
  const approval = await untilAborted(work, signal);
  if (allows(approval)) return undefined;
  return refusal(name, why, typeof approval === "boolean" ? undefined : approval.reason);
}

function allows(approval: Approval): boolean {
  return typeof approval === "boolean" ? approval : approval.allow;
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
    if (!(approval instanceof Promise)) return approval;
    const answer = approval.catch((cause) => {
      throw failed(cause, name);
    });
    // Whoever waits for it is told; until that it must not end the process.
    answer.catch(() => {});
    return answer;
  } catch (cause) {
    throw failed(cause, name);
  }
}

function failed(cause: unknown, name: string): unknown {
  if (isCodexError(cause)) return cause;
  return new CodexError("tool_failed", `Whether "${name}" may be called could not be asked`, {
    cause,
    hint: "Mend the `approve` of the run",
  });
}
