/** Confines commands with bubblewrap: what is looked for before one, and told after it. */
import { type Clock, systemClock } from "../../base/clock.ts";
import { attend } from "./attend.ts";
import { bubblewrapArgs, opening, writablePlaces } from "./bubblewrap.ts";
import { type Launch, platformSpawn, type Spawn, startBubblewrap } from "./bubblewrap_run.ts";
import { rememberDevices } from "./devices.ts";
import { allowedEnvironment } from "./environment.ts";
import { foreignNotices } from "./foreign.ts";
import { repositoryFolders } from "./git_places.ts";
import { secretFoldersIn } from "./hidden.ts";
import { type Host, type Layout, layOut, writableRoots } from "./layout.ts";
import { type Mount, parseMountinfo } from "./mountinfo.ts";
import { holdPlaces } from "./placeholders.ts";
import { readProc } from "./proc.ts";
import { BUBBLEWRAP_PLACES, type Probe, probeBubblewrap } from "./probe.ts";
import { appearedSince, findProtected, type ProtectedPaths } from "./protected.ts";
import {
  type CommandResult,
  type Confinement,
  type Mechanism,
  type SandboxCommand,
  SandboxError,
  type SandboxPolicy,
} from "./sandbox.ts";
import { type FilterArch, seccompFilter } from "./seccomp.ts";
import { findShell } from "./shell.ts";
import { shortPath, type Withheld, withheldNotices } from "./withheld.ts";

/** The world of a mechanism. */
export interface MechanismOptions {
  /** The process that commands are run for. */
  readonly host: Host;
  /** Measures time. */
  readonly clock?: Clock | undefined;
  /** Starts programs. */
  readonly spawn?: Spawn | undefined;
  /** Told what a command left behind, or what is not protected, in one sentence. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Where bubblewrap is looked for before the `PATH`. */
  readonly places?: readonly string[] | undefined;
  /** The processor, in Deno's names. */
  readonly arch?: FilterArch | undefined;
  /** Whether this is root. */
  readonly root?: boolean | undefined;
  /** Folders that belong to the work, shown read-only also where temporary files are: its work tree. */
  readonly shown?: readonly string[] | undefined;
}

/**
 * Confines commands with bubblewrap.
 *
 * @param options The world.
 */
export function bubblewrapMechanism(options: MechanismOptions): Mechanism {
  return new Bubblewrap(options);
}

class Bubblewrap implements Mechanism {
  readonly name = "bubblewrap";
  readonly #options: MechanismOptions;
  #filter: Uint8Array<ArrayBuffer> | undefined;
  #probe: Promise<Probe> | undefined;
  readonly #told = new Set<string>();
  /** What was hidden once stays so, wherever links lead by now. */
  readonly #hidden = new Set<string>();

  constructor(options: MechanismOptions) {
    this.#options = options;
  }

  async probe(policy: SandboxPolicy): Promise<Confinement> {
    const found = await this.#probed(policy);
    return "confinement" in found ? found.confinement : { mechanism: "bubblewrap" };
  }

