/** What can be said of options at once, before anything else of the package is loaded. */
import { DEFAULT_PROFILE, providerKey } from "../auth/store/auth_file.ts";
import { CodexError } from "../base/errors.ts";
import { type Env, processEnv } from "../base/platform.ts";
import { ADDRESS_VARIABLES, type Addresses, resolveAddresses } from "../protocol/endpoints.ts";
import { isOriginator, ORIGINATOR } from "../protocol/identity.ts";
import type { ClientOptions } from "./options.ts";

/**
 * Checks options, and settles what the environment says of them.
 *
 * @param options The caller's.
 * @returns They, with addresses, profile and originator decided.
 * @throws CodexError `invalid_usage` for any of these that is no good.
 */
export function settled(options: ClientOptions): ClientOptions {
  const addresses = addressesOf(options, processEnv);
  const profile = profileOf(options, processEnv);
  const originator = originatorOf(options, processEnv);
  return { ...options, ...addresses, profile, originator };
}

/** The addresses in force. */
export function addressesOf(options: ClientOptions, env: Env): Addresses {
  return resolveAddresses(
    (member) => options[member] ?? env(ADDRESS_VARIABLES[member]),
    (member) => options[member] === undefined ? ADDRESS_VARIABLES[member] : `${member}`,
  );
}

/** The profile that is meant. */
export function profileOf({ profile, store }: ClientOptions, env: Env): string {
  const name = profile ?? env("CODEX_PROFILE") ?? DEFAULT_PROFILE;
  // A store of the caller's own is asked for no profile.
  if (store === undefined) providerKey(name);
  return name;
}

/** The name under which requests are made. */
export function originatorOf(options: ClientOptions, env: Env): string {
  const given = options.originator ?? env("CODEX_ORIGINATOR") ?? ORIGINATOR;
  if (isOriginator(given)) return given;
  throw new CodexError("invalid_usage", "The originator is not a word of visible ASCII", {
    hint: "Unset CODEX_ORIGINATOR, or give up to 64 letters, digits and signs",
  });
}

/** Refuses a `fetch` that is none, which the types cannot hold every caller to. */
export function checkFetch({ fetch }: ClientOptions): void {
  if (fetch === undefined || typeof fetch === "function") return;
  throw new CodexError("invalid_usage", "The fetch that was given is no function", {
    hint: "Give a function like the platform's fetch, or leave it out",
  });
}
