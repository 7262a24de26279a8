/**
 * What has become of the files of folders between two looks: whatever changed them, such as a
 * command. What people or other programs change meanwhile is told as well, since nothing says who
 * it was. A file that was written just before the first look, and in place to the same length within
 * the same tick of the file system's clock, looks the same; no command is that fast.
 */
import { hasModes } from "../../base/platform.ts";
import type { SandboxPolicy } from "../sandbox/sandbox.ts";
import { type FileFacts, isSame, platformFiles, slashed } from "./patch/files.ts";
import { hiddenFor, holds, isUnder, secretPlaces } from "./patch/place.ts";
import { ABSENT, type FileState, isSameState } from "./file_state.ts";
import { LINK_MODE } from "./diff.ts";
import { ContentReader, type FileContent, readContent } from "./tree_content.ts";
import { type Look, lookAtTree, type LookOptions } from "./tree_look.ts";

/** What to watch. */
export interface TreeWatchOptions extends Pick<LookOptions, "now" | "mostFiles"> {
  /** The folders, and what is hidden in them. */
  readonly policy: Pick<SandboxPolicy, "workspace" | "writable" | "hidden">;
  /** Whether texts are kept, to show how they have changed. */
  readonly keepsTexts: boolean;
  /** Files that this program writes itself, as absolute paths. */
  readonly own?: readonly string[] | undefined;
  /** Says where secrets are; this process's environment when absent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Folders that were looked at once, to be looked at again. */
export class TreeWatch {
  readonly #options: TreeWatchOptions;
  readonly #workspace: string;
  readonly #look: LookOptions;
  readonly #before: Look;
  readonly #contents = new Map<string, FileContent>();
  #whole = true;

  /** Looks for the first time. */
  constructor(options: TreeWatchOptions) {
    const { policy, environment, own = [], now, mostFiles } = options;
    this.#options = options;
    this.#workspace = slashed(policy.workspace);
    const roots = [policy.workspace, ...policy.writable].map(slashed);
    const secrets = secretPlaces({ policy, cwd: policy.workspace, environment });
    const ours = new Set(own.map(slashed));
    const hidden = roots.flatMap((root) =>
      // Few of them have to do with the folder, and each is asked of every file.
      hiddenFor(root, policy, secrets).filter((place) => holds(root, place) || holds(place, root))
    );
    this.#look = {
      roots,
      now,
      mostFiles,
      isLeftOut: (path) => ours.has(path) || hidden.some((place) => holds(place, path)),
    };
    this.#before = lookAtTree(this.#look);
    const reader = new ContentReader(options);
    for (const [path, facts] of this.#before.files) {
      const content = reader.read(path, facts);
      if (content !== undefined) this.#contents.set(path, content);
    }
  }

  /** Whether all was looked at, both times. */
  get whole(): boolean {
    return this.#whole && this.#before.whole;
  }

  /** What stood at a path at the first look; `undefined` where that was not looked at. */
  before(shown: string): FileState | undefined {
    return this.#stateBefore(this.#pathOf(shown));
  }

  /**
   * Looks again.
   *
   * @param known Paths whose state is wanted in any case, as this or a patch has told them.
   * @returns What stands there now, by path as a reader is told it: all that are not what they were.
   */
  after(known: Iterable<string>): Map<string, FileState> {
    const found = new Map<string, FileState>();
    const now = lookAtTree(this.#look);
    this.#whole &&= now.whole;
    const reader = new ContentReader(this.#options);
    for (const [path, facts] of now.files) {
      const old = this.#before.files.get(path);
      if (isSame(old, facts) && modeOf(old) === modeOf(facts)) continue;
      if (old === undefined && this.#before.lacks(path) !== true) {
        // Perhaps it is new, and perhaps it was beyond what was looked at.
        this.#whole = false;
        continue;
      }
      const state = stateOf(facts, reader.read(path, facts));
      const was = this.#stateBefore(path);
      if (was === undefined || !isSameState(was, state)) found.set(this.#shown(path), state);
    }
    for (const path of this.#before.files.keys()) {
      if (now.files.has(path)) continue;
      if (now.lacks(path) === true || factsAt(path) === undefined) {
        found.set(this.#shown(path), ABSENT);
      }
    }
    for (const shown of known) {
      // A patch may be of a file that is too large for the others.
      if (found.get(shown)?.text === undefined) found.set(shown, stateNow(this.#pathOf(shown)));
    }
    return new Map([...found].sort(([one], [other]) => one < other ? -1 : 1));
  }

  #stateBefore(path: string): FileState | undefined {
    const facts = this.#before.files.get(path);
    if (facts !== undefined) return stateOf(facts, this.#contents.get(path));
    return this.#before.lacks(path) === true ? ABSENT : undefined;
  }

  #shown(path: string): string {
    if (!isUnder(path, this.#workspace)) return path;
    return path.slice(this.#workspace === "/" ? 1 : this.#workspace.length + 1);
  }

  #pathOf(shown: string): string {
    if (/^(?:[A-Za-z]:)?\//.test(shown)) return shown;
    return `${this.#workspace === "/" ? "" : this.#workspace}/${shown}`;
  }
}

function stateOf(facts: FileFacts, content: FileContent | undefined): FileState {
  return { exists: true, facts, mode: modeOf(facts), ...content };
}

function stateNow(path: string): FileState {
  const facts = factsAt(path);
  return facts === undefined ? ABSENT : stateOf(facts, readContent(path, facts, true));
}

function factsAt(path: string): FileFacts | undefined {
  try {
    return platformFiles.facts(path);
  } catch {
    return undefined;
  }
}

function modeOf(facts: FileFacts | undefined): number | undefined {
  // A link has no permissions of its own.
  if (facts?.kind === "link") return LINK_MODE;
  const mode = facts?.mode;
  return mode === undefined || mode === null || !hasModes() ? undefined : mode & 0o777;
}
