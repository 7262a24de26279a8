/** The parts that every function of the library works with, put together from its options. */
import { createSession, type Session } from "../auth/session.ts";
import { CodexError } from "../base/errors.ts";
import type { Fetch } from "../base/http.ts";
import { machine } from "../base/platform.ts";
import { platformFetch } from "../base/platform_fetch.ts";
import { accountCatalogue } from "../models/account_catalogue.ts";
import { memoryModelCache, modelCache } from "../models/cache.ts";
import { cacheFileBeside } from "../models/cache_file.ts";
import type { Catalogue } from "../models/catalogue.ts";
import { ORIGINATOR_HEADER } from "../protocol/headers.ts";
import { CLIENT_VERSION, isOriginator, ORIGINATOR, userAgent } from "../protocol/identity.ts";
import { type Place, placeOf, type PlaceOptions } from "./place.ts";

/** What the functions of the library work with. */
export interface Context extends Place {
  /** The sign-in in use. */
  readonly session: Session;
  /** The account's models. */
  readonly catalogue: Catalogue;
  /** The name under which requests are made. */
  readonly originator: string;
  /** Headers that say who we are. */
  readonly identity: Readonly<Record<string, string>>;
  /** Sends requests. */
  readonly fetch: Fetch;
}

/**
 * Puts the parts together; nothing is read or sent here.
 *
 * @param options What to use in place of the defaults.
 * @throws CodexError `invalid_usage` for an address, a profile or an originator that is no good.
 */
export function createContext(options: PlaceOptions = {}): Context {
  const place = placeOf(options);
  const { store, path, addresses, profile, env, clock, onWarning } = place;
  const originator = originatorOf(options.originator ?? env("CODEX_ORIGINATOR"));
  const fetch = options.fetch ?? platformFetch(env);
  const identity = {
    [ORIGINATOR_HEADER]: originator,
    "user-agent": userAgent(machine(), originator),
  };
  const session = createSession({ store, addresses, fetch, clock, identity, onWarning });
  const catalogue = accountCatalogue({
    session,
    cache: path === undefined ? memoryModelCache() : modelCache(cacheFileBeside(path)),
    profile,
    fetch,
    clock,
    identity,
    clientVersion: env("CODEX_CLIENT_VERSION") ?? CLIENT_VERSION,
    onWarning,
  });
  return { ...place, session, catalogue, originator, identity, fetch };
}

function originatorOf(given: string | undefined): string {
  if (given === undefined) return ORIGINATOR;
  if (isOriginator(given)) return given;
  throw new CodexError("invalid_usage", "The originator is not a word of visible ASCII", {
    hint: "Unset CODEX_ORIGINATOR, or give up to 64 letters, digits and signs",
  });
}
