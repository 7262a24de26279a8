import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CachedList,
  type CacheFile,
  memoryModelCache,
  modelCache,
} from "../../src/models/cache.ts";

/** A cache file in memory. */
function heldFile(text?: string): CacheFile & { text: string | undefined } {
  return {
    text,
    read() {
      return Promise.resolve(this.text);
    },
    write(next) {
      this.text = next;
      return Promise.resolve();
    },
  };
}

const LIST: CachedList = {
  fetchedAt: 1_800_000_000_000,
  etag: '"catalog-1"',
  models: [{
    slug: "gpt-5.5",
    display_name: "GPT-5.5",
    priority: 13,
    visibility: "list",
    supported_reasoning_levels: [{ effort: "low" }],
    service_tiers: [],
  }],
  shapes: { "gpt-6-luna": "lite" },
  limitedUntil: "2027-01-15T09:00:00.000Z",
};

const withLists = (lists: unknown) => JSON.stringify({ version: 1, lists });

Deno.test("modelCache() gives back what was written, under its own key", async () => {
  const file = heldFile();
  await modelCache(file).write("one", LIST);
  const later = modelCache(file);
  assert.deepEqual(await later.read("one"), LIST);
  assert.equal(await later.read("two"), undefined);
});

Deno.test("modelCache() keeps the lists of other keys when one is written", async () => {
  const cache = modelCache(heldFile());
  await cache.write("one", LIST);
  await cache.write("two", { ...LIST, fetchedAt: 2 });
  await cache.write("one", { ...LIST, fetchedAt: 3 });
  assert.equal((await cache.read("one"))?.fetchedAt, 3);
  assert.equal((await cache.read("two"))?.fetchedAt, 2);
});

Deno.test("modelCache() leaves out what a list does not have", async () => {
  const bare: CachedList = { fetchedAt: 5, models: [], shapes: {} };
  const cache = modelCache(heldFile());
  await cache.write("one", bare);
  assert.deepEqual(await cache.read("one"), bare);
});

const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ["is empty", ""],
  ["is no JSON", '{"version":1,"lists":{'],
  ["is binary", "\u0000\ufffd\u0000"],
  ["is a string", '"version"'],
  ["is null", "null"],
  ["is an array", "[1]"],
  ["has another version", JSON.stringify({ version: 2, lists: { one: LIST } })],
  ["has its version as text", JSON.stringify({ version: "1", lists: { one: LIST } })],
  ["has no version", JSON.stringify({ lists: { one: LIST } })],
  ["has no lists", JSON.stringify({ version: 1 })],
  ["has lists of another kind", withLists([LIST])],
  ["has a list that is null", withLists({ one: null })],
  ["has a list without models", withLists({ one: { fetchedAt: 1 } })],
  ["has a list without a time", withLists({ one: { models: [] } })],
  ["has a list with a time that is text", withLists({ one: { ...LIST, fetchedAt: "now" } })],
  ["has a list with a time beyond all dates", withLists({ one: { ...LIST, fetchedAt: 1e300 } })],
  ["has a list with a time before all dates", withLists({ one: { ...LIST, fetchedAt: -9e15 } })],
];

for (const [what, text] of HOSTILE) {
  Deno.test(`modelCache() counts a file that ${what} as empty, and replaces it`, async () => {
    const file = heldFile(text);
    const cache = modelCache(file);
    assert.equal(await cache.read("one"), undefined);
    await cache.write("two", LIST);
    assert.deepEqual(await cache.read("two"), LIST);
    assert.deepEqual(Object.keys(JSON.parse(file.text ?? "").lists), ["two"]);
  });
}

Deno.test("modelCache() keeps the good entries beside the bad ones", async () => {
  const cache = modelCache(heldFile(withLists({
    bad: { fetchedAt: null, models: [] },
    good: {
      fetchedAt: 7,
      models: [null, { slug: 5 }, "x", { slug: "gpt-5.5" }, {}],
      etag: 5,
      shapes: { a: "lite", b: "classic", c: "evil", d: null },
      limitedUntil: ["2027"],
    },
  })));
  assert.equal(await cache.read("bad"), undefined);
  const good = await cache.read("good");
  assert.deepEqual(good?.models.map(({ slug }) => slug), ["gpt-5.5"]);
  assert.deepEqual(good?.shapes, { a: "lite" });
  assert.deepEqual(Object.keys(good ?? {}).sort(), ["fetchedAt", "models", "shapes"]);
});

