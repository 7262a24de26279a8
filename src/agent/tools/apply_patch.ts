/** The tool that changes files: a patch of one or more files, applied as a whole or not at all. */
import { isObject, parseJson, stringAt } from "../../base/json.ts";
import type { SandboxPolicy } from "../sandbox/sandbox.ts";
import type { PreparedCall, Tool } from "../tool.ts";
import { changeLines, diffOfChanges, type FileChange } from "./patch/changes.ts";
import { commitPlan } from "./patch/commit.ts";
import { removeLeftovers } from "./patch/leftovers.ts";
import { parsePatch } from "./patch/parse.ts";
import { PatchError } from "./patch/patch_error.ts";
import { planPatch } from "./patch/plan.ts";
export type { FileChange };

/** How to make the patch tool. */
export interface ApplyPatchOptions {
  /** Says which folders may be changed, and in mode `read-only` that a patch needs a yes. */
  readonly policy: SandboxPolicy;
  /** Where the patch's paths begin, absolute. */
  readonly cwd: string;
  /** Told what a patch has changed, once it has. */
  readonly onChange?: ((changes: readonly FileChange[]) => void) | undefined;
  /** Says where secrets are, which no patch may touch; this process's environment when absent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Says how old the files are that a run left which was killed; the system's time when absent. */
  readonly now?: (() => number) | undefined;
}

/**
 * Makes the patch tool.
 *
 * It changes files of the workspace and the writable folders only, in every mode: with
 * `danger-full-access` too, where a command can do the rest. That is the simplest rule and the
 * safest, as what writes here is this process and not one in a sandbox.
 *
 * @param options Which folders, and who is told.
 */
export function applyPatchTool(options: ApplyPatchOptions): Tool {
  const { mode } = options.policy;
  return {
    name: NAME,
    effects: "write",
    declare: (model) =>
      model?.freeformPatch
        ? {
          type: "custom",
          name: NAME,
          description: DESCRIPTION,
          grammar: { syntax: "lark", definition: GRAMMAR },
        }
        : {
          type: "function",
          name: NAME,
          description: `${DESCRIPTION}\n\n${FORMAT}`,
          parameters: PARAMETERS,
        },
    prepare: (input) =>
      told("apply_patch verification failed", async (): Promise<PreparedCall> => {
        const hunks = parsePatch(patchIn(input));
        const { changes } = await planPatch(hunks, options);
        const diff = diffOfChanges(changes);
        const need = mode === "read-only"
          ? { unconfined: true, why: "the sandbox is read-only", diff }
          : { unconfined: false, diff };
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
              options.onChange?.(plan.changes);
              return `Success. Updated the following files:\n${changeLines(plan.changes)}`;
            }),
        };
      }),
  };
}

const NAME = "apply_patch";

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

const DESCRIPTION = "Changes files of the workspace by a patch. All of it is applied, or none.";

const FORMAT = `A patch looks like this:
*** Begin Patch
*** Add File: new.txt
+each line of the new file
*** Delete File: old.txt
*** Update File: src/a.ts
*** Move to: src/b.ts
@@ class Or function that the lines are in
 a line that stays
-a line that goes
+a line that comes
*** End Patch
"Move to" and the text after "@@" may be left out. Give three lines that stay above and below each change, and one "@@" for each place, in the order of the file. There are no line numbers.`;

const PARAMETERS = {
  type: "object",
  properties: { input: { type: "string", description: "The whole patch." } },
  required: ["input"],
  additionalProperties: false,
} as const;

/** What a model that takes a grammar is held to. */
const GRAMMAR = `start: "*** Begin Patch" NL file+ "*** End Patch" NL?
file: added | deleted | updated
added: "*** Add File: " REST NL ("+" REST? NL)*
deleted: "*** Delete File: " REST NL
updated: "*** Update File: " REST NL ("*** Move to: " REST NL)? (lines | chunk) chunk*
chunk: "@@" (" " REST)? NL lines
lines: line+ ("*** End of File" NL)?
line: (" " | "-" | "+") REST? NL
REST: /[^\\r\\n]+/
NL: /\\r?\\n/
`;
