/**
 * Carries out a plan, as a whole or not at all.
 *
 * First every new content is written beside its target, which is where a full disk or a folder that
 * may not be written to shows. Then come the moves, which need no room, and between which no other
 * work of this process can come: each target is looked at again, set aside, and replaced. When one
 * fails, those before it are undone from what was set aside. Only a program that is killed outright
 * leaves something: files named `.apply_patch.….tmp`, which a later patch removes, and where it was
 * killed between two moves, some files changed and others not yet, none of them in part, and what
 * was set aside as `.apply_patch.….old.tmp`.
 */
import { isSame, type PatchFiles, platformFiles } from "./files.ts";
import { asideIn, temporaryIn } from "./leftovers.ts";
import { PatchError, reasonOf } from "./patch_error.ts";
import type { Place } from "./place.ts";
import type { Plan, PlannedWrite } from "./plan.ts";

/** What a commit can be given. */
export interface CommitOptions {
  /** The file system; the platform's when absent. */
  readonly files?: PatchFiles | undefined;
  /** Ends it while nothing is changed yet; later it is too late. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries out a plan.
 *
 * @param plan What to do.
 * @param options File system and signal.
 * @throws PatchError when it failed, with what is as it was before; the signal's reason.
 */
export async function commitPlan(plan: Plan, options: CommitOptions = {}): Promise<void> {
  const { files = platformFiles, signal } = options;
  const attempt = new Attempt(files);
  try {
    for (const write of plan.writes) {
      signal?.throwIfAborted();
      await attempt.prepare(write);
    }
    signal?.throwIfAborted();
  } catch (error) {
    attempt.clear();
    throw error;
  }
  attempt.move(plan);
}

class Attempt {
  readonly #files: PatchFiles;
  readonly #folders: string[] = [];
  /** What is written and not yet in its place, by target. */
  readonly #written = new Map<string, string>();
  /** What has to be removed once all is done. */
  readonly #aside: string[] = [];
  /** Undoes the moves so far; each names its file, and where its content is until then. */
  readonly #undo: { readonly path: string; readonly kept?: string; run(): void }[] = [];

  constructor(files: PatchFiles) {
    this.#files = files;
  }

  /** Writes a content beside its target. */
  async prepare({ place, content, like }: PlannedWrite): Promise<void> {
    try {
      for (const folder of place.missingFolders) this.#makeFolder(folder);
      this.#checkFolder(place);
      const temporary = temporaryIn(place.folder);
      await this.#files.create(temporary, content, like);
      this.#written.set(place.path, temporary);
    } catch (error) {
      throw failed(place, error);
    }
  }

  #makeFolder(folder: string): void {
    if (this.#folders.includes(folder)) return;
    this.#files.makeFolder(folder);
    this.#folders.push(folder);
  }

  /** Puts everything in its place. Synchronous, so that nothing of this process comes between. */
  move({ writes, removals }: Plan): void {
    try {
      for (const { place } of writes) this.#step(place, () => this.#replace(place));
      for (const place of removals) this.#step(place, () => this.#setAside(place));
    } catch (error) {
      const stuck = this.#undoAll();
      this.clear();
      if (stuck.length === 0) throw error;
      throw new PatchError(
        `${reasonOf(error)}; what was changed before that could not be undone: ${stuck.join(", ")}`,
        false,
      );
    }
    for (const path of this.#aside) this.#tryRemove(path);
  }

  #step(place: Place, move: () => void): void {
    try {
      this.#checkFolder(place);
      if (!isSame(this.#files.facts(place.path), place.facts)) {
        throw new PatchError("it changed after it was read");
      }
      move();
    } catch (error) {
      throw failed(place, error);
    }
  }

  #replace({ path, folder, facts }: Place): void {
    const temporary = this.#written.get(path);
    if (temporary === undefined) throw new PatchError("it was not written");
    if (facts === undefined) {
      this.#files.rename(temporary, path);
      this.#undo.push({ path, run: () => this.#files.remove(path) });
    } else {
      const kept = asideIn(folder);
      const isLinked = this.#tryLink(path, kept);
      // Where files have one name only, there is a moment without the file.
      if (!isLinked) this.#files.rename(path, kept);
      const putBack = { path, kept, run: () => this.#files.rename(kept, path) };
      // Two names of one file cannot be moved over each other.
      this.#undo.push(isLinked ? { path, run: () => this.#files.remove(kept) } : putBack);
      this.#files.rename(temporary, path);
      this.#undo[this.#undo.length - 1] = putBack;
      this.#aside.push(kept);
    }
    this.#written.delete(path);
  }

  #setAside({ path, folder }: Place): void {
    const kept = asideIn(folder);
    this.#files.rename(path, kept);
    this.#undo.push({ path, kept, run: () => this.#files.rename(kept, path) });
    this.#aside.push(kept);
  }

  /** Undoes the moves, each of its own file; those that could not be undone, in words. */
  #undoAll(): string[] {
    const stuck: string[] = [];
    for (const { path, kept, run } of this.#undo) {
      try {
        run();
      } catch {
        stuck.push(kept === undefined ? `"${path}"` : `"${path}" (kept as "${kept}")`);
      }
    }
    return stuck;
  }

  /** Removes what was made and is in no place. */
  clear(): void {
    for (const temporary of this.#written.values()) this.#tryRemove(temporary);
    for (const folder of this.#folders.reverse()) this.#tryRemove(folder);
  }

  /** Refuses a folder that is not where it was, or is a link by now. */
  #checkFolder({ folder }: Place): void {
    if (this.#files.realPath(folder) !== folder) {
      throw new PatchError("its folder was replaced after it was read");
    }
  }

  #tryLink(from: string, to: string): boolean {
    try {
      this.#files.link(from, to);
      return true;
    } catch {
      return false;
    }
  }

  #tryRemove(path: string): void {
    try {
      this.#files.remove(path);
    } catch {
      // It is in nobody's way, and there is a more important thing to tell.
    }
  }
}

function failed({ shown }: Place, error: unknown): PatchError {
  return new PatchError(`Failed to change "${shown}": ${reasonOf(error)}`);
}
