/**
 * Works out what a patch comes to, without changing anything: every hunk of every file is checked
 * against what is there, and against what the hunks before it make of that.
 */
import { isInOne } from "../../sandbox/paths.ts";
import { findProtected } from "../../sandbox/protected.ts";
import { SandboxError } from "../../sandbox/sandbox.ts";
import { applyChunks } from "./apply.ts";
import type { FileChange } from "./changes.ts";
import { type FileFacts, type PatchFiles, platformFiles } from "./files.ts";
import type { Hunk, UpdateHunk } from "./parse.ts";
import { PatchError, quoted, reasonOf } from "./patch_error.ts";
import { findPlace, type Place, type PlaceOptions, secretPlaces } from "./place.ts";

/** A file to be written. */
export interface PlannedWrite {
  /** Where. */
  readonly place: Place;
  /** Its whole new content. */
  readonly content: Uint8Array;
  /** Whose permissions and owner it gets; a new file's when absent. */
  readonly like: FileFacts | undefined;
}

/** What has to be done, and what it comes to. */
export interface Plan {
  /** What to write; `place.facts` is what was there when it was read. */
  readonly writes: readonly PlannedWrite[];
  /** What to remove. */
  readonly removals: readonly Place[];
  /** What that changes, in the order of the patch; never nothing. */
  readonly changes: readonly FileChange[];
}

/** The largest file that is patched, and the most that one patch may touch, in bytes. */
const LARGEST_FILE = 10 * 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Plans a patch.
 *
 * @param hunks What the patch says.
 * @param options Where files may be.
 * @throws PatchError with the hunk that does not fit, and why.
 */
export async function planPatch(hunks: readonly Hunk[], options: PlaceOptions): Promise<Plan> {
  const planner = new Planner(options, await keptPlaces(options));
  for (const hunk of hunks) await planner.take(hunk);
  return planner.plan();
}

/**
 * What no patch may change though its name says nothing: where a `.git` file or a link leads. It is
 * what commands can only read, too.
 */
async function keptPlaces({ policy, files }: PlaceOptions): Promise<readonly string[]> {
  if (files !== undefined || Deno.build.os === "windows") return [];
  try {
    const { paths, withheld } = await findProtected([policy.workspace, ...policy.writable]);
    return [...paths, ...withheld.map(({ path }) => path)];
  } catch (error) {
    if (error instanceof SandboxError) throw new PatchError(error.message);
    throw error;
  }
}

/** A file that the patch names, and what became of it so far. */
interface Entry {
  readonly place: Place;
  /** Its text before; `undefined` when it was not there. */
  readonly before: string | undefined;
  /** Its text now; `undefined` when it is not there. */
  text: string | undefined;
  /** Whose permissions it has now. */
  like: FileFacts | undefined;
  /** Where it came from, if it was moved here. */
  from: Entry | undefined;
}

class Planner {
  readonly #options: PlaceOptions;
  readonly #files: PatchFiles;
  /** Looked up once: there are many of them, and a patch may name thousands of files. */
  readonly #secrets: readonly string[];
  /** By real path, in the order of the patch. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** What Git and others run something of, whatever it is called. */
  readonly #kept: readonly string[];

  constructor(options: PlaceOptions, kept: readonly string[]) {
    this.#options = options;
    this.#kept = kept;
    this.#files = options.files ?? platformFiles;
    this.#secrets = secretPlaces(options);
  }

  async take(hunk: Hunk): Promise<void> {
    try {
      if (hunk.kind === "add") await this.#add(hunk.path, hunk.text);
      else if (hunk.kind === "delete") await this.#delete(hunk.path);
      else await this.#update(hunk);
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      throw new PatchError(`${error.message}\n(file header on line ${hunk.line} of the patch)`);
    }
  }

