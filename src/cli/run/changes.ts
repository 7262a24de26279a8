/** What a run has changed, by its patches and its commands, out of what was there before and after. */
import type { FileChange } from "../../agent/tools/patch/changes.ts";
import {
  ABSENT,
  type FileState,
  hasSameContent,
  isSameState,
} from "../../agent/tools/file_state.ts";
import type { TreeWatch } from "../../agent/tools/tree_watch.ts";
import { cut } from "../width.ts";
import { exact, oneLine } from "./rows.ts";

/** How many files are named in one line. */
const MOST_NAMED = 8;
/** How much of a name, in columns. */
const MOST_OF_NAME = 100;

/** A file that only its number tells, such as the one that stdout goes to. */
export interface FileNumber {
  /** The file system. */
  readonly dev: number;
  /** The number there. */
  readonly ino: number;
}

/** Folders that are looked at twice, as far as that matters here. */
export type Watch = Pick<TreeWatch, "before" | "after" | "whole">;

/** Collects the changes of a run, so that each file counts once: as it was first, and as it is last. */
export class Changes {
  readonly #first = new Map<string, FileState>();
  readonly #last = new Map<string, FileState>();
  readonly #origin = new Map<string, string>();
  #watch: Watch | undefined;

  /** Has whatever changes in folders count, from the first look at them on. */
  watch(watch: Watch): void {
    this.#watch = watch;
  }

  /** Takes the changes of one patch, in their order. */
  add(changes: readonly FileChange[]): void {
    for (const { path, kind, from, before, after, modeBefore, mode } of changes) {
      const was = stateOf(before, modeBefore);
      const is = stateOf(after, mode ?? modeBefore);
      if (kind === "moved" && from !== undefined && from !== path) {
        this.#set(from, was, ABSENT);
        this.#set(path, ABSENT, is);
        this.#origin.set(path, this.#origin.get(from) ?? from);
        this.#origin.delete(from);
      } else {
        this.#set(path, was, is);
        if (after === undefined) this.#origin.delete(path);
      }
    }
  }

  #set(path: string, before: FileState, after: FileState): void {
    if (!this.#first.has(path)) this.#first.set(path, this.#atFirst(path, before));
    this.#last.set(path, after);
  }

  /** What stood at a path before anything of this run: a command may have come before the patch. */
  #atFirst(path: string, before: FileState): FileState {
    const seen = this.#watch?.before(path);
    if (seen === undefined) return before;
    if (seen.text !== undefined) return seen;
    // Where it is the same, the patch knows the text; of a large file the size has to say it.
    const isUnread = seen.exists && seen.sum === undefined && before.text !== undefined;
    const same = isUnread
      ? seen.facts?.size === new TextEncoder().encode(before.text).length
      : isSameState(seen, before);
    return same ? before : seen;
  }

  /** Whether there is anything to look for. */
  get isEmpty(): boolean {
    return this.#watch === undefined && this.#first.size === 0;
  }

  /** Whether all was seen. */
  get isWhole(): boolean {
    return this.#watch?.whole ?? true;
  }

  /** Looks at the folders again, where they are watched: what is on the disk now is what counts. */
  settle(): void {
    const watch = this.#watch;
    if (watch === undefined) return;
    for (const [path, state] of watch.after(this.#first.keys())) {
      if (!this.#first.has(path)) this.#first.set(path, watch.before(path) ?? ABSENT);
      this.#last.set(path, state);
    }
  }

  /**
   * What has become of each file that is not what it was, in the order of the first changes.
   *
   * @param own Files that this program writes to, which are no change.
   */
  list(own: readonly FileNumber[] = []): FileChange[] {
    const origins = this.#origins();
    const gone = new Set(origins.values());
    return [...this.#first.keys()].flatMap((path) => {
      const from = origins.get(path);
      const before = this.#first.get(from ?? path) ?? ABSENT;
      const after = this.#last.get(path) ?? ABSENT;
      if (from !== undefined) return [change("moved", path, before, after, from)];
      if (gone.has(path) || isSameState(before, after)) return [];
      if (own.some(({ dev, ino }) => after.facts?.dev === dev && after.facts.ino === ino)) {
        return [];
      }
      if (!before.exists) return [change("added", path, before, after)];
      return [change(after.exists ? "changed" : "deleted", path, before, after)];
    });
  }

  /** Where files were that are somewhere else now. */
  #origins(): Map<string, string> {
    const origins = new Map<string, string>();
    for (const [path, from] of this.#origin) {
      // A file can be in one new place; what was written and moved after it is new.
      const isTaken = [...origins.values()].includes(from);
      if (!isTaken && this.#isMove(path, from)) origins.set(path, from);
    }
    return origins;
  }

  /** Whether a file is where none was, out of one that was there at first and is not any more. */
  #isMove(path: string, from: string): boolean {
    const [old, now] = [this.#first, this.#last];
    return !old.get(path)?.exists && now.get(path)?.exists === true &&
      old.get(from)?.exists === true && !now.get(from)?.exists;
  }
}

function stateOf(text: string | undefined, mode: number | undefined): FileState {
  return text === undefined ? ABSENT : { exists: true, text, mode };
}

function change(
  kind: FileChange["kind"],
  path: string,
  before: FileState,
  after: FileState,
  from?: string,
): FileChange {
  const untold = untoldOf(before, after);
  return {
    path,
    kind,
    ...(from === undefined ? {} : { from }),
    ...(before.text === undefined ? {} : { before: before.text }),
    ...(after.text === undefined ? {} : { after: after.text }),
    ...(untold === undefined ? {} : { untold }),
    ...(before.mode === undefined ? {} : { modeBefore: before.mode }),
    ...(after.mode === undefined ? {} : { mode: after.mode }),
  };
}

/** Why the texts of what differs are not both known. */
function untoldOf(before: FileState, after: FileState): FileChange["untold"] {
  const unknown = [before, after].filter(({ exists, text }) => exists && text === undefined);
  if (unknown.length === 0) return undefined;
  if (before.exists && after.exists && hasSameContent(before, after)) return undefined;
  return unknown.some(({ sum }) => sum !== undefined) ? "binary" : "unread";
}

/**
 * What was changed, in one line such as `changed 2 files: a.ts, b.ts (new)`.
 *
 * @param files What {@linkcode Changes.list} gave.
 * @param isWhole Whether that is all that there can be.
 * @returns The line, harmless; `undefined` when nothing was changed.
 */
export function changesLine(
  files: readonly FileChange[],
  isWhole: boolean = true,
): string | undefined {
  if (files.length === 0) {
    return isWhole ? undefined : "changed no file that was looked at: there are too many for all";
  }
  // One more name takes no more room than to say that there is one.
  const named = files.length === MOST_NAMED + 1 ? files : files.slice(0, MOST_NAMED);
  const names = named.map(({ path, kind, from = "" }) => {
    if (kind === "moved") return `${name(from)} → ${name(path)}`;
    return name(path) + MARKS[kind];
  }).join(", ");
  const more = files.length - named.length;
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  const rest = isWhole ? "" : ", and perhaps more";
  return `changed ${count}: ${names}${more > 0 ? ` and ${more} more` : ""}${rest}`;
}

const MARKS = { added: " (new)", changed: "", deleted: " (deleted)" } as const;

function name(path: string): string {
  return cut(oneLine(exact(path)), MOST_OF_NAME);
}
