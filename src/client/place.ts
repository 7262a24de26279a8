/**
 * Which sign-in is meant, and where it may go: all that is needed to say who is signed in.
 */
import { type Clock, systemClock } from "../base/clock.ts";
import type { CredentialStore } from "../base/credentials.ts";
import { guarded } from "../base/guarded.ts";
import { type Env, processEnv } from "../base/platform.ts";
import type { Addresses } from "../protocol/endpoints.ts";
import { addressesOf, profileOf } from "./early_checks.ts";
import type { ClientOptions } from "./options.ts";
import { type AuthSource, chooseStore } from "./store_choice.ts";

/** What only the command sets. */
export interface PlaceOptions extends ClientOptions {
  /** The credential file, in place of the default one. */
  readonly authFile?: string | undefined;
  /** Another source of the sign-in. */
  readonly auth?: AuthSource | undefined;
  /** Where a renewed sign-in of the environment goes. */
  readonly rotateTo?: string | undefined;
  /** Keeps to the file, whatever the environment holds. */
  readonly fileOnly?: boolean | undefined;
  /** Reads the environment. */
  readonly env?: Env | undefined;
}

/** A sign-in's place. */
export interface Place {
  /** Where it is kept. */
  readonly store: CredentialStore;
  /** The file that it is kept in, unless the caller gave a store. */
  readonly path: string | undefined;
  /** The addresses in force. */
  readonly addresses: Addresses;
  /** The profile's name. */
  readonly profile: string;
  /** Reads the environment. */
  readonly env: Env;
  /** Measures time. */
  readonly clock: Clock;
  /** Told what went wrong without ending the work. */
  readonly onWarning: ((message: string) => void) | undefined;
}

/**
 * Finds the place. Overrides of addresses are checked first, so that a bad one is told before a
 * file is read; nothing is read or sent here.
 *
 * @param options What to use in place of the defaults.
 * @throws CodexError `invalid_usage` for an address or a profile that is no good.
 */
export function placeOf(options: PlaceOptions = {}): Place {
  const { env = processEnv, clock = systemClock } = options;
  const onWarning = guarded(options.onWarning);
  const addresses = addressesOf(options, env);
  const profile = profileOf(options, env);
  const { store, path } = chooseStore({ ...options, profile, env, clock, onWarning });
  return { store, path, addresses, profile, env, clock, onWarning };
}
