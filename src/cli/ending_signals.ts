/** The signals that end a command, by the system's own names for them. */

/** What a signal counts as. */
export type Ending = "SIGINT" | "SIGTERM";

/**
 * The signals to listen to, and what each counts as.
 *
 * Windows sends nobody a SIGTERM: Ctrl-Break comes in its place, and a SIGHUP when the window is
 * closed. Elsewhere a SIGHUP keeps its own meaning, which is to end at once.
 *
 * @param os The operating system, in Deno's names.
 */
export function endingSignals(os: string): readonly (readonly [Deno.Signal, Ending])[] {
  return os === "windows"
    ? [["SIGINT", "SIGINT"], ["SIGBREAK", "SIGTERM"], ["SIGHUP", "SIGTERM"]]
    : [["SIGINT", "SIGINT"], ["SIGTERM", "SIGTERM"]];
}