  async #add(path: string, text: string): Promise<void> {
    const entry = await this.#entry(path, "write");
    entry.text = text;
    entry.from = undefined;
  }

  async #delete(path: string): Promise<void> {
    const entry = await this.#entry(path, "delete");
    if (entry.text === undefined) {
      throw new PatchError(`Failed to delete file ${quoted(path)}: there is no such file`);
    }
    entry.text = undefined;
    entry.from = undefined;
  }

  async #update({ path, moveTo, chunks }: UpdateHunk): Promise<void> {
    const entry = await this.#entry(path, "read");
    if (entry.text === undefined) {
      throw new PatchError(`Failed to read file to update ${quoted(path)}: there is no such file`);
    }
    const text = applyChunks(entry.text, chunks, quoted(path));
    const target = moveTo === undefined ? entry : await this.#entry(moveTo, "write");
    if (target !== entry) {
      target.like = entry.like;
      target.from = entry.from ?? entry;
      entry.text = undefined;
      entry.from = undefined;
    }
    target.text = text;
  }

  async #entry(path: string, purpose: "read" | "write" | "delete"): Promise<Entry> {
    const place = findPlace(path, this.#options, "write", this.#secrets);
    if (isInOne(place.path, this.#kept)) {
      throw new PatchError(
        `"${quoted(path)}" stays as it is: Git or another program runs what is there`,
      );
    }
    const known = this.#entries.get(place.path);
    if (known !== undefined) return known;
    let before: string | undefined;
    try {
      before = place.facts === undefined ? undefined : await this.#read(place, place.facts);
    } catch (error) {
      const what = { read: "read file to update", write: "write file", delete: "delete file" };
      throw new PatchError(`Failed to ${what[purpose]} ${quoted(path)}: ${reasonOf(error)}`);
    }
    const entry = { place, before, text: before, like: place.facts, from: undefined };
    this.#entries.set(place.path, entry);
    return entry;
  }

  async #read(place: Place, facts: FileFacts): Promise<string> {
    if (facts.size > LARGEST_FILE) throw new PatchError("it is larger than 10 MiB");
    this.#bytes += facts.size;
    if (this.#bytes > MOST_BYTES) throw new PatchError("the patch touches more than 64 MiB");
    const bytes = await this.#files.read(place.path, facts);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new PatchError("it is not UTF-8 text");
    }
  }

  plan(): Plan {
    const entries = [...this.#entries.values()];
    for (const entry of entries) this.#checkAbove(entry);
    const changed = entries.filter(isChanged);
    for (const entry of changed) this.#checkWritable(entry);
    const moved = new Map(
      changed.filter(({ before }) => before === undefined).flatMap((entry) => {
        const { from } = entry;
        return from?.before !== undefined && from.text === undefined ? [[from, entry]] : [];
      }),
    );
    if (changed.length === 0) throw new PatchError("No files were modified.");
    return {
      writes: changed.flatMap(({ place, text, like }) =>
        text === undefined ? [] : [{ place, content: new TextEncoder().encode(text), like }]
      ),
      removals: changed.filter(({ text }) => text === undefined).map(({ place }) => place),
      // What was moved away is told where it went.
      changes: changed.filter((entry) => !moved.has(entry)).map((entry) =>
        changeOf(entry, moved.get(entry.from ?? entry) === entry)
      ),
    };
  }

  /**
   * Refuses to replace what may not be written to, by whatever way the patch does that. To delete
   * or to move a file it takes the right to its folder only, as everywhere.
   */
  #checkWritable({ place, text, from }: Entry): void {
    if (text === undefined) return;
    const edited = from !== undefined && from.before !== text ? [place, from.place] : [place];
    for (const { path, facts, given } of edited) {
      if (facts === undefined) continue;
      try {
        this.#files.checkWritable(path, facts);
      } catch (error) {
        throw new PatchError(`Failed to write file ${quoted(given)}: ${reasonOf(error)}`);
      }
    }
  }

  /** Refuses a new file in what is a file itself once the patch is applied. */
  #checkAbove({ place, text }: Entry): void {
    if (text === undefined) return;
    for (const folder of place.missingFolders) {
      const above = this.#entries.get(folder);
      if (above?.text === undefined) continue;
      throw new PatchError(
        `Failed to write file ${quoted(place.given)}: the patch makes ` +
          `"${quoted(above.place.given)}" a file`,
      );
    }
  }
}

/** Whether a file is not what it was before. */
function isChanged({ place, before, text, like }: Entry): boolean {
  return text !== before || (text !== undefined && like?.mode !== place.facts?.mode);
}

function changeOf({ place, before, text, like, from }: Entry, isMoved: boolean): FileChange {
  const source = isMoved ? from : undefined;
  const old = source?.before ?? before;
  const modeBefore = (source?.place ?? place).facts?.mode ?? undefined;
  const mode = text === undefined ? undefined : like?.mode ?? undefined;
  return {
    path: place.shown,
    kind: source !== undefined
      ? "moved"
      : before === undefined
      ? "added"
      : text === undefined
      ? "deleted"
      : "changed",
    ...(source === undefined ? {} : { from: source.place.shown }),
    ...(old === undefined ? {} : { before: old }),
    ...(text === undefined ? {} : { after: text }),
    ...(modeBefore === undefined ? {} : { modeBefore: modeBefore & 0o777 }),
    ...(mode === undefined ? {} : { mode: mode & 0o777 }),
  };
}
