/** Which sign-in a command means. */
import { DEFAULT_PROFILE } from "../auth/store/auth_file.ts";
import { type Place, placeOf, type PlaceOptions } from "../client/place.ts";
import { type AuthSource, SIGN_IN_VARIABLES } from "../client/store_choice.ts";
import type { Cli, GlobalFlags } from "./cli.ts";
import { forProfile } from "./report.ts";

/** The options of commands that can use a sign-in of another kind. */
export interface SourceFlags {
  /** Another source of the sign-in. */
  readonly auth?: AuthSource;
  /** Where a renewed sign-in of the environment goes. */
  readonly rotateTo?: string;
}

/** A command's flags and world as options of the library. */
export function placeOptions(cli: Cli, flags: GlobalFlags & SourceFlags): PlaceOptions {
  const profile = flags.profile ?? cli.env("CODEX_PROFILE") ?? DEFAULT_PROFILE;
  return {
    env: cli.env,
    clock: cli.clock,
    auth: flags.auth,
    authFile: flags.authFile,
    rotateTo: flags.rotateTo,
    profile,
    onWarning: (message) => cli.stderr.line(`warning: ${forProfile(message, profile)}`),
  };
}

/** The sign-in that a command means, for commands that send nothing. */
export function openPlace(cli: Cli, flags: GlobalFlags & SourceFlags): Place {
  return placeOf(placeOptions(cli, flags));
}

/**
 * The options of commands that change the file: they keep to it, and say so when a sign-in of the
 * environment comes before what they do.
 */
export function filePlaceOptions(cli: Cli, flags: GlobalFlags): PlaceOptions {
  const set = SIGN_IN_VARIABLES.find((name) => cli.env(name)?.trim());
  if (set !== undefined && flags.authFile === undefined) {
    cli.stderr.line(`warning: ${set} is set, and comes before the sign-in in the file`);
  }
  return { ...placeOptions(cli, flags), fileOnly: true };
}