for (const shapes of [[], "lite", 5, null, [["a", "lite"]]]) {
  Deno.test(`modelCache() takes shapes of ${JSON.stringify(shapes)} for none`, async () => {
    const cache = modelCache(heldFile(withLists({ one: { ...LIST, shapes } })));
    assert.deepEqual((await cache.read("one"))?.shapes, {});
  });
}

Deno.test("modelCache() takes a key __proto__ for a key like any other", async () => {
  const file = heldFile(
    `{"version":1,"lists":{"__proto__":${JSON.stringify(LIST)},"one":{"fetchedAt":7,"models":[],` +
      `"shapes":{"__proto__":"lite"}}}}`,
  );
  const cache = modelCache(file);
  assert.deepEqual(await cache.read("__proto__"), LIST);
  const one = await cache.read("one");
  assert.deepEqual(Object.entries(one?.shapes ?? {}), [["__proto__", "lite"]]);
  assert.equal(Object.getPrototypeOf(one?.shapes), Object.prototype);
  await cache.write("two", LIST);
  assert.deepEqual(await cache.read("__proto__"), LIST, "it survives a write");
  assert.ok(!("fetchedAt" in {}), "and nothing else was changed by it");
});

for (const key of ["constructor", "toString", "__proto__", "hasOwnProperty", ""]) {
  Deno.test(`modelCache() finds nothing under the key "${key}" unless it was written`, async () => {
    const cache = modelCache(heldFile(withLists({ one: LIST })));
    assert.equal(await cache.read(key), undefined);
    await cache.write(key, LIST);
    assert.deepEqual(await cache.read(key), LIST);
    assert.deepEqual(await cache.read("one"), LIST);
  });
}

Deno.test("modelCache() holds 32 lists, and lets go of the one that was written longest ago", async () => {
  const file = heldFile();
  const cache = modelCache(file);
  for (let n = 0; n < 32; n++) await cache.write(`key ${n}`, LIST);
  await cache.write("key 0", LIST);
  await cache.write("key 32", LIST);
  const keys = Object.keys(JSON.parse(file.text ?? "").lists);
  assert.equal(keys.length, 32);
  assert.equal(await cache.read("key 1"), undefined);
  assert.deepEqual(await cache.read("key 0"), LIST);
  assert.deepEqual(await cache.read("key 32"), LIST);
});

Deno.test("modelCache() brings a file with too many lists back to 32", async () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key ${n}`, LIST]));
  const file = heldFile(withLists(many));
  await modelCache(file).write("mine", LIST);
  const keys = Object.keys(JSON.parse(file.text ?? "").lists);
  assert.equal(keys.length, 32);
  assert.equal(keys.at(-1), "mine");
});

Deno.test("modelCache() never rejects, whatever its file does", async () => {
  const broken: CacheFile = {
    read: () => Promise.reject(new Deno.errors.PermissionDenied("read")),
    write: () => Promise.reject(new Deno.errors.PermissionDenied("write")),
  };
  const cache = modelCache(broken);
  assert.equal(await cache.read("one"), undefined);
  await cache.write("one", LIST);
});

Deno.test("modelCache() reads any file without an error, and what it reads can be written", async () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map(withLists),
    fc.record({ fetchedAt: fc.double(), models: fc.jsonValue(), shapes: fc.jsonValue() })
      .map((one) => withLists({ one })),
  );
  await fc.assert(fc.asyncProperty(anything, async (text) => {
    const cache = modelCache(heldFile(text));
    const list = await cache.read("one");
    if (list === undefined) return;
    assert.ok(new Date(list.fetchedAt).toISOString());
    await cache.write("one", list);
    assert.deepEqual(await cache.read("one"), list);
  }));
});

Deno.test("memoryModelCache() keeps lists for this process", async () => {
  const cache = memoryModelCache();
  assert.equal(await cache.read("one"), undefined);
  await cache.write("one", LIST);
  assert.equal(await cache.read("one"), LIST);
  assert.equal(await cache.read("two"), undefined);
  assert.equal(await memoryModelCache().read("one"), undefined);
});
