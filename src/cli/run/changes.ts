/** What a run has changed by its patches, out of the texts before and after. Pure. */
import type { FileChange } from "../../agent/tools/patch/changes.ts";
import { cut, exact, oneLine } from "./rows.ts";

/** How many files are named in one line. */
const MOST_NAMED = 8;
/** How much of a name, in columns. */
const MOST_OF_NAME = 100;

/** What stood at a path. */
interface State {
  /** Its text; absent when there was no file. */
  readonly text: string | undefined;
  /** Its permissions, where known. */
  readonly mode: number | undefined;
}

const NOTHING: State = { text: undefined, mode: undefined };

/** Collects the changes of a run, so that each file counts once: as it was first, and as it is last. */
export class Changes {
  readonly #first = new Map<string, State>();
  readonly #last = new Map<string, State>();
  readonly #origin = new Map<string, string>();

  /** Takes the changes of one patch, in their order. */
  add(changes: readonly FileChange[]): void {
    for (const { path, kind, from, before, after, modeBefore, mode } of changes) {
      const was = { text: before, mode: modeBefore };
      const is = { text: after, mode: after === undefined ? undefined : mode ?? modeBefore };
      if (kind === "moved" && from !== undefined && from !== path) {
        this.#set(from, was, NOTHING);
        this.#set(path, NOTHING, is);
        this.#origin.set(path, this.#origin.get(from) ?? from);
        this.#origin.delete(from);
      } else {
        this.#set(path, was, is);
        if (after === undefined) this.#origin.delete(path);
      }
    }
  }

  #set(path: string, before: State, after: State): void {
    if (!this.#first.has(path)) this.#first.set(path, before);
    this.#last.set(path, after);
  }

  /** What has become of each file that is not what it was, in the order of the first changes. */
  list(): FileChange[] {
    const origins = this.#origins();
    const gone = new Set(origins.values());
    return [...this.#first.keys()].flatMap((path) => {
      const from = origins.get(path);
      const before = this.#first.get(from ?? path) ?? NOTHING;
      const after = this.#last.get(path) ?? NOTHING;
      if (from !== undefined) return [change("moved", path, before, after, from)];
      if (gone.has(path) || isSame(before, after)) return [];
      if (before.text === undefined) return [change("added", path, before, after)];
      return [change(after.text === undefined ? "deleted" : "changed", path, before, after)];
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
    return old.get(path)?.text === undefined && now.get(path)?.text !== undefined &&
      old.get(from)?.text !== undefined && now.get(from)?.text === undefined;
  }
}

function isSame(before: State, after: State): boolean {
  const { text, mode } = before;
  const knowsModes = mode !== undefined && after.mode !== undefined;
  return text === after.text && !(knowsModes && mode !== after.mode);
}

function change(
  kind: FileChange["kind"],
  path: string,
  before: State,
  after: State,
  from?: string,
): FileChange {
  return {
    path,
    kind,
    ...(from === undefined ? {} : { from }),
    ...(before.text === undefined ? {} : { before: before.text }),
    ...(after.text === undefined ? {} : { after: after.text }),
    ...(before.mode === undefined ? {} : { modeBefore: before.mode }),
    ...(after.mode === undefined ? {} : { mode: after.mode }),
  };
}

/**
 * What was changed, in one line such as `changed 2 files: a.ts, b.ts (new)`.
 *
 * @param files What {@linkcode Changes.list} gave.
 * @returns The line, harmless; `undefined` when nothing was changed.
 */
export function changesLine(files: readonly FileChange[]): string | undefined {
  if (files.length === 0) return undefined;
  // One more name takes no more room than to say that there is one.
  const named = files.length === MOST_NAMED + 1 ? files : files.slice(0, MOST_NAMED);
  const names = named.map(({ path, kind, from = "" }) => {
    if (kind === "moved") return `${name(from)} → ${name(path)}`;
    return name(path) + MARKS[kind];
  }).join(", ");
  const more = files.length - named.length;
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  return `changed ${count}: ${names}${more > 0 ? ` and ${more} more` : ""}`;
}

const MARKS = { added: " (new)", changed: "", deleted: " (deleted)" } as const;

function name(path: string): string {
  return cut(oneLine(exact(path)), MOST_OF_NAME);
}
