/** The shell that runs a command, and what it does before that. */
import { lookAt, realPathOf } from "./files.ts";

/** bash where there is one, as models write for it; never one that the `PATH` or `SHELL` names. */
export function findShell(): string {
  return findIn(["/bin/bash", "/usr/bin/bash", "/run/current-system/sw/bin/bash"]) ?? "/bin/sh";
}

/** The program that starts another one in a session of its own; part of util-linux and of busybox. */
export function findSetsid(): string | undefined {
  return findIn(["/usr/bin/setsid", "/bin/setsid", "/run/current-system/sw/bin/setsid"]);
}

function findIn(places: readonly string[]): string | undefined {
  return places.find((path) => {
    const real = realPathOf(path);
    return real !== undefined && lookAt(real)?.isFile === true;
  });
}

/**
 * Opens a command that is the script's first argument: what our own parent had open is closed, as
 * the platform passes it on; both outputs become one, in the order of their writing; a program that
 * crashes leaves no image of its memory. The command goes on in the same shell, which is faster
 * than another one; all of this is one line, so that the lines in its messages are its own.
 */
export const OPEN_COMMAND: string = [
  "for f in /proc/self/fd/*; do f=${f##*/};",
  "case $f in [3-9]|[1-9][0-9]*)",
  '[ -z "$BASH_VERSION" ] && [ "$f" -gt 9 ] || eval "exec $f>&-" ;; esac;',
  "done;",
  "exec 2>&1; ulimit -c 0; unset f;",
  'eval "set --; $1"',
].join(" ");
