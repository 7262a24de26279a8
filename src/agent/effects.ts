/** What a tool may be said to do to the world. */
import { type Kind, word } from "../responses/members.ts";
import type { ToolEffects } from "./tool.ts";

/** The words for it. */
export const EFFECTS: Kind = word(
  ...["read", "write", "exec", "network"] satisfies readonly ToolEffects[],
);
