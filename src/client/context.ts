/** The parts that every function of the library works with, put together from its options. */
import { createSession, type Session } from "../auth/session.ts";
import type { CredentialStore } from "../base/credentials.ts";
import type { Fetch } from "../base/http.ts";
import { machine } from "../base/platform.ts";
import { platformFetch } from "../base/platform_fetch.ts";
import { accountCatalogue } from "../models/account_catalogue.ts";
import { memoryModelCache, type ModelCache, modelCache } from "../models/cache.ts";
import { cacheFileBeside } from "../models/cache_file.ts";
import type { Catalogue } from "../models/catalogue.ts";
import { ORIGINATOR_HEADER } from "../protocol/headers.ts";
import { CLIENT_VERSION, userAgent } from "../protocol/identity.ts";
import { checkFetch, originatorOf } from "./early_checks.ts";
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
  const originator = originatorOf(options, env);
  checkFetch(options);
  const fetch = options.fetch ?? platformFetch(env);
  const identity = {
    [ORIGINATOR_HEADER]: originator,
    "user-agent": userAgent(machine(), originator),
  };
  const session = createSession({ store, addresses, fetch, clock, identity, onWarning });
  const catalogue = accountCatalogue({
    session,
    cache: path === undefined ? cacheOf(options.store) : modelCache(cacheFileBeside(path)),
    profile,
    fetch,
    clock,
    identity,
    clientVersion: env("CODEX_CLIENT_VERSION") ?? CLIENT_VERSION,
    onWarning,
  });
  return { ...place, session, catalogue, originator, identity, fetch };
}

/** Lists of stores without a file, as long as somebody holds the store. */
const caches = new WeakMap<CredentialStore, ModelCache>();

function cacheOf(store: CredentialStore | undefined): ModelCache {
  const known = store && caches.get(store);
  const cache = known ?? memoryModelCache();
  if (store !== undefined && known === undefined) caches.set(store, cache);
  return cache;
}
