/** What became of files, by a patch or otherwise, as those are told who show it or ask for it. */
import { differLine, isLink, unifiedDiff } from "../diff.ts";

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
  /** Why the texts are not known of contents that differ: one is none, or was not read. */
  readonly untold?: "binary" | "unread";
  /** Its permissions before, where known; of a link, what Git writes in their place. */
  readonly modeBefore?: number;
  /** Its permissions afterwards, where they were kept or taken over from another file. */
  readonly mode?: number;
}

/**
 * The difference that changes make, one file after the other. Before them stands a line for each of
 * which there are no texts: an image is not shown, and not passed over.
 */
export function diffOfChanges(changes: readonly FileChange[]): string {
  const shown = changes.flatMap(shownOf);
  return [...shown.map(({ line }) => line), ...shown.map(({ diff }) => diff)].join("");
}

/** What is shown of a change. */
interface Shown {
  /** That something differs, where it cannot be shown how; else empty. */
  readonly line: string;
  /** How it differs; empty where that cannot be shown. */
  readonly diff: string;
}

function shownOf(change: FileChange): readonly Shown[] {
  const { kind, before, after, untold, ...rest } = change;
  const isNew = kind === "added";
  const isGone = kind === "deleted";
  if (!isNew && !isGone && isAnotherKind(change)) return replaced(change);
  if ((isNew || before !== undefined) && (isGone || after !== undefined)) {
    return [{ line: "", diff: unifiedDiff({ ...rest, before, after }).text }];
  }
  // Both sides are there, whatever they hold.
  const input = { ...rest, before: isNew ? undefined : "", after: isGone ? undefined : "" };
  const line = untold === undefined ? "" : differLine(input, untold === "binary");
  // Without what it holds, a file can neither be made nor taken away, but moved and permitted.
  return [{ line, diff: isNew || isGone ? "" : unifiedDiff(input).text }];
}

function isAnotherKind({ modeBefore, mode }: FileChange): boolean {
  return mode !== undefined && isLink(modeBefore) !== isLink(mode);
}

/** As Git has it, a file does not become a link, nor a link a file: one goes, and one comes. */
function replaced(change: FileChange): readonly Shown[] {
  const { after: _after, mode: _mode, from, ...old } = change;
  const { before: _before, modeBefore: _modeBefore, from: _from, ...made } = change;
  return [
    ...shownOf({ ...old, path: from ?? change.path, kind: "deleted" }),
    ...shownOf({ ...made, kind: "added" }),
  ];
}

const LETTERS = { added: "A", changed: "M", moved: "M", deleted: "D" } as const;

/** A line for each change, as the model is told: `A path`, `M path`, `D path`. */
export function changeLines(changes: readonly FileChange[]): string {
  return changes.map(({ kind, path }) => `${LETTERS[kind]} ${path}\n`).join("");
}
