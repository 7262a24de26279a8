/** What to do about a permission that this command is not given: Deno's own word names no way. */

/**
 * A hint for a file that Deno opens for nobody who was not given everything: what is below `/dev`,
 * `/proc` and `/sys`, but for a few such as `/dev/null` (2.9.6).
 *
 * @param error What was thrown.
 * @returns The hint; `undefined` for anything else.
 */
export function deviceHint(error: unknown): string | undefined {
  const isDevice = error instanceof Error && error.name === "NotCapable" &&
    error.message.startsWith("Requires all access");
  return isDevice
    ? "Deno opens devices with deno run -A alone; name a file, or start the command that way"
    : undefined;
}
