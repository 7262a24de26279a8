import assert from "node:assert/strict";
import { cachedModels } from "../../src/models/cached_models.ts";
import type { CacheFile } from "../../src/models/cache.ts";
import { BUNDLED_MODELS } from "../../src/protocol/bundled_models.ts";

function file(lists: Readonly<Record<string, unknown>>): CacheFile {
  const text = JSON.stringify({ version: 1, lists });
  return {
    read: () => Promise.resolve(text),
    write: () => Promise.reject(new Error("no writing")),
  };
}

function list(fetchedAt: number, ...slugs: readonly string[]) {
  const models = slugs.map((slug, index) => ({
    slug,
    display_name: slug,
    priority: slugs.length - index,
    visibility: "list",
    supported_reasoning_levels: [],
  }));
  return { fetchedAt, models, shapes: {} };
}

async function slugs(cache: CacheFile, profile: string): Promise<readonly string[]> {
  return (await cachedModels(cache, profile)).map(({ slug }) => slug);
}

Deno.test("cachedModels() takes the newest list of the profile, by priority", async () => {
  const cache = file({
    "chatgpt https://a.test acc default": list(3, "x"),
    "chatgpt https://a.test acc work": list(1, "old"),
    "chatgpt https://b.test acc work": list(2, "b", "a"),
    "chatgpt https://b.test acc notwork": list(9, "other"),
    "chatgpt https://c.test acc work": list(8),
  });
  assert.deepEqual(await slugs(cache, "work"), ["a", "b"]);
  assert.deepEqual(await slugs(cache, "default"), ["x"]);
});

Deno.test("cachedModels() gives the bundled list where nothing usable is cached", async () => {
  const bundled = BUNDLED_MODELS.map(({ slug }) => slug).sort();
  const none: CacheFile = {
    read: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
  };
  const broken: CacheFile = { ...none, read: () => Promise.reject(new Error("no disk")) };
  for (const cache of [none, broken, file({ "x y work": { models: 1 } })]) {
    assert.deepEqual((await slugs(cache, "work")).toSorted(), bundled);
  }
});
