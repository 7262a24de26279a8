/** Runs the command where the file system is in the way: in a mount namespace that ends with it. */
import type { TempDir } from "./temp_dir.ts";

const UNSHARE = ["unshare", "--mount", "--propagation", "private"];

/** A pid namespace of its own, as each container has; the mounts stay shared. */
export const OWN_PIDS: readonly string[] = ["unshare", "--pid", "--fork", "--mount-proc"];

/**
 * Runs a program after shell commands that mount things; nobody else sees the mounts.
 *
 * @param script The commands, ended by the first that fails.
 * @returns For `CliOptions.wrapper`.
 */
export function inMounts(script: string): readonly string[] {
  return [...UNSHARE, "sh", "-ec", `${script}\nexec "$@"`, "sh"];
}

/** A mount that makes a folder read-only. */
export function readOnly(path: string): string {
  return `mount --bind '${path}' '${path}'; mount -o remount,bind,ro '${path}'`;
}

/** A disk of 64 KiB in a folder's place, with all that is in the folder, and full. */
export function fullDisk(path: string): string {
  return [
    `keep=$(mktemp -d); cp -a '${path}/.' $keep`,
    `mount -t tmpfs -o size=64k,mode=700 none '${path}'`,
    `cp -a $keep/. '${path}'; rm -r $keep`,
    `dd if=/dev/zero of='${path}/filler' bs=1k 2>/dev/null || true`,
  ].join("; ");
}

/** Whether mounts can be made here. */
function canMount(): boolean {
  try {
    const [program = "", ...args] = [...UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"];
    return Deno.uid() === 0 && new Deno.Command(program, { args }).outputSync().success;
  } catch {
    return false;
  }
}

let possible: boolean | undefined;

/** Registers a test that mounts; ignored, or failing as `testWith` does, where that cannot be. */
export function testMount(name: string, fn: () => Promise<void>): void {
  const required = Deno.env.get("CODEX_TEST_REQUIRE_ALL") === "1";
  possible ??= canMount();
  const why = possible ? "" : " (needs root and mount namespaces, which are not to be had here)";
  Deno.test({ name: name + why, ignore: !required && !possible, fn });
}

/** The number of `flock` among the system's calls, and the architecture's name in a filter. */
const FLOCK: Readonly<Record<string, readonly [arch: number, call: number]>> = {
  x86_64: [0xc000003e, 73],
  aarch64: [0xc00000b7, 32],
};
const ENOLCK = 37;

/**
 * Makes every file system one without locks: a seccomp filter answers each `flock` as such a file
 * system does. Needs `bwrap`.
 *
 * @param dir Where the filter is put.
 * @returns For `CliOptions.wrapper`.
 */
export async function withoutLocks(dir: TempDir): Promise<readonly string[]> {
  const [arch, call] = FLOCK[Deno.build.arch] ?? [0, 0];
  const filter = await dir.write(
    "no_locks.bpf",
    program([
      [LOAD, 0, 0, 4], // the architecture
      [JUMP_EQUAL, 0, 3, arch],
      [LOAD, 0, 0, 0], // the call's number
      [JUMP_EQUAL, 0, 1, call],
      [RETURN, 0, 0, FAIL_WITH | ENOLCK],
      [RETURN, 0, 0, ALLOW],
    ]),
  );
  return ["sh", "-c", `exec bwrap --dev-bind / / --seccomp 3 "$@" 3<'${filter}'`, "sh"];
}

// linux/bpf_common.h and linux/seccomp.h.
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;
const FAIL_WITH = 0x0005_0000;
const ALLOW = 0x7fff_0000;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number];

function program(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, [code, whenTrue, whenFalse, value]] of instructions.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, value, true);
  }
  return new Uint8Array(view.buffer);
}
