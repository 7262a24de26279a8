/** A policy made concrete: which folders of this machine are what for one command. */
import { type CachePlan, planCaches } from "./caches.ts";
import type { Environment } from "./environment.ts";
import { lookAt, realPathOf } from "./files.ts";
import { findHidden, type HiddenPaths } from "./hidden.ts";
import { between, depth, folderOf, isInOne, isWithin, outermost } from "./paths.ts";
import { SandboxError, type SandboxPolicy } from "./sandbox.ts";
import { notProtectable, notSearchable, tooMuch, type Withheld } from "./withheld.ts";

/** What a command finds where. All paths are absolute, real, and there. */
export interface Layout {
  /** Folders that it may write to, none in another one. */
  readonly writable: readonly string[];
  /** Folders of the work, or around it, that it may only read. */
  readonly readable: readonly string[];
  /** Folders that are empty for it, but for what of the above is in them. */
  readonly emptied: readonly string[];
  /** In writable folders, what stays as it is. */
  readonly unchanging: readonly string[];
  /** In writable folders, the ones above what is unchanging or hidden: they cannot be moved away. */
  readonly pinned: readonly string[];
  /** What it cannot read. */
  readonly hidden: HiddenPaths;
  /** Of what stays as it is, folders of links on the way to what is hidden, and closed ones. */
  readonly withheld: readonly Withheld[];
  /** Its temporary folder and caches. */
  readonly caches: CachePlan;
  /** Whether there is a network. */
  readonly network: boolean;
}

/** The process that commands are run for. */
export interface Host {
  /** Its environment. */
  readonly environment: Environment;
  /** The folder that it is in. */
  readonly cwd: string;
}

/**
 * As many mounts as a command is given: bubblewrap reads all of them again for each one, so that
 * 800 take a second, 1200 three (0.8.0).
 */
const MOST_MOUNTS = 1_200;

/** Empty in every sandbox: other people's files, and sockets. */
const EMPTIED = ["/tmp", "/var/tmp", "/run", "/var/run"];
/** Never writable, whoever asks for it: the sandbox has its own there. */
const OWN = ["/dev", "/proc", "/sys"];
const TEMPORARY = ["/tmp", "/var/tmp"];

/**
 * The folders that a policy lets commands write to.
 *
 * @throws SandboxError when one is not there, not the same any more, or cannot be writable.
 */
export function writableRoots(policy: SandboxPolicy): readonly string[] {
  const roots = outermost([policy.workspace, ...policy.writable]);
  const wrong = roots.find((root) => root === "/" || OWN.some((own) => isWithin(root, own)));
  if (wrong !== undefined && policy.mode === "workspace-write") {
    throw new SandboxError(
      `"${wrong}" cannot be a writable folder of a sandbox; name one below it`,
    );
  }
  for (const root of roots) {
    const real = realPathOf(root);
    if (real === undefined || lookAt(real)?.isDirectory !== true) {
      throw new SandboxError(`"${root}" is no folder that can be worked in`);
    }
    if (real !== root) throw new SandboxError(`"${root}" is "${real}" in truth: name that one`);
  }
  return policy.mode === "workspace-write" ? roots : [];
}

/**
 * Lays out a sandbox.
 *
 * @param policy What the command may do.
 * @param writable From {@linkcode writableRoots}.
 * @param kept What was found to be protected in them, and what stands for what is not there.
 * @param host The process that it is run for.
 * @param around Folders that belong to the work, as the repository that it is a part of does. They
 * are shown where they would not be, in folders for temporary files, and never for writing.
 * @throws SandboxError when something cannot be hidden, or when that takes too many mounts.
 */
