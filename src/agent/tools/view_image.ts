/** The tool that shows the model an image file of the workspace. */
import { check, closed, type Kind } from "../../responses/members.ts";
import { ABSOLUTE, fixedPolicy, policyKind } from "../sandbox/policy_members.ts";
import type { Tool } from "../tool.ts";
import type { ViewImageOptions } from "./view_image_call.ts";

export type { ViewImageOptions };

/**
 * Shows images to models that take them. It reads within the workspace and the policy's writable
 * folders alone, in every mode: a command sees more, but what a command sees is not sent as it is.
 *
 * @param options What may be read, and where.
 * @returns The tool `view_image`.
 * @throws CodexError `invalid_usage` for an option that is not known or not what it has to be.
 */
export function viewImageTool(options: ViewImageOptions): Tool {
  const members: Readonly<Record<keyof ViewImageOptions, Kind>> = {
    policy: policyKind(),
    cwd: ABSOLUTE,
  };
  check(options, closed(members), "options");
  const fixed = { ...options, policy: fixedPolicy(options.policy) };
  return {
    name: "view_image",
    effects: "read",
    declare(model) {
      if (model?.inputs.includes("image") !== true) return undefined;
      return {
        type: "function",
        name: "view_image",
        description: "Shows an image file of the working directory: PNG, JPEG, WebP or GIF.",
        strict: false,
        parameters: {
          type: "object",
          properties: { path: { type: "string", description: "The file." } },
          required: ["path"],
          additionalProperties: false,
        },
      };
    },
    prepare: async (input) => (await import("./view_image_call.ts")).prepareView(input, fixed),
  };
}
