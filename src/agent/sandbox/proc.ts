/**
 * What the kernel tells below `/proc`. Deno lets a program read there with all permissions alone
 * (2.9.6); where it has fewer, `cat` reads it instead, which may be run anyway where commands may.
 */

/** A process, as far as its place among the others goes. */
export interface ProcessFacts {
  /** Its number. */
  readonly id: number;
  /** Its parent's. */
  readonly parent: number;
  /** That of the first one of its session. */
  readonly session: number;
  /** Whether it has ended, and only its status is left. */
  readonly dead: boolean;
}

/**
 * The text of a file below `/proc` that tells of this machine, not of this process.
 *
 * @param path Which file.
 * @returns Its text; empty where there is no such file.
 */
export function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    return isNotPermitted(error) ? output("/bin/sh", ["-c", 'cat "$1"', "sh", path]) : "";
  }
}

/** All processes that this one can see. */
export function listProcesses(): readonly ProcessFacts[] {
  return stats().flatMap((text) => {
    // pid (name) state parent group session …; the name may hold anything.
    const id = Number.parseInt(text, 10);
    const [state, parent, , session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (Number.isNaN(id) || session === undefined) return [];
    const dead = state === "Z" || state === "X";
    return [{ id, parent: Number(parent), session: Number(session), dead }];
  });
}

/**
 * The processes in whose environment a variable was set, as far as this user may look: those that
 * a program with it has started, whatever became of their parents.
 *
 * @param assignment The variable and its value, which holds nothing but letters, digits and `-_=`.
 */
export function processesWith(assignment: string): readonly number[] {
  try {
    const names = [...Deno.readDirSync("/proc")].map(({ name }) => name);
    return names.filter((name) => /^\d+$/.test(name)).filter((name) => {
      try {
        return Deno.readTextFileSync(`/proc/${name}/environ`).split("\0").includes(assignment);
      } catch {
        // Ended while we looked, or another user's.
        return false;
      }
    }).map(Number);
  } catch (error) {
    if (!isNotPermitted(error)) throw error;
    const found = output("/bin/sh", [
      "-c",
      'cd /proc && grep -l -s -F -e "$1" [0-9]*/environ',
      "sh",
      assignment,
    ]);
    return [...found.matchAll(/^(\d+)\/environ$/gm)].map(([, id]) => Number(id));
  }
}

function stats(): readonly string[] {
  try {
    const names = [...Deno.readDirSync("/proc")].map(({ name }) => name);
    return names.filter((name) => /^\d+$/.test(name)).flatMap((name) => {
      try {
        return [Deno.readTextFileSync(`/proc/${name}/stat`)];
      } catch {
        // Ended while we looked.
        return [];
      }
    });
  } catch (error) {
    if (!isNotPermitted(error)) throw error;
    // A line each; a name with a line end in it makes lines that say nothing.
    return output("/bin/sh", ["-c", "cat /proc/[0-9]*/stat 2>/dev/null"]).split("\n");
  }
}

function output(program: string, args: string[]): string {
  const { stdout } = new Deno.Command(program, {
    args,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin:/run/current-system/sw/bin" },
    stdin: "null",
    stderr: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

function isNotPermitted(error: unknown): boolean {
  // By name: a class of Deno's that other runtimes do not have.
  return error instanceof Error && error.name === "NotCapable";
}
