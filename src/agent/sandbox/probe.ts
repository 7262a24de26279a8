/**
 * Looks what bubblewrap can do here, with the real thing and nothing in it, and says what stands in
 * the way in words that help.
 */
import { CONTAINER_FILES } from "../../base/platform.ts";
import { BEGUN } from "./begun.ts";
import { type Abilities, bubblewrapArgs, NEEDED_OPTIONS, NEWER_OPTIONS } from "./bubblewrap.ts";
import { type Launch, startBubblewrap } from "./bubblewrap_run.ts";
import { lookAt, readStart, realPathOf } from "./files.ts";
import type { Layout } from "./layout.ts";
import { isWithin } from "./paths.ts";
import { readProc } from "./proc.ts";
import { type Confinement, SandboxError } from "./sandbox.ts";

/** What a probe found: how to run commands, or why not. */
export type Probe =
  | { readonly program: string; readonly abilities: Abilities }
  | { readonly confinement: Confinement };

/** What a probe works with. */
export interface ProbeOptions {
  /** A layout with nothing in it that has to be looked for. */
  readonly layout: Layout;
  /** The folders of the work. */
  readonly work: readonly string[];
  /** The folders in which programs are looked for, with colons. */
  readonly path: string;
  /** Starts programs with everything that a command gets. */
  readonly launch: Pick<Launch, "environment" | "filter" | "spawn">;
  /** Where bubblewrap is looked for first. */
  readonly places: readonly string[];
  /** Whether this is root, who can do without a user namespace. */
  readonly root: boolean;
}

/** Where bubblewrap is installed. */
export const BUBBLEWRAP_PLACES: readonly string[] = [
  "/usr/bin/bwrap",
  "/usr/local/bin/bwrap",
  "/bin/bwrap",
  "/run/current-system/sw/bin/bwrap",
];

/** What installs it, by the names in `/etc/os-release`. */
const INSTALLERS: Readonly<Record<string, string>> = {
  debian: "apt install bubblewrap",
  ubuntu: "apt install bubblewrap",
  fedora: "dnf install bubblewrap",
  rhel: "dnf install bubblewrap",
  centos: "dnf install bubblewrap",
  arch: "pacman -S bubblewrap",
  alpine: "apk add bubblewrap",
  suse: "zypper install bubblewrap",
  opensuse: "zypper install bubblewrap",
  gentoo: "emerge sys-apps/bubblewrap",
  nixos: "nix-env -iA nixos.bubblewrap",
};

const OS_RELEASE_BYTES = 8192;

/** Finds out how commands can be confined here. */
export async function probeBubblewrap(options: ProbeOptions): Promise<Probe> {
  const program = findProgram(options);
  if (program === undefined) {
    return none("bubblewrap is not installed, without which no command can be confined", {
      hint: installHint(),
    });
  }
  const first = await tryAll(program, NEWER_OPTIONS, options);
  if (typeof first !== "string") return { program, abilities: first };
  if (!/unknown option/i.test(first)) return explain(first);
  const known = await optionsOf(program, options);
  const lacking = NEEDED_OPTIONS.filter((option) => !known.has(option));
  if (lacking.length > 0) {
    return none(`bubblewrap is too old: it does not know ${lacking.join(", ")}`, {
      hint: "Install bubblewrap 0.5 or newer",
    });
  }
  const second = await tryAll(program, known, options);
  return typeof second === "string" ? explain(second) : { program, abilities: second };
}

/** What works here, or what the first attempt complained of. */
async function tryAll(
  program: string,
  known: ReadonlySet<string>,
  options: ProbeOptions,
): Promise<Abilities | string> {
  let first = "";
  for (const attempt of attempts(options.root)) {
    const abilities = { options: known, ...attempt };
    const complaint = await tryOut(program, abilities, options);
    if (complaint === undefined) return abilities;
    first ||= complaint;
  }
  return first;
}

