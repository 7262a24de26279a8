/** The library's parts, as a command's flags and environment want them. */
import { type Context, createContext } from "../client/context.ts";
import type { PlaceOptions } from "../client/place.ts";
import type { Cli, GlobalFlags } from "./cli.ts";
import { filePlaceOptions, placeOptions, type SourceFlags } from "./place.ts";

/**
 * Puts together what a command works with.
 *
 * @param cli The command's world.
 * @param flags Its global options, and the source of the sign-in where it takes one.
 */
export function openContext(cli: Cli, flags: GlobalFlags & SourceFlags): Context {
  return contextOf(cli, placeOptions(cli, flags));
}

/** The same for a command that changes the credential file. */
export function openFileContext(cli: Cli, flags: GlobalFlags): Context {
  return contextOf(cli, filePlaceOptions(cli, flags));
}

function contextOf(cli: Cli, options: PlaceOptions): Context {
  const context = createContext({ ...options, fetch: cli.fetch });
  cli.finishBeforeExit(() => context.session.settled());
  return context;
}
