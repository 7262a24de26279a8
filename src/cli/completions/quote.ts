/** Text between the quotes of other shells than POSIX's, and names that are made of a program's. */

/** For fish, where a backslash counts within quotes as well. */
export function quotedForFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** For PowerShell. */
export function quotedForPowerShell(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name of functions for a program: `_codex_deno` for `codex-deno`. */
export function functionName(program: string): string {
  return `_${program.replaceAll(/[^A-Za-z0-9]/g, "_")}`;
}
