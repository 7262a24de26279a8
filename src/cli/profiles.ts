/** Which profiles a command means: the one in force, or all that the file has. */
import { fileStore } from "../auth/store/file_store.ts";
import { authFilePath } from "../auth/store/path.ts";
import { CodexError } from "../base/errors.ts";
import { machine } from "../base/platform.ts";
import type { Cli, GlobalFlags } from "./cli.ts";
import { openPlace } from "./place.ts";

/** The option that a command with several profiles has. */
export interface AllFlag {
  /** Every profile of the file. */
  readonly all?: boolean;
}

/**
 * The global options of each profile that a command means.
 *
 * @param cli The command's world.
 * @param flags Its options.
 * @returns One for each profile, in the order of the file; none when it has none.
 * @throws CodexError `invalid_usage` when one profile and all are asked for, `store_unavailable`
 * when the file cannot be read.
 */
export async function profilesOf(
  cli: Cli,
  flags: AllFlag & GlobalFlags,
): Promise<readonly GlobalFlags[]> {
  if (!flags.all) return [flags];
  if (flags.profile !== undefined) {
    throw new CodexError("invalid_usage", "--profile and --all exclude each other", {
      hint: "Give one of the two",
    });
  }
  const { env, clock } = cli;
  // Before a file is read: a bad address ends it.
  const { path = authFilePath({ env, os: machine().os }) } = openPlace(cli, flags);
  const names = await fileStore({ path, clock, env }).profiles();
  // The file is named, so that a sign-in of the environment does not stand for each of them.
  return names.map((profile) => ({ ...flags, profile, authFile: path }));
}

/** How to call the command so that it means a profile. */
export function commandFor(profile: string): string {
  return `codex --profile ${profile}`;
}
