/** The command line of bubblewrap for a layout, as text: nothing is looked at and nothing run. */
import { BEGUN } from "./begun.ts";
import type { Layout } from "./layout.ts";
import { asInMountinfo, lineOf, type Mount } from "./mountinfo.ts";
import { depth, isInOne } from "./paths.ts";
import { OPEN_COMMAND } from "./shell.ts";

/** What this machine's bubblewrap and kernel can do. */
export interface Abilities {
  /** Its options, from its help. */
  readonly options: ReadonlySet<string>;
  /** Whether it may make a user namespace; only root can do without. */
  readonly userNamespace: boolean;
  /** Whether it may mount a `/proc` of its own; containers that mask theirs forbid it. */
  readonly ownProc: boolean;
}

/** What is to be run in the sandbox. */
export interface Inside {
  /** The folder to be in. */
  readonly cwd: string;
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** Options without which no bubblewrap will do. All are older than 2019. */
export const NEEDED_OPTIONS: readonly string[] = [
  "--die-with-parent",
  "--new-session",
  "--cap-drop",
  "--json-status-fd",
  "--remount-ro",
  "--seccomp",
];

/** Options that are used where they are known. */
export const NEWER_OPTIONS: ReadonlySet<string> = new Set([
  "--disable-userns",
  "--perms",
  "--size",
]);

/** The text by which {@linkcode opening} says that it ran nothing. */
export const UNEXPECTED_MOUNT = "codex: unexpected mount: ";

/** Maven's settings, which stay a document when they are hidden, and where it is read from. */
const SETTINGS = "/.m2/settings.xml";
export const SETTINGS_DESCRIPTOR = "7";

/** How much the folders in memory take, in bytes. */
const TEMP_BYTES = 2 ** 30;
const SHARED_MEMORY_BYTES = 2 ** 28;
/**
 * How much those do in which nothing is to be made: the least. Outside of the work their mode says
 * so, not a mount that is read-only: for each of those bubblewrap reads all mounts once more, which
 * takes 0.1 ms and, where a machine has many, several times that. Nobody in the sandbox may ignore
 * modes, root neither; whoever gives himself the right writes to memory that is gone with the command.
 */
const EMPTY_BYTES = 4096;

/** Below the emptied `/run`, what programs need: addresses of name servers, programs of NixOS. */
const NEEDED_IN_RUN = ["/run/systemd/resolve", "/run/current-system", "/run/opengl-driver"];

/**
 * The arguments. Later mounts cover earlier ones, so the order is: the whole machine, its emptied
 * folders, then what is in them, the shallowest first.
 *
 * @param layout What is to be where.
 * @param abilities What bubblewrap can do.
 * @param inside What is run.
 */
export function bubblewrapArgs(
  layout: Layout,
  abilities: Abilities,
  { cwd, command }: Inside,
): readonly string[] {
  const { options } = abilities;
  const tmpfs = (path: string, bytes: number) => [
    ...(options.has("--size") ? ["--size", `${bytes}`] : []),
    ...["--tmpfs", path],
  ];
  const empty = (path: string) => [
    ...(options.has("--perms") ? ["--perms", "0555"] : []),
    ...tmpfs(path, EMPTY_BYTES),
  ];
  return [
    ...namespaces(layout, abilities),
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
    ...["--ro-bind", "/", "/", "--dev", "/dev"],
    ...tmpfs("/dev/shm", SHARED_MEMORY_BYTES),
    // A new /proc has all of it writable: root in a sandbox would be root outside by way of what is
    // below /proc/sys. It is not written to at all: one mount for that, not one for each place.
    ...(abilities.ownProc
      ? ["--proc", "/proc", "--remount-ro", "/proc"]
      : ["--ro-bind", "/proc", "/proc"]),
    ...layout.emptied.flatMap((path) => isForSockets(path) ? empty(path) : tmpfs(path, TEMP_BYTES)),
    ...NEEDED_IN_RUN.flatMap((path) => ["--ro-bind-try", path, path]),
    ...layout.caches.folders.flatMap((path) => ["--dir", path]),
    ...layout.caches.shown.flatMap(([from, to]) => ["--ro-bind", from, to]),
    ...mounts(layout, empty),
    ...(options.has("--perms")
      ? []
      : closedByMode(layout).flatMap((path) => ["--remount-ro", path])),
    ...["--chdir", cwd, "--", ...command],
  ];
}

function namespaces(layout: Layout, { options, userNamespace }: Abilities): readonly string[] {
  return [
    ...(userNamespace ? ["--unshare-user"] : []),
    ...(userNamespace && options.has("--disable-userns") ? ["--disable-userns"] : []),
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(layout.network ? [] : ["--unshare-net"]),
  ];
}

/** The folders of the work and what is special in them. */
function mounts(
  { writable, readable, pinned, unchanging, hidden }: Layout,
  empty: (path: string) => readonly string[],
): readonly string[] {
  const all: (readonly [path: string, ...args: string[]])[] = [
    ...[...writable, ...pinned].map((path) => [path, "--bind", path, path] as const),
    ...[...readable, ...unchanging].map((path) => [path, "--ro-bind", path, path] as const),
    ...hidden.folders.map((path) =>
      isInOne(path, writable)
        // At once, so that whatever is mounted there later is found writable.
        ? [path, "--tmpfs", path, "--remount-ro", path] as const
        : [path, ...empty(path)] as const
    ),
    ...hidden.files.map((path) =>
      path.endsWith(SETTINGS)
        ? [path, "--ro-bind-data", SETTINGS_DESCRIPTOR, path] as const
        : [path, "--dev-bind", "/dev/null", path] as const
    ),
  ];
  return all.toSorted(([a], [b]) => depth(a) - depth(b)).flatMap(([, ...args]) => args);
}

/** What is empty, and where commands have no reason to make anything. */
function closedByMode({ hidden, emptied, writable }: Layout): readonly string[] {
  return [
    ...hidden.folders.filter((path) => !isInOne(path, writable)),
    ...emptied.filter(isForSockets),
  ];
}

function isForSockets(path: string): boolean {
  return path === "/run" || path === "/var/run";
}

/**
 * What runs first in the sandbox, in a shell from outside of the workspace: its name, and the command.
 * Processes are counted for users, not for root, whom the kernel does not limit.
 */
const FIRST_STEPS: string = [
  `echo '${BEGUN}';`,
  "ulimit -u 4096 2>/dev/null;",
  OPEN_COMMAND,
].join(" ");

/**
 * What runs before that where a link could have led a mount elsewhere: after the command, a line
 * feed and the places that may be writable, in pieces.
 *
 * It looks that nothing is writable but what should be: another command, at work in the same
 * folders, may have put a link or another folder where bubblewrap was about to mount something. So
 * of the folders of the work it counts which part of which file system they are, and of hidden ones
 * outside of it that they are new. What is mounted twice counts by what lies on top.
 */
const CHECK_MOUNTS: string = [
  "set -f; bad=; command=$1; lf=$2; shift 2; old=$IFS;",
  'IFS=; allowed="$*"; mounts=/proc/self/mountinfo;',
  // bash reads a file by itself, which saves more than a millisecond; others know no such form.
  '[ -n "$BASH_VERSION" ] && eval "lines=\\$(<$mounts)" || lines=$(cat $mounts); IFS=$lf;',
  "for line in $lines; do",
  `IFS=' '; set -- $line; IFS=$lf; at=$5 what="$5 $3 $4" new="$5 $4" how=$6;`,
  'case ",$how," in *,ro,*) ;; *)',
  'case "$line" in *" - tmpfs tmpfs "*) new="$new tmpfs" ;; esac;',
  'case "$allowed" in *"|$at|"*|*"|$what|"*|*"|$new|"*) ;; *) bad="$bad|$at|" ;; esac;',
  "continue ;; esac;",
  '[ -z "$bad" ] || while case "$bad" in *"|$at|"*) ;; *) false ;; esac; do',
  'bad="${bad%%"|$at|"*}${bad#*"|$at|"}"; done;',
  "done;",
  `[ -z "$bad" ] || { echo "${UNEXPECTED_MOUNT}$bad"; exit 125; };`,
  'set +f; IFS=$old; set -- "$command"; unset command allowed mounts lines line old lf at what new how bad;',
].join(" ");

/**
 * The program that opens a sandbox and then runs a command in it.
 *
 * @param shell Where the shell is.
 * @param command One line for it.
 * @param places From {@linkcode writablePlaces}.
 */
export function opening(shell: string, command: string, places: string): readonly string[] {
  if (places === "") return [shell, "-c", FIRST_STEPS, "bash", command];
  return [
    shell,
    "-c",
    `${CHECK_MOUNTS} ${FIRST_STEPS}`,
    "bash",
    command,
    "\n",
    ...inPieces(places),
  ];
}

/**
 * The places that may be writable, for {@linkcode opening}; empty when there is nothing that a
 * link could have led elsewhere.
 *
 * @param layout What is where.
 * @param mounted What is mounted on this machine; other file systems keep what they allow.
 */
export function writablePlaces(layout: Layout, mounted: readonly Mount[]): string {
  if (layout.pinned.length === 0) return "";
  const own = ["/dev", "/dev/shm", "/dev/pts", "/dev/mqueue"];
  const devices = ["null", "zero", "full", "random", "urandom", "tty"].map((name) =>
    `/dev/${name}`
  );
  const { writable, pinned, emptied, hidden } = layout;
  const inWork = mounted.filter(({ path }) =>
    isInOne(path, writable) &&
    !isInOne(path, layout.unchanging)
  );
  const all = [
    ...[...own, ...devices, ...emptied, ...hidden.files].map(asInMountinfo),
    // Empty, and nothing else on top of that.
    ...closedByMode(layout).map((path) => `${asInMountinfo(path)} / tmpfs`),
    ...[...writable, ...pinned].map((path) => lineOf(path, mounted) ?? asInMountinfo(path)),
    ...inWork.map(({ path, device, root }) => `${asInMountinfo(path)} ${device} ${root}`),
  ];
  return `|${all.join("|")}|`;
}

/** So many characters of any kind fit into one argument. */
const PIECE = 10_000;

/** A text in pieces, each of which fits into an argument. */
export function inPieces(text: string): readonly string[] {
  const pieces = Math.ceil(text.length / PIECE);
  return Array.from(
    { length: pieces },
    (_, index) => text.slice(index * PIECE, (index + 1) * PIECE),
  );
}
