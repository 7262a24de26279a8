/** The catalogue of a signed-in account: cache, then the account itself, then the bundled list. */
import type { Authorization } from "../auth/session.ts";
import { type CodexError, exitCodeFor, isCodexError } from "../base/errors.ts";
import { SharedWork } from "../base/shared_work.ts";
import type { WireModel } from "../protocol/models.ts";
import type { CachedList, ModelCache } from "./cache.ts";
import type { Catalogue, ListOptions, RequestShape } from "./catalogue.ts";
import type { FetchedModels, FetchModelsOptions } from "./fetch_models.ts";
import { type Model, modelFromWire, type ModelSource } from "./model.ts";

/** What a catalogue is made of. */
export interface CatalogueOptions extends FetchModelsOptions {
  /** Keeps the list between processes. */
  readonly cache: ModelCache;
  /** The profile, as part of the cache's key. */
  readonly profile: string;
  /** Told when the list is not the account's own. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** How long a list is used without asking, in milliseconds. */
const FRESH_MS = 3_600_000;
/**
 * How long a used-up allowance is taken on the word of another run, in milliseconds: long enough to
 * spare its neighbours, short enough for somebody who has bought credits since.
 */
const LIMIT_NOTE_MS = 300_000;

/** The greatest exit status of what is wrong on our side: the store, an option, the sign-in. */
const LAST_EXIT_OF_OURS = 3;

/** What is known of an account before it was asked. */
const NOTHING: CachedList = { fetchedAt: 0, models: [], shapes: {} };

/** Makes the catalogue of an account. Nothing is asked before the first call. */
export function accountCatalogue(options: CatalogueOptions): Catalogue {
  const { session, cache, clock } = options;
  /** Questions under way, so that many calls at once make one request. */
  const asking = new Map<string, SharedWork<FetchedModels>>();
  const told = new Set<string>();
  /** What was read for a caller that asks several times about the same request. */
  let read = new WeakMap<Authorization, Promise<CachedList | undefined>>();
  /** Why the account did not answer a caller who asks several times about the same request. */
  const unanswered = new WeakMap<Authorization, unknown>();
  /** The key of the account that was asked last, and its list: what is noted was learnt from it. */
  let lastKey: string | undefined;
  let lastList: CachedList | undefined;
  let lastChange: Promise<void> = Promise.resolve();

  /** Warns once of the same thing, however many calls it meets. */
  function warn(message: string): void {
    if (!told.has(message)) options.onWarning?.(message);
    told.add(message);
  }

  async function cached(given?: Authorization, signal?: AbortSignal): Promise<Place> {
    const authorization = given ?? await session.authorize({ signal });
    const key = cacheKey(authorization, options.profile);
    lastKey = key;
    const reading = (given && read.get(given)) ?? cache.read(key);
    if (given !== undefined) read.set(given, reading);
    const list = await reading;
    if (lastKey === key) lastList = list;
    return { key, authorization, list };
  }

  /** Changes what is cached, one change after another, so that none undoes another. */
  function change(key: string, edit: (list: CachedList) => CachedList): Promise<void> {
    lastChange = lastChange.then(async () => {
      const before = await cache.read(key) ?? NOTHING;
      const after = edit(before);
      if (after === before) return;
      await cache.write(key, after);
      read = new WeakMap();
    });
    return lastChange;
  }

  async function note(edit: (list: CachedList) => CachedList): Promise<void> {
    try {
      await change(lastKey ?? (await cached()).key, edit);
    } catch {
      // A note that cannot be kept costs a request later; it must not cost the answer at hand.
    }
  }

  /** Asks the account, once for all who want to know meanwhile, and keeps the answer. */
  function ask(key: string, authorization: Authorization): SharedWork<FetchedModels> {
    const known = asking.get(key);
    if (known !== undefined && !known.isGivenUp) return known;
    const started = new SharedWork(async (signal) => {
      const { fetchModels } = await import("./fetch_models.ts");
      const fetched = await fetchModels(authorization, options, signal);
      await change(key, ({ etag: _, ...others }) => ({ ...others, ...fetched }));
      return fetched;
    });
    asking.set(key, started);
    started.settled().then(() => {
      if (asking.get(key) === started) asking.delete(key);
    });
    return started;
  }

  async function list(
    { refresh = false, fallback: mayFallBack = true, authorization: given, signal }: ListOptions =
      {},
  ): Promise<readonly Model[]> {
    const { key, authorization, list } = await cached(given, signal);
    if (!refresh && list !== undefined && isFresh(list, clock.now())) {
      return sorted(list.models, "cache", list.fetchedAt);
    }
    try {
      // Once is enough: the wait for a service that is away is long.
      if (!refresh && unanswered.has(authorization)) throw unanswered.get(authorization);
      const { models, fetchedAt } = await ask(key, authorization).join(signal);
      return sorted(models, "account", fetchedAt);
    } catch (error) {
      signal?.throwIfAborted();
      if (given !== undefined) unanswered.set(given, error);
      if (!mayFallBack) throw error;
      if (!isCodexError(error) || exitCodeFor(error) <= LAST_EXIT_OF_OURS) throw error;
      return await fallback(list, error, authorization, warn);
    }
  }

  return {
    list,
    shapeOf: async (slug, given) => shapeIn((await cached(given)).list ?? NOTHING, slug),
    rememberShape: (slug, shape) =>
      note((list) => {
        if (shapeIn(list, slug) === shape) return list;
        const { [slug]: _, ...others } = list.shapes;
        return { ...list, shapes: shape === "lite" ? { ...others, [slug]: shape } : others };
      }),
    // A service whose two marks never agree costs one request more, not one more at each run.
    async noteEtag(etag) {
      // Most answers come with the mark that was read just before them.
      if (lastList !== undefined && isKnown(lastList, etag)) return;
      await note((list) =>
        list.etag === undefined || isKnown(list, etag)
          ? list
          : { ...list, seenEtag: etag, fetchedAt: 0 }
      );
    },
    async limitedUntil(given) {
      const { limitedUntil: until, limitedAt = 0 } = (await cached(given)).list ?? NOTHING;
      const age = clock.now() - limitedAt;
      const counts = until !== undefined && Date.parse(until) > clock.now() &&
        age >= 0 && age < LIMIT_NOTE_MS;
      return counts ? until : undefined;
    },
    noteLimit: (until) =>
      note((list) => {
        const { limitedUntil, limitedAt: _at, ...others } = list;
        if (until === undefined) return limitedUntil === undefined ? list : others;
        return { ...others, limitedUntil: until, limitedAt: clock.now() };
      }),
  };
}

interface Place {
  readonly key: string;
  readonly authorization: Authorization;
  readonly list: CachedList | undefined;
}

function cacheKey({ kind, baseUrl, accountId }: Authorization, profile: string): string {
  return [kind, baseUrl, accountId ?? "", profile].join(" ");
}

/** A slug comes from a command line: `constructor` must find nothing. */
function shapeIn({ shapes }: CachedList, slug: string): RequestShape {
  return (Object.hasOwn(shapes, slug) ? shapes[slug] : undefined) ?? "classic";
}

function isKnown({ etag, seenEtag }: CachedList, mark: string): boolean {
  return [etag, seenEtag].some((known) => known && opaque(known) === opaque(mark));
}

/** A mark without its sign of weakness, which whoever compresses an answer on its way adds. */
function opaque(etag: string): string {
  return etag.replace(/^W\//, "");
}

function isFresh(list: CachedList, now: number): boolean {
  // A list from the future says that a clock was wrong; it is not trusted.
  return list.models.length > 0 && list.fetchedAt <= now && now - list.fetchedAt < FRESH_MS;
}

function sorted(models: readonly WireModel[], source: ModelSource, at?: number): readonly Model[] {
  const asOf = at === undefined ? undefined : new Date(at).toISOString();
  return models.map((wire) => modelFromWire(wire, source, asOf))
    .sort((a, b) => a.priority - b.priority);
}

async function fallback(
  list: CachedList | undefined,
  error: CodexError,
  { kind }: Authorization,
  warn: (message: string) => void,
): Promise<readonly Model[]> {
  if (list !== undefined && list.models.length > 0) {
    warn(`${error.message}: using the model list of an earlier time`);
    return sorted(list.models, "cache", list.fetchedAt || undefined);
  }
  // The bundled models are those of a ChatGPT plan; of a key's nothing is known.
  if (kind === "api") throw error;
  warn(`${error.message}: using the model list that came with this version`);
  const { BUNDLED_MODELS } = await import("../protocol/bundled_models.ts");
  return sorted(BUNDLED_MODELS, "bundled");
}
