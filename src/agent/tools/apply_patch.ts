/** The tool that changes files: a patch of one or more files, applied as a whole or not at all. */
import { check, closed, FUNCTION, type Kind, OBJECT, optional } from "../../responses/members.ts";
import { ABSOLUTE, fixedPolicy, policyKind } from "../sandbox/policy_members.ts";
import type { Tool } from "../tool.ts";
import type { ApplyPatchOptions } from "./apply_patch_call.ts";
import type { FileChange } from "./patch/changes.ts";

export type { ApplyPatchOptions, FileChange };

/**
 * Makes the patch tool.
 *
 * It changes files of the workspace and the writable folders only, in every mode: with
 * `danger-full-access` too, where a command can do the rest. That is the simplest rule and the
 * safest, as what writes here is this process and not one in a sandbox.
 *
 * @param options Which folders, and who is told.
 * @throws CodexError `invalid_usage` for an option that is not known or not what it has to be.
 */
export function applyPatchTool(options: ApplyPatchOptions): Tool {
  const members: Readonly<Record<keyof ApplyPatchOptions, Kind>> = {
    policy: policyKind(),
    cwd: ABSOLUTE,
    onChange: optional(FUNCTION),
    environment: optional(OBJECT),
    now: optional(FUNCTION),
  };
  check(options, closed(members), "options");
  const fixed = { ...options, policy: fixedPolicy(options.policy) };
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
    prepare: async (input) => (await import("./apply_patch_call.ts")).preparePatch(input, fixed),
  };
}

const NAME = "apply_patch";

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
