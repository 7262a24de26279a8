/** The account's model list on disk, beside the sign-in: a hint that saves a request, never more. */
import { isObject, numberAt, objectAt, parseJson, stringAt } from "../base/json.ts";
import { readModels, type WireModel } from "../protocol/models.ts";
import type { RequestShape } from "./catalogue.ts";

/** A model list with what was learnt about it. */
export interface CachedList {
  /** When it was received, in milliseconds since the epoch; 0 when it is known to be old. */
  readonly fetchedAt: number;
  /** The service's mark of this list. */
  readonly etag?: string;
  /** Another mark that was seen on an answer since, and for which the list was asked for again. */
  readonly seenEtag?: string;
  /** The models. */
  readonly models: readonly WireModel[];
  /** The request shape that worked, by slug, where it was not the classic one. */
  readonly shapes: Readonly<Record<string, RequestShape>>;
  /** Until when the account's allowance is known to be used up, as an ISO 8601 instant. */
  readonly limitedUntil?: string;
  /** When that was told, in milliseconds since the epoch. */
  readonly limitedAt?: number;
}

/** Keeps lists by a key of issuer, account and profile. Neither function ever rejects. */
export interface ModelCache {
  /** The list under a key. */
  read(key: string): Promise<CachedList | undefined>;
  /** Replaces the list under a key. */
  write(key: string, list: CachedList): Promise<void>;
}

/** Reads and writes one small file as a whole. */
export interface CacheFile {
  /** Its text, or `undefined` when there is none or it cannot be read. */
  read(): Promise<string | undefined>;
  /** Replaces it; a failure is of no consequence. */
  write(text: string): Promise<void>;
}

/** More lists than anybody has profiles; the oldest goes first. */
const MAX_LISTS = 32;

/** Every list of a file by its key. One that is damaged or of another version counts as empty. */
export async function readLists(file: CacheFile): Promise<Map<string, CachedList>> {
  const content = parseJson(await file.read().catch(() => undefined) ?? "");
  const found = new Map<string, CachedList>();
  if (numberAt(content, "version") !== 1) return found;
  for (const [key, value] of Object.entries(objectAt(content, "lists"))) {
    const list = readList(value);
    if (list !== undefined) found.set(key, list);
  }
  return found;
}

/** Makes a cache of a file. */
export function modelCache(file: CacheFile): ModelCache {
  return {
    read: async (key) => (await readLists(file)).get(key),
    async write(key, list) {
      const all = await readLists(file);
      all.delete(key);
      all.set(key, list);
      for (const oldest of [...all.keys()].slice(0, -MAX_LISTS)) all.delete(oldest);
      const text = JSON.stringify({ version: 1, lists: Object.fromEntries(all) });
      await file.write(text).catch(() => {});
    },
  };
}

/** A cache for one process, for stores without a place of their own. */
export function memoryModelCache(): ModelCache {
  const lists = new Map<string, CachedList>();
  return {
    read: (key) => Promise.resolve(lists.get(key)),
    write(key, list) {
      lists.set(key, list);
      return Promise.resolve();
    },
  };
}

function readList(value: unknown): CachedList | undefined {
  const models = readModels(value);
  const fetchedAt = numberAt(value, "fetchedAt");
  if (models === undefined || fetchedAt === undefined) return undefined;
  if (Number.isNaN(new Date(fetchedAt).getTime())) return undefined;
  const etag = stringAt(value, "etag");
  const seenEtag = stringAt(value, "seenEtag");
  const limitedUntil = stringAt(value, "limitedUntil");
  const limitedAt = numberAt(value, "limitedAt");
  return {
    fetchedAt,
    models,
    shapes: readShapes(value),
    ...(etag === undefined ? {} : { etag }),
    ...(seenEtag === undefined ? {} : { seenEtag }),
    ...(limitedUntil === undefined ? {} : { limitedUntil }),
    ...(limitedAt === undefined ? {} : { limitedAt }),
  };
}

function readShapes(value: unknown): Record<string, RequestShape> {
  const shapes = isObject(value) ? objectAt(value, "shapes") : {};
  const lite = Object.keys(shapes).filter((slug) => shapes[slug] === "lite");
  return Object.fromEntries(lite.map((slug) => [slug, "lite"]));
}