/** The whole thing first, then without what containers take away. */
function attempts(root: boolean): readonly Omit<Abilities, "options">[] {
  const withUser = [
    { userNamespace: true, ownProc: true },
    { userNamespace: true, ownProc: false },
  ];
  const without = withUser.map(({ ownProc }) => ({ userNamespace: false, ownProc }));
  return root ? [...withUser, ...without] : withUser;
}

/**
 * Never a program of the workspace: a folder of it may be on the `PATH`, and whatever bears the
 * name there would run outside of every sandbox.
 */
function findProgram(options: ProbeOptions): string | undefined {
  const { places, work, path: search } = options;
  const named = search.split(":").filter((at) => at.startsWith("/"));
  for (const path of [...places, ...named.map((folder) => `${folder}/bwrap`)]) {
    const real = realPathOf(path);
    if (
      real === undefined ||
      [real, path].some((at) => work.some((root) => root !== "/" && isWithin(at, root)))
    ) {
      continue;
    }
    const info = lookAt(real);
    if (info?.isFile === true && ((info.mode ?? 0) & 0o111) !== 0) return real;
  }
  return undefined;
}

async function optionsOf(program: string, { launch }: ProbeOptions): Promise<ReadonlySet<string>> {
  const child = launch.spawn(program, {
    args: ["--help"],
    clearEnv: true,
    env: {},
    cwd: "/",
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  return new Set(text.match(/--[a-z][a-z0-9-]+/g));
}

/** Runs `true` the way a command is run; what went wrong, or `undefined`. */
async function tryOut(
  program: string,
  abilities: Abilities,
  { layout, launch }: ProbeOptions,
): Promise<string | undefined> {
  const inside = { cwd: "/", command: ["/bin/sh", "-c", `echo '${BEGUN}'`] };
  try {
    const started = startBubblewrap({
      ...launch,
      program,
      args: bubblewrapArgs(layout, abilities, inside),
    });
    const [code] = await Promise.all([started.exitCode, drain(started.output)]);
    started.check?.();
    return code === 0 ? undefined : `it ended with status ${code}`;
  } catch (error) {
    if (error instanceof SandboxError) return error.message;
    throw error;
  }
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}

function explain(complaint: string): Probe {
  const container = inContainer();
  if (/namespace|uid map|gid map|unshare|clone/i.test(complaint)) {
    return none(
      container
        ? "this container may not make user namespaces, which bubblewrap needs"
        : "this system does not let users make user namespaces, which bubblewrap needs",
      {
        hint: container
          ? "Start the container with --security-opt seccomp=unconfined, or, where the container " +
            "itself is confinement enough, run with --sandbox danger-full-access"
          : hasAppArmorLimit()
          ? "Give bubblewrap an AppArmor profile, or: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
          : "Allow them: sysctl -w user.max_user_namespaces=15000, and " +
            "kernel.unprivileged_userns_clone=1 where that exists",
      },
    );
  }
  return none(`bubblewrap does not work here: ${complaint}`, {
    hint: container
      ? "This is a container: start it with fewer limits, or run the command outside of it"
      : "Try: bwrap --ro-bind / / true",
  });
}

function hasAppArmorLimit(): boolean {
  return readProc("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").trim() === "1";
}

function inContainer(): boolean {
  for (const path of CONTAINER_FILES) if (lookAt(path) !== undefined) return true;
  return false;
}

function installHint(): string {
  const real = realPathOf("/etc/os-release");
  const text = real === undefined ? "" : readStart(real, OS_RELEASE_BYTES) ?? "";
  const names = [...text.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)]
    .flatMap(([, value]) => (value ?? "").split(/\s+/));
  const command = names.map((name) => INSTALLERS[name]).find((found) => found !== undefined);
  return command === undefined ? "Install the package bubblewrap" : `Install it: ${command}`;
}

function none(missing: string, { hint }: { readonly hint: string }): Probe {
  return { confinement: { mechanism: "none", missing, hint } };
}