  async run(command: SandboxCommand, policy: SandboxPolicy): Promise<CommandResult> {
    const found = await this.#probed(policy);
    if ("confinement" in found) {
      throw new SandboxError(found.confinement.missing ?? "There is no sandbox here");
    }
    const { host, clock = systemClock } = this.#options;
    const writable = sayingWhy(() => writableRoots(policy));
    const secrets = sayingWhy(() => secretFoldersIn(host.environment, writable));
    using places = await inWords(holdPlaces(writable, secrets));
    const before = await inWords(findProtected(writable));
    const kept = [...before.paths, ...before.withheld.map(({ path }) => path), ...places.paths];
    const strict = { ...policy, hidden: [...policy.hidden, ...this.#hidden] };
    const layout = sayingWhy(() => layOut(strict, writable, kept, host, this.#around(policy)));
    for (const path of [...layout.hidden.folders, ...layout.hidden.files]) this.#hidden.add(path);
    this.#tellForeign(writable);
    this.#tellWithheld(before.withheld);
    this.#tellWithheld(layout.withheld);
    command.signal?.throwIfAborted();
    const mayWrite = writablePlaces(layout, layout.pinned.length > 0 ? mounted() : []);
    const args = bubblewrapArgs(layout, found.abilities, {
      cwd: command.cwd,
      command: opening(findShell(), command.command, mayWrite),
    });
    const { program } = found;
    const putBack = this.#isRoot() ? rememberDevices() : undefined;
    const started = sayingWhy(() => startBubblewrap({ ...this.#launch(layout), program, args }));
    try {
      return await attend(started, command, clock);
    } finally {
      for (const path of putBack?.() ?? []) {
        this.#options.onWarning?.(`A command changed the machine's own ${path}; it was put back`);
      }
      await this.#tell(writable, before);
    }
  }

  /** Without these, git finds no repository when all of it lies in an emptied folder. */
  #around({ workspace }: SandboxPolicy): readonly string[] {
    const { shown = [] } = this.#options;
    return [...shown, ...[workspace, ...shown].flatMap(repositoryFolders)];
  }

  async #probed(policy: SandboxPolicy): Promise<Probe> {
    return await (this.#probe ??= this.#lookAround(policy));
  }

  #lookAround(policy: SandboxPolicy): Promise<Probe> {
    const { host, places = BUBBLEWRAP_PLACES } = this.#options;
    // Neither the folders of the work nor secrets decide whether there is a sandbox.
    const least: SandboxPolicy = { ...policy, mode: "read-only", workspace: "/", writable: [] };
    const layout = layOut({ ...least, hidden: [] }, [], [], { ...host, environment: {} });
    return probeBubblewrap({
      layout,
      work: [policy.workspace, ...policy.writable],
      path: host.environment["PATH"] ?? "",
      launch: this.#launch(layout),
      places,
      root: this.#isRoot(),
    });
  }

  #isRoot(): boolean {
    return this.#options.root ?? Deno.uid() === 0;
  }

  #launch(layout: Layout): Pick<Launch, "environment" | "filter" | "spawn"> {
    const { host, arch = Deno.build.arch, spawn = platformSpawn } = this.#options;
    this.#filter ??= seccompFilter(arch);
    const environment = {
      ...allowedEnvironment(host.environment, "linux"),
      ...layout.caches.environment,
    };
    return { environment, filter: this.#filter, spawn };
  }

  /** Says what a command made that waits for somebody, and what nobody could look at. */
  async #tell(writable: readonly string[], before: ProtectedPaths): Promise<void> {
    const { onWarning } = this.#options;
    if (onWarning === undefined || writable.length === 0) return;
    try {
      const after = await inWords(findProtected(writable));
      const made = appearedSince(before, after);
      for (const path of made.slice(0, MOST_TOLD)) {
        onWarning(
          `A command made "${shortPath(path)}": look at it before you use anything in its folder`,
        );
      }
      if (made.length > MOST_TOLD) {
        onWarning(`A command made ${made.length - MOST_TOLD} more of .git and its like`);
      }
      this.#tellWithheld(after.withheld);
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      // The command has run, and what it came to counts; the next one is refused.
      onWarning(error.message);
    }
  }

  /** Says once of each folder of the work that it is another user's, where this is root. */
  #tellForeign(writable: readonly string[]): void {
    const { root = Deno.uid() === 0, onWarning } = this.#options;
    for (const notice of foreignNotices(writable, root ? 0 : null)) {
      if (!this.#told.has(notice)) onWarning?.(notice);
      this.#told.add(notice);
    }
  }

  /** Says once of each folder that commands can only read it. */
  #tellWithheld(withheld: readonly Withheld[]): void {
    const news = withheld.filter(({ path }) => !this.#told.has(path));
    for (const { path } of news) this.#told.add(path);
    for (const notice of withheldNotices(news)) this.#options.onWarning?.(notice);
  }
}

/** As many new names are told one by one. */
const MOST_TOLD = 10;
/** As much of the platform's words as is passed on. */
const MOST_WORDS = 160;

/** Whatever goes wrong before a command is one short sentence, without a path of kilobytes. */
function asSandboxError(error: unknown): SandboxError {
  if (error instanceof SandboxError) return error;
  const [words = ""] = (error instanceof Error ? error.message : `${error}`).split(": ");
  const cause = error instanceof Error ? { cause: error } : {};
  return new SandboxError(`The sandbox could not be set up: ${words.slice(0, MOST_WORDS)}`, cause);
}

function sayingWhy<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asSandboxError(error);
  }
}

async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asSandboxError(error);
  }
}

/** What is mounted where on this machine. */
function mounted(): readonly Mount[] {
  return parseMountinfo(readProc("/proc/self/mountinfo"));
}
