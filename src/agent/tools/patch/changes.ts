/** What a patch did to files, as those are told who show it or ask for it. */
import { type UnifiedDiff, unifiedDiff } from "../diff.ts";

/** What became of one file. */
export interface FileChange {
  /** The file, relative to the working directory where it lies in that, else absolute. */
  readonly path: string;
  /** What became of it. */
  readonly kind: "added" | "changed" | "deleted" | "moved";
  /** For `moved`: where it was before. */
  readonly from?: string;
  /** Its text before; absent for `added`. */
  readonly before?: string;
  /** Its text afterwards; absent for `deleted`. */
  readonly after?: string;
  /** Its permissions before, where known. */
  readonly modeBefore?: number;
  /** Its permissions afterwards, where they were kept or taken over from another file. */
  readonly mode?: number;
}

/** The difference that a change makes, with its counts. */
export function diffOfChange(change: FileChange): UnifiedDiff {
  return unifiedDiff(change);
}

/** The difference that changes make, one file after the other. */
export function diffOfChanges(changes: readonly FileChange[]): string {
  return changes.map((change) => unifiedDiff(change).text).join("");
}

const LETTERS = { added: "A", changed: "M", moved: "M", deleted: "D" } as const;

/** A line for each change, as the model is told: `A path`, `M path`, `D path`. */
export function changeLines(changes: readonly FileChange[]): string {
  return changes.map(({ kind, path }) => `${LETTERS[kind]} ${path}\n`).join("");
}
