/** What became of files, by a patch or otherwise, as those are told who show it or ask for it. */
import { unifiedDiff } from "../diff.ts";

/** What became of one file. */
export interface FileChange {
  /** The file, relative to the working directory where it lies in that, else absolute. */
  readonly path: string;
  /** What became of it. */
  readonly kind: "added" | "changed" | "deleted" | "moved";
  /** For `moved`: where it was before. */
  readonly from?: string;
  /** Its text before, where it is known and a text; absent for `added`. */
  readonly before?: string;
  /** Its text afterwards, where it is known and a text; absent for `deleted`. */
  readonly after?: string;
  /** Its permissions before, where known. */
  readonly modeBefore?: number;
  /** Its permissions afterwards, where they were kept or taken over from another file. */
  readonly mode?: number;
}

/** The difference that changes make, one file after the other; of what is no text there is none. */
export function diffOfChanges(changes: readonly FileChange[]): string {
  return changes.filter(hasTexts).map((change) => unifiedDiff(change).text).join("");
}

/** Whether the texts that make the difference are known. */
function hasTexts({ kind, before, after }: FileChange): boolean {
  return (kind === "added" || before !== undefined) && (kind === "deleted" || after !== undefined);
}

const LETTERS = { added: "A", changed: "M", moved: "M", deleted: "D" } as const;

/** A line for each change, as the model is told: `A path`, `M path`, `D path`. */
export function changeLines(changes: readonly FileChange[]): string {
  return changes.map(({ kind, path }) => `${LETTERS[kind]} ${path}\n`).join("");
}
