/** One call of the patch tool: understood, shown, and then applied as a whole. */
import { callerFailure } from "../../base/caller_failure.ts";
import { isObject, parseJson, stringAt } from "../../base/json.ts";
import type { SandboxPolicy } from "../sandbox/sandbox.ts";
import type { PreparedCall } from "../tool.ts";
import { changeLines, diffOfChanges, type FileChange } from "./patch/changes.ts";
import { commitPlan } from "./patch/commit.ts";
import { removeLeftovers } from "./patch/leftovers.ts";
import { parsePatch } from "./patch/parse.ts";
import { PatchError } from "./patch/patch_error.ts";
import { planPatch } from "./patch/plan.ts";

/** How to make the patch tool. */
export interface ApplyPatchOptions {
  /** Says which folders may be changed, and in mode `read-only` that a patch needs a yes. */
  readonly policy: SandboxPolicy;
  /** Where the patch's paths begin, absolute. */
  readonly cwd: string;
  /** Told what a patch has changed, once it has; what it throws ends the run. */
  readonly onChange?: ((changes: readonly FileChange[]) => void) | undefined;
  /** Says where secrets are, which no patch may touch; this process's environment when absent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Says how old the files are that a run left which was killed; the system's time when absent. */
  readonly now?: (() => number) | undefined;
}

/**
 * Prepares a call.
 *
 * @param input What the model gave.
 * @param options Which folders, and who is told.
 * @throws PatchError that tells the model what is wrong with its patch.
 */
export function preparePatch(input: unknown, options: ApplyPatchOptions): Promise<PreparedCall> {
  const { mode } = options.policy;
  return told("apply_patch verification failed", async (): Promise<PreparedCall> => {
    const hunks = parsePatch(patchIn(input));
    const { changes } = await planPatch(hunks, options);
    const diff = diffOfChanges(changes);
    // Only what is known to allow it does.
    const mayWrite = mode === "workspace-write" || mode === "danger-full-access";
    const need = mayWrite
      ? { unconfined: false, diff }
      : { unconfined: true, why: "the sandbox is read-only", diff };
    return {
      need,
      execute: ({ signal }) =>
        told("apply_patch failed", async () => {
          // A question may have taken its time, and calls before this one have changed files.
          const plan = await planPatch(hunks, options);
          if (need.unconfined && diffOfChanges(plan.changes) !== diff) {
            throw new PatchError("the files changed after the patch was shown for approval");
          }
          await commitPlan(plan, { signal });
          const places = [...plan.writes.map(({ place }) => place), ...plan.removals];
          removeLeftovers(places.map(({ folder }) => folder), options.now?.());
          await tellChanges(options, plan.changes);
          return `Success. Updated the following files:\n${changeLines(plan.changes)}`;
        }),
    };
  });
}

/** Tells the caller; the patch stands, whatever that comes to, so the model is not told of it. */
async function tellChanges(
  { onChange }: ApplyPatchOptions,
  changes: readonly FileChange[],
): Promise<void> {
  try {
    await onChange?.(changes);
  } catch (cause) {
    const message = "The patch was applied, but what was to be told of it failed";
    throw callerFailure(cause, message, { hint: "Mend the `onChange` of applyPatchTool()" });
  }
}

/** The patch of a call's arguments, in any of the shapes that models send it in. */
function patchIn(input: unknown): string {
  const value = typeof input === "string" && input.trimStart().startsWith("{")
    ? parseJson(input) ?? input
    : input;
  const patch = typeof value === "string"
    ? value
    : stringAt(value, "input") ?? stringAt(value, "patch");
  if (patch !== undefined) return patch;
  throw new PatchError(
    isObject(value) ? "the patch has to be a string named 'input'" : "there is no patch",
  );
}

/** Does something, and says of a patch that failed what it was and what became of the files. */
async function told<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const rest = error.unchanged ? "\nNo file was changed." : "";
    throw new PatchError(`${what}: ${error.message}${rest}`, error.unchanged);
  }
}
