/**
 * The profile for `sandbox-exec` on macOS, as text. Not run here: no machine of that kind was at
 * hand. The rules of such a profile are read from the top, and the last that fits decides.
 */
import type { Layout } from "./layout.ts";
import { PROTECTED_NAMES } from "./protected.ts";
import { SandboxError } from "./sandbox.ts";

/** Where the program is; never one that the `PATH` names. */
export const SANDBOX_EXEC = "/usr/bin/sandbox-exec";

/** Services of the system that the runtimes of languages ask for. */
const SERVICES = [
  "com.apple.system.notification_center",
  "com.apple.system.opendirectoryd.libinfo",
  "com.apple.system.opendirectoryd.membership",
  "com.apple.system.logger",
  "com.apple.logd",
  "com.apple.cfprefsd.daemon",
  "com.apple.PowerManagement.control",
  "com.apple.bsd.dirhelper",
];
/** For names of hosts and certificates. */
const NETWORK_SERVICES = [
  "com.apple.dnssd.service",
  "com.apple.trustd.agent",
  "com.apple.SecurityServer",
  "com.apple.SystemConfiguration.configd",
  "com.apple.networkd",
];
const DEVICES = ["/dev/null", "/dev/zero", "/dev/dtracehelper", "/dev/tty"];

/** What a profile is made of. */
export type ProfileLayout = Pick<Layout, "writable" | "unchanging" | "hidden" | "network"> & {
  /** The command's own temporary folder. */
  readonly temp: string;
};

/**
 * The profile. Protected names are matched by pattern, so they can neither be changed nor made, at
 * any depth, in any spelling that a file system which ignores case takes for the same.
 *
 * @param layout What a command may do.
 */
export function seatbeltProfile(
  { writable, unchanging, hidden, network, temp }: ProfileLayout,
): string {
  const folders = (paths: readonly string[]) => paths.map((path) => `(subpath ${quoted(path)})`);
  const files = (paths: readonly string[]) => paths.map((path) => `(literal ${quoted(path)})`);
  const services = [...SERVICES, ...(network ? NETWORK_SERVICES : [])];
  const secret = [...folders(hidden.folders), ...files(hidden.files)];
  const kept = writable.map((root) => `(regex ${protectedPattern(root)})`);
  return [
    "(version 1)",
    "(deny default)",
    "(allow process-exec)",
    "(allow process-fork)",
    "(allow process-info* (target same-sandbox))",
    "(allow signal (target same-sandbox))",
    "(allow sysctl-read)",
    "(allow ipc-posix-sem)",
    "(allow pseudo-tty)",
    "(allow file-read*)",
    rule("allow", "file-read* file-write-data file-ioctl", files(DEVICES)),
    '(allow file-read* file-write* (regex #"^/dev/ttys[0-9]+$") (literal "/dev/ptmx"))',
    rule("allow", "file-write*", folders([temp, ...writable])),
    rule("deny", "file-write*", kept),
    rule("deny", "file-write*", folders(unchanging)),
    rule("deny", "file-read* file-write*", secret),
    rule("allow", "mach-lookup", services.map((name) => `(global-name ${quoted(name)})`)),
    ...(network
      ? ["(allow network*)", "(deny network* (local unix-socket) (remote unix-socket))"]
      : []),
  ].filter((line) => line !== "").join("\n") + "\n";
}

/**
 * The arguments that run a command in a profile.
 *
 * @param profile From {@linkcode seatbeltProfile}.
 * @param command Program and arguments.
 */
export function seatbeltArgs(profile: string, command: readonly string[]): readonly string[] {
  return ["-p", profile, ...command];
}

function rule(effect: "allow" | "deny", operations: string, targets: readonly string[]): string {
  return targets.length === 0 ? "" : `(${effect} ${operations} ${targets.join(" ")})`;
}

/** A string of the profile's language. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A protected name in a folder, at whatever depth, and all that is below it. */
function protectedPattern(root: string): string {
  if (/["\\]/.test(root)) {
    throw new SandboxError(
      `"${root}" has a character in its name that cannot be confined on macOS`,
    );
  }
  const names = PROTECTED_NAMES.map((name) => [...name].map(anyCase).join("")).join("|");
  return `#"^${[...root].map(literal).join("")}/(.*/)?(${names})(/.*)?$"`;
}

function anyCase(character: string): string {
  const upper = character.toUpperCase();
  return upper === character ? literal(character) : `[${character}${upper}]`;
}

function literal(character: string): string {
  return /[.*+?^$(){}|[\]]/.test(character) ? `\\${character}` : character;
}
