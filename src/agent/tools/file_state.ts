/** What stood at a path at some moment, as far as that is known, and whether it is the same at another. */
import { type FileFacts, isSame } from "./patch/files.ts";
import { sumOfText } from "./tree_content.ts";

/** What stood at a path. */
export interface FileState {
  /** Whether anything did. */
  readonly exists: boolean;
  /** Its text, where that is known: of a link, where it leads. */
  readonly text?: string | undefined;
  /** Its checksum, where that is known. */
  readonly sum?: string | undefined;
  /** What was found there, where it was looked at. */
  readonly facts?: FileFacts | undefined;
  /** Its permissions, where they are known; of a link, what Git writes in their place. */
  readonly mode?: number | undefined;
}

/** Nothing. */
export const ABSENT: FileState = { exists: false };

/** Whether two states are the same, as far as they are known. */
export function isSameState(one: FileState, other: FileState): boolean {
  if (!one.exists || !other.exists) return one.exists === other.exists;
  const knowsModes = one.mode !== undefined && other.mode !== undefined;
  if (knowsModes && one.mode !== other.mode) return false;
  return hasSameContent(one, other);
}

/** Whether what stood at a path both times holds the same, as far as that is known. */
export function hasSameContent(one: FileState, other: FileState): boolean {
  if (one.text !== undefined && other.text !== undefined) return one.text === other.text;
  const [sum, otherSum] = [sumOfState(one), sumOfState(other)];
  if (sum !== undefined && otherSum !== undefined) return sum === otherSum;
  return one.facts !== undefined && isSame(one.facts, other.facts);
}

function sumOfState({ sum, text }: FileState): string | undefined {
  return sum ?? (text === undefined ? undefined : sumOfText(text));
}