export function layOut(
  policy: SandboxPolicy,
  writable: readonly string[],
  kept: readonly string[],
  host: Host,
  around: readonly string[] = [],
): Layout {
  const readable = writable.length > 0 ? [] : outermost([policy.workspace, ...policy.writable])
    .filter((root) => root !== "/" && !OWN.some((own) => isWithin(root, own)));
  const roots = [...writable, ...readable];
  const emptied: string[] = [];
  for (const folder of EMPTIED) {
    if (lookAt(folder)?.isDirectory === true) emptied.push(folder);
  }
  const shown = shownAround(around, roots, emptied);
  const { links, left, closed, ...hidden } = findHidden(host.environment, host.cwd, {
    roots,
    shown,
    emptied,
    hidden: policy.hidden,
  });
  // A folder of the work may lie in a hidden one, and what is in it is seen all the same.
  const isSecret = (path: string) =>
    hidden.folders.some((folder) =>
      isWithin(path, folder) &&
      !roots.some((root) => isWithin(root, folder) && isWithin(path, root))
    );
  const withheld = [...foldersOfLinks(links, writable), ...closedFolders(closed, writable)]
    .filter(({ path }) => !isSecret(path));
  const passed = left.filter((path) => !writable.includes(path) && isInOne(path, writable));
  const unchanging = outermost([...kept, ...withheld.map(({ path }) => path), ...passed])
    .filter((path) => !isSecret(path));
  const temp = TEMPORARY.find((folder) =>
    emptied.includes(folder) && !roots.some((root) => isWithin(folder, root))
  );
  const secret = [...hidden.folders, ...hidden.files];
  const above = pinned(writable, unchanging, secret);
  if (unchanging.length + secret.length + above.length > MOST_MOUNTS) throw tooMuch("names");
  return {
    writable,
    readable: [...readable, ...shown.filter((path) => !isSecret(path))],
    emptied,
    unchanging,
    pinned: above,
    hidden,
    withheld,
    caches: planCaches({ environment: host.environment, temp, ...policy }),
    network: policy.network,
  };
}

/**
 * The folders of links that commands could replace. Whoever replaces one on the way to a secret
 * has the next command hide something else.
 */
function foldersOfLinks(
  links: readonly string[],
  writable: readonly string[],
): readonly Withheld[] {
  const inWork = links.map((link) => ({ path: folderOf(link), link }))
    .filter(({ path }) => isInOne(path, writable));
  const atTop = inWork.find(({ path }) => writable.includes(path));
  if (atTop !== undefined) throw notProtectable(atTop.link);
  return inWork;
}

/**
 * The folders in which secrets may be that nobody can look for. Whoever may write to one can open it
 * again; where it is read-only it stays closed.
 */
function closedFolders(
  closed: readonly string[],
  writable: readonly string[],
): readonly Withheld[] {
  const atTop = closed.find((path) => writable.includes(path));
  if (atTop !== undefined) throw notSearchable(atTop);
  return closed.filter((path) => isInOne(path, writable)).map((path) => ({ path }));
}

/** Of the folders around the work, those that would not be there. */
function shownAround(
  around: readonly string[],
  roots: readonly string[],
  emptied: readonly string[],
): readonly string[] {
  const found = around.flatMap((path) => realPathOf(path) ?? []).filter((path) =>
    !emptied.includes(path) && TEMPORARY.some((folder) => isWithin(path, folder)) &&
    !roots.some((root) => isWithin(path, root)) && lookAt(path)?.isDirectory === true
  );
  return outermost(found);
}

/** The folders between the writable ones and what must stay where it is, but for those that do. */
function pinned(
  writable: readonly string[],
  unchanging: readonly string[],
  hidden: readonly string[],
): readonly string[] {
  const found = new Set<string>();
  for (const path of [...unchanging, ...hidden]) {
    const root = writable.find((folder) => isWithin(path, folder));
    if (root === undefined) continue;
    for (const folder of between(root, path)) {
      if (!unchanging.some((kept) => isWithin(folder, kept))) found.add(folder);
    }
  }
  return [...found].sort((a, b) => depth(a) - depth(b));
}
