/** The models that this machine knows of without asking anybody, and without a sign-in. */
import { BUNDLED_MODELS } from "../protocol/bundled_models.ts";
import { type CachedList, type CacheFile, readLists } from "./cache.ts";
import { type Model, modelFromWire } from "./model.ts";

/**
 * The newest list that is cached for a profile, whatever its age, else the bundled one. A hint for
 * whoever types: what an account may use is said by `accountCatalogue()` alone.
 *
 * @param file The cache.
 * @param profile The profile's name.
 * @returns By priority.
 */
export async function cachedModels(file: CacheFile, profile: string): Promise<readonly Model[]> {
  const lists = await readLists(file);
  // The profile is the end of the key, see `cacheKey()`, and holds no blank.
  const own = [...lists].filter(([key]) => key.endsWith(` ${profile}`)).map(([, list]) => list);
  const newest = own.filter(({ models }) => models.length > 0).sort(byTime).at(-1);
  const models = newest === undefined
    ? BUNDLED_MODELS.map((wire) => modelFromWire(wire, "bundled"))
    : newest.models.map((wire) => modelFromWire(wire, "cache"));
  return models.sort((one, other) => one.priority - other.priority);
}

function byTime(one: CachedList, other: CachedList): number {
  return one.fetchedAt - other.fetchedAt;
}
