/** The signals that end a command, by the system's own names for them. */

/** What a signal counts as. */
export type Ending = "SIGINT" | "SIGTERM";

/**
 * The signals to listen to, and what each counts as.
 *
 * The end of a terminal is a SIGHUP. Whoever wants to outlive it needs a session of its own
 * (`setsid`): with the first listener of any kind Deno takes back what `nohup` has set (2.9.6).
 * Windows sends nobody a SIGTERM: Ctrl-Break comes in its place.
 *
 * @param os The operating system, in Deno's names.
 */
export function endingSignals(os: string): readonly (readonly [Deno.Signal, Ending])[] {
  return [
    ["SIGINT", "SIGINT"],
    [os === "windows" ? "SIGBREAK" : "SIGTERM", "SIGTERM"],
    ["SIGHUP", "SIGTERM"],
  ];
}
