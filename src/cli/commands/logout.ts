/** `codex logout`. */
import { logout as forget, type LogoutResult } from "../../auth/logout.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { openContext, openFileContext } from "../context.ts";
import { type AllFlag, profilesOf } from "../profiles.ts";

/** The options of `codex logout`. */
export interface LogoutFlags extends AllFlag {
  /** Ends the sign-in at the server first. */
  readonly revoke?: boolean;
}

/** Forgets the sign-in of a profile, or of all of them. */
export async function logout(cli: Cli, flags: LogoutFlags & GlobalFlags): Promise<void> {
  const profiles = await profilesOf(cli, flags);
  const failures: unknown[] = [];
  for (const each of profiles) {
    try {
      await leave(cli, each, flags);
    } catch (error) {
      // Among several, one that cannot be taken out does not keep the others.
      if (!flags.all || cli.signal.aborted) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  if (profiles.length === 0 && !flags.json && !flags.quiet) cli.stderr.line(NOBODY);
}

async function leave(
  cli: Cli,
  one: GlobalFlags,
  { revoke = false, all, quiet, json }: LogoutFlags & GlobalFlags,
): Promise<void> {
  // With all of them the file is named already, and nothing of the environment comes before it.
  const context = all ? openContext(cli, one) : openFileContext(cli, one);
  const { profile } = context;
  const result = await forget({ ...context, revoke, signal: cli.signal });
  if (json) {
    await cli.stdout.write(`${JSON.stringify({ type: "logout", profile, ...result })}\n`);
  } else if (!quiet || result.revoked === false) {
    for (const line of describe(result, revoke)) {
      cli.stderr.line(all ? `${profile}: ${line}` : line);
    }
  }
}

const NOBODY = "Nobody was signed in.";

function describe({ removed, revoked }: LogoutResult, asked: boolean): readonly string[] {
  if (!removed) return [NOBODY];
  if (revoked) return ["Signed out on this machine and at the server."];
  const here = "Signed out on this machine.";
  if (!asked) return [here];
  return [
    here,
    revoked === undefined
      ? "An API key is not ended from here: delete it on the page where it was made."
      : "The server did not confirm the end of the sign-in: end it in ChatGPT (Settings, Security).",
  ];
}
