/**
 * The terminal itself, for a question while stdin is a pipe.
 *
 * Only what is typed after the question was shown answers it. What was typed or pasted before is
 * thrown away until nothing has come for a moment; a paste with pauses longer than that cannot be
 * told from a person.
 */
import type { Clock } from "../base/clock.ts";
import type { Cli } from "./cli.ts";
import type { Tty } from "./questions.ts";

/**
 * Makes a place for questions on the terminal of this process. It is opened for each use alone.
 *
 * A command in the background gets no answer, where the system tells that (Linux); elsewhere the
 * system stops it, as any program that reads the terminal from there, and it goes on in the
 * foreground.
 *
 * @param clock Measures the silence before a question, where that is not the terminal's work.
 */
export async function createTty(clock: Clock): Promise<Tty> {
  return Deno.build.os === "windows"
    ? (await import("./tty_console.ts")).consoleTty(clock)
    : (await import("./tty_shell.ts")).shellTty();
}

/**
 * Whether a person can be asked: stderr is a terminal, so that somebody looks, and the process has
 * one to ask on.
 *
 * @param cli The command's world.
 * @param flags Whether asking was ruled out.
 * @param tty Makes the place for questions; called only where it would be used.
 */
export async function mayAsk(
  cli: Pick<Cli, "stderr" | "clock">,
  flags: { readonly askForApproval?: "on-request" | "never" },
  tty: (clock: Clock) => Promise<Pick<Tty, "isThere">> = createTty,
): Promise<boolean> {
  if (flags.askForApproval === "never" || !cli.stderr.isTerminal) return false;
  return await (await tty(cli.clock)).isThere();
}
