/** The permissions of the command, kept in one place: the first line of its entry. */

/** A first line such as `#!/usr/bin/env -S deno run --allow-read …`. */
const FIRST_LINE = /^#!\/usr\/bin\/env -S deno run ((?:--allow-[a-z]+(?:=[\w,.]+)? ?)+)\n/;

/**
 * Reads the permissions that an entry asks for.
 *
 * @param source The text of the entry.
 * @returns The flags.
 * @throws Error when its first line names none.
 */
export function permissionsOf(source: string): readonly string[] {
  const flags = FIRST_LINE.exec(source)?.[1];
  if (flags === undefined) throw new Error("the entry's first line names no permissions");
  return flags.trim().split(" ");
}
