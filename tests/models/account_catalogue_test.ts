import assert from "node:assert/strict";
import type { Authorization, AuthorizeOptions, Session } from "../../src/auth/session.ts";
import { CodexError, type ErrorCode, isCodexError } from "../../src/base/errors.ts";
import { accountCatalogue } from "../../src/models/account_catalogue.ts";
import { type CachedList, memoryModelCache, type ModelCache } from "../../src/models/cache.ts";
import { defaultModel } from "../../src/models/catalogue.ts";
import { BUNDLED_MODELS } from "../../src/protocol/bundled_models.ts";
import { CLIENT_VERSION } from "../../src/protocol/identity.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { fail, type Handler, hang, json, ScriptedFetch, text } from "../support/scripted_fetch.ts";

const HOUR = 3_600_000;

const CHATGPT: Authorization = {
  kind: "chatgpt",
  baseUrl: "https://a.test/backend-api/codex",
  headers: { authorization: "Bearer first", "chatgpt-account-id": "acc-1" },
  accountId: "acc-1",
  plan: "plus",
  secrets: ["first"],
};

const API_KEY: Authorization = {
  kind: "api",
  baseUrl: "https://api.a.test/v1",
  headers: { authorization: "Bearer sk-key" },
  accountId: undefined,
  plan: undefined,
  secrets: ["sk-key"],
};

const RENEWED: Authorization = {
  ...CHATGPT,
  headers: { ...CHATGPT.headers, authorization: "Bearer second" },
};

/** A session that says what a test wants it to, and remembers what it was asked. */
class FakeSession implements Session {
  readonly asked: AuthorizeOptions[] = [];
  answer: (options: AuthorizeOptions) => Authorization = () => CHATGPT;

  authorize(options: AuthorizeOptions = {}): Promise<Authorization> {
    this.asked.push(options);
    options.signal?.throwIfAborted();
    return Promise.resolve().then(() => this.answer(options));
  }

  refresh(): Promise<never> {
    return Promise.reject(new Error("a catalogue refreshes nothing by itself"));
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }
}

interface SetupOptions {
  readonly handlers?: readonly Handler[];
  readonly cache?: ModelCache;
  readonly profile?: string;
  readonly clock?: ManualClock;
}

function setup(options: SetupOptions = {}) {
  const { handlers = [], cache = memoryModelCache(), profile = "default" } = options;
  const net = new ScriptedFetch(...handlers);
  const clock = options.clock ?? new ManualClock();
  const session = new FakeSession();
  const warnings: string[] = [];
  const catalogue = accountCatalogue({
    session,
    cache,
    profile,
    fetch: net.fetch,
    clock,
    identity: { originator: "codex_deno", "user-agent": "codex_deno/0 (linux; x86_64)" },
    clientVersion: CLIENT_VERSION,
    onWarning: (message) => warnings.push(message),
  });
  return { net, clock, session, warnings, catalogue, cache };
}

const entry = (slug: string, priority: number, more: Record<string, unknown> = {}) => ({
  slug,
  priority,
  visibility: "list",
  ...more,
});

/** An answer that lists models. */
const listing = (slugs: readonly string[], etag = '"one"'): Handler =>
  json({ models: slugs.map((slug, index) => entry(slug, index)) }, 200, { etag });

const slugsOf = (models: readonly { readonly slug: string }[]) => models.map(({ slug }) => slug);

/** The error that a promise rejects with, which has to be one of ours with this code. */
async function rejection(promise: Promise<unknown>, code: ErrorCode): Promise<CodexError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  if (isCodexError(error, code)) return error;
  throw new Error(`it did not reject with ${code}`, { cause: error });
}

const BUNDLED_SLUGS = slugsOf(BUNDLED_MODELS);

Deno.test("accountCatalogue() asks nobody before the first call", () => {
  const { net, session } = setup();
  assert.equal(net.requests.length, 0);
  assert.equal(session.asked.length, 0);
});

Deno.test("list() asks the account, with the version that decides what is listed", async () => {
  const { net, catalogue, clock, warnings } = setup({ handlers: [listing(["a", "b"])] });
  const models = await catalogue.list();
  assert.deepEqual(slugsOf(models), ["a", "b"]);
  for (const model of models) {
    assert.equal(model.source, "account");
    assert.equal(model.asOf, new Date(clock.now()).toISOString());
  }
  const { method, url, headers, redirect } = net.request(0);
  assert.equal(method, "GET");
  assert.equal(url.href, "https://a.test/backend-api/codex/models?client_version=0.169.0");
  assert.equal(headers.get("authorization"), "Bearer first");
  assert.equal(headers.get("chatgpt-account-id"), "acc-1");
  assert.equal(headers.get("originator"), "codex_deno");
  assert.equal(headers.get("user-agent"), "codex_deno/0 (linux; x86_64)");
  assert.equal(redirect, "manual");
  assert.deepEqual(warnings, []);
});

Deno.test("list() comes by priority, and keeps the service's order among equals", async () => {
  const models = [
    entry("last", 9),
    entry("b", 5),
    { slug: "without" },
    entry("a", 5),
    entry("first", -1),
    entry("c", 5),
  ];
  const { catalogue } = setup({ handlers: [json({ models })] });
  const expected = ["first", "b", "a", "c", "last", "without"];
  assert.deepEqual(slugsOf(await catalogue.list()), expected);
  assert.deepEqual(slugsOf(await catalogue.list()), expected, "from the cache too");
});

Deno.test("list() holds hidden models, and the default is none of them", async () => {
  const models = [entry("secret", 0, { visibility: "hide" }), entry("shown", 1)];
  const { catalogue } = setup({ handlers: [json({ models })] });
  const list = await catalogue.list();
  assert.deepEqual(slugsOf(list), ["secret", "shown"]);
  assert.equal(defaultModel(list)?.slug, "shown");
});

Deno.test("list() makes no request while the list is fresh", async () => {
  const { net, clock, catalogue } = setup({ handlers: [listing(["a"])] });
  const asOf = (await catalogue.list())[0]?.asOf;
  await clock.advance(HOUR - 1);
  const [model] = await catalogue.list();
  assert.equal(model?.source, "cache");
  assert.equal(model?.asOf, asOf);
  assert.equal(net.requests.length, 1);
});

Deno.test("list() asks again when an hour has passed", async () => {
  const { net, clock, catalogue } = setup({ handlers: [listing(["a"]), listing(["b"])] });
  await catalogue.list();
  await clock.advance(HOUR);
  assert.deepEqual(slugsOf(await catalogue.list()), ["b"]);
  assert.equal(net.requests.length, 2);
});

Deno.test("list() takes a list of another process while it is fresh", async () => {
  const cache = memoryModelCache();
  await setup({ cache, handlers: [listing(["a"])] }).catalogue.list();
  const second = setup({ cache });
  assert.deepEqual(slugsOf(await second.catalogue.list()), ["a"]);
  assert.equal(second.net.requests.length, 0);
});

Deno.test("list() does not take an empty list for a fresh one", async () => {
  const { clock, net, cache, catalogue } = setup({ handlers: [listing(["a"])] });
  await cache.write(keyOf(), { fetchedAt: clock.now(), models: [], shapes: {} });
  assert.deepEqual(slugsOf(await catalogue.list()), ["a"]);
  assert.equal(net.requests.length, 1);
});

Deno.test("list() does not trust a list from the future", async () => {
  const cache = memoryModelCache();
  const ahead = new ManualClock(Date.parse("2031-01-01T00:00:00Z"));
  await setup({ cache, clock: ahead, handlers: [listing(["a"])] }).catalogue.list();
  const { net, catalogue } = setup({ cache, handlers: [listing(["b"])] });
  assert.deepEqual(slugsOf(await catalogue.list()), ["b"]);
  assert.equal(net.requests.length, 1);
});

Deno.test("list() asks when told to, however fresh its list is", async () => {
  const { net, catalogue } = setup({ handlers: [listing(["a"]), listing(["b"])] });
  await catalogue.list();
  assert.deepEqual(slugsOf(await catalogue.list({ refresh: true })), ["b"]);
  assert.deepEqual(slugsOf(await catalogue.list()), ["b"], "and keeps the answer");
  assert.equal(net.requests.length, 2);
});

Deno.test("list() heals a 401 by one new authorization", async () => {
  const { net, session, catalogue, warnings } = setup({
    handlers: [text("", 401), listing(["a"])],
  });
  session.answer = ({ rejected }) => rejected === undefined ? CHATGPT : RENEWED;
  assert.deepEqual(slugsOf(await catalogue.list()), ["a"]);
  assert.deepEqual(session.asked.map(({ rejected }) => rejected), [undefined, CHATGPT]);
  assert.equal(net.request(1).headers.get("authorization"), "Bearer second");
  assert.deepEqual(warnings, []);
});

Deno.test("list() rejects after a second 401, whatever the cache holds", async () => {
  const { net, clock, session, catalogue, warnings } = setup({
    handlers: [listing(["a"]), text("", 401), text("", 401)],
  });
  await catalogue.list();
  await clock.advance(HOUR);
  session.answer = ({ rejected }) => rejected === undefined ? CHATGPT : RENEWED;
  const error = await rejection(catalogue.list(), "sign_in_rejected");
  assert.equal(error.status, 401);
  assert.match(error.hint ?? "", /codex login/);
  assert.equal(net.requests.length, 3, "it asks no third time");
  assert.deepEqual(warnings, []);
});

for (
  const code of [
    "not_signed_in",
    "sign_in_expired",
    "sign_in_rejected",
    "store_unavailable",
    "invalid_usage",
  ] as const
) {
  Deno.test(`list() has no substitute for a sign-in that ends in ${code} after a 401`, async () => {
    const { session, catalogue, warnings } = setup({ handlers: [text("", 401)] });
    session.answer = ({ rejected }) => {
      if (rejected === undefined) return CHATGPT;
      throw new CodexError(code, "it is over");
    };
    await rejection(catalogue.list(), code);
    assert.deepEqual(warnings, []);
  });
}

Deno.test("list() rejects without a sign-in before it sends anything", async () => {
  const { net, session, catalogue } = setup();
  session.answer = () => {
    throw new CodexError("not_signed_in", "Nobody is signed in");
  };
  await rejection(catalogue.list(), "not_signed_in");
  assert.equal(net.requests.length, 0);
});

Deno.test("list() does not hide that the certificate file is no good", async () => {
  const { catalogue, warnings } = setup({
    handlers: [() => {
      throw new CodexError("invalid_usage", "The file named by CODEX_CA_CERTIFICATE is no good");
    }],
  });
  await rejection(catalogue.list(), "invalid_usage");
  assert.deepEqual(warnings, []);
});

Deno.test("list() does not hide a permission that was not granted", async () => {
  const { catalogue, warnings } = setup({
    handlers: [() => {
      throw new Deno.errors.NotCapable("Requires net access");
    }],
  });
  await assert.rejects(catalogue.list(), { code: "invalid_usage", hint: /--allow-net/ });
  assert.deepEqual(warnings, []);
});

const FAILURES: readonly (readonly [what: string, handler: Handler, warning: RegExp])[] = [
  ["there is no connection", fail(), /^Cannot reach a\.test: the connection was refused/],
  ["the service fails", text("oops", 500), /^a\.test did not list the models \(status 500\)/],
  ["the service throttles", json({ error: {} }, 429), /\(status 429\)/],
  ["the service forbids it", json({ detail: "no" }, 403), /\(status 403\)/],
  ["the answer is no JSON", text("<html>"), /\(status 200\)/],
  ["the answer is no list", json({ data: [] }), /\(status 200\)/],
  ["the list is empty", json({ models: [] }), /\(status 200\)/],
  ["no entry can be read", json({ models: [{}, null, { slug: 5 }] }), /\(status 200\)/],
  ["a 304 was not asked for", () => new Response(null, { status: 304 }), /\(status 304\)/],
  [
    "a redirect points elsewhere",
    () => new Response(null, { status: 302, headers: { location: "https://b.test/" } }),
    /a redirect to b\.test/,
  ],
];

for (const [what, handler, warning] of FAILURES) {
  Deno.test(`list() falls back to the old list when ${what}, with one warning`, async () => {
    const { clock, catalogue, warnings } = setup({ handlers: [listing(["a"]), handler] });
    await catalogue.list();
    const asOf = new Date(clock.now()).toISOString();
    await clock.advance(48 * HOUR);
    const models = await catalogue.list();
    assert.deepEqual(slugsOf(models), ["a"]);
    assert.deepEqual([models[0]?.source, models[0]?.asOf], ["cache", asOf]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", warning);
    assert.match(warnings[0] ?? "", /: using the model list of an earlier time$/);
  });

  Deno.test(`list() falls back to the bundled list when ${what} and there is no other`, async () => {
    const { catalogue, warnings } = setup({ handlers: [handler] });
    const models = await catalogue.list();
    assert.deepEqual(slugsOf(models), BUNDLED_SLUGS);
    assert.deepEqual([models[0]?.source, models[0]?.asOf], ["bundled", undefined]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", warning);
    assert.match(warnings[0] ?? "", /: using the model list that came with this version$/);
  });
}

Deno.test("list() has no substitute when it may not fall back", async () => {
  const { clock, catalogue, warnings } = setup({
    handlers: [listing(["a"]), fail(), text("", 503)],
  });
  await catalogue.list();
  await clock.advance(HOUR);
  await rejection(catalogue.list({ fallback: false }), "network");
  await rejection(catalogue.list({ refresh: true, fallback: false }), "overloaded");
  assert.deepEqual(warnings, []);
});

Deno.test("list() does not keep a list that it only fell back to", async () => {
  const { net, catalogue } = setup({ handlers: [fail(), listing(["a"])] });
  assert.deepEqual(slugsOf(await catalogue.list()), BUNDLED_SLUGS);
  assert.deepEqual(slugsOf(await catalogue.list()), ["a"]);
  assert.equal(net.requests.length, 2);
});

Deno.test("list() waits five seconds for the service and no longer", async () => {
  const { clock, catalogue, warnings } = setup({ handlers: [hang()] });
  const list = catalogue.list();
  let settled = false;
  list.then(() => settled = true);
  await clock.advance(4999);
  assert.equal(settled, false);
  await clock.advance(1);
  assert.deepEqual(slugsOf(await list), BUNDLED_SLUGS);
  assert.match(warnings[0] ?? "", /^No answer from a\.test within 5 s/);
  assert.equal(clock.pending, 0);
});

Deno.test("list() passes an abort through, and takes it for no failure of the service", async () => {
  const { clock, catalogue, warnings, cache } = setup({ handlers: [hang()] });
  await cache.write("chatgpt https://a.test/backend-api/codex acc-1 default", {
    fetchedAt: 0,
    models: BUNDLED_MODELS,
    shapes: {},
  });
  const controller = new AbortController();
  const list = catalogue.list({ signal: controller.signal });
  await clock.advance(10);
  const reason = new CodexError("aborted", "Interrupted");
  controller.abort(reason);
  await assert.rejects(list, (error) => error === reason);
  assert.deepEqual(warnings, []);
  assert.equal(clock.pending, 0);
});

Deno.test("list() with a signal that is aborted already sends nothing", async () => {
  const { net, catalogue } = setup();
  const reason = new Error("too late");
  await assert.rejects(catalogue.list({ signal: AbortSignal.abort(reason) }), reason);
  assert.equal(net.requests.length, 0);
});

Deno.test("list() ends what it asks the session for when the last caller leaves, after a 401 too", async () => {
  const { session, catalogue } = setup({ handlers: [text("", 401)] });
  const { promise: asked, resolve } = Promise.withResolvers<AbortSignal | undefined>();
  session.authorize = ({ signal, rejected } = {}) => {
    if (rejected === undefined) return Promise.resolve(CHATGPT);
    resolve(signal);
    return new Promise(() => {});
  };
  const controller = new AbortController();
  const listing = catalogue.list({ signal: controller.signal });
  const inner = await asked;
  assert.equal(inner?.aborted, false);
  controller.abort(new Error("enough"));
  await assert.rejects(listing, /enough/);
  assert.equal(inner?.aborted, true);
});

Deno.test("list() makes one request for all who ask at once, and warns them once", async () => {
  const { net, catalogue } = setup({ handlers: [listing(["a"])] });
  const lists = await Promise.all(Array.from({ length: 50 }, () => catalogue.list()));
  assert.ok(lists.every((list) => slugsOf(list)[0] === "a"));
  assert.equal(net.requests.length, 1);
  const down = setup({ handlers: [fail()] });
  await Promise.all(Array.from({ length: 50 }, () => down.catalogue.list()));
  assert.equal(down.warnings.length, 1);
});

const OTHERS: readonly (readonly [what: string, authorization: Authorization, profile: string])[] =
  [
    ["account", { ...CHATGPT, accountId: "acc-2" }, "default"],
    ["account without an id", { ...CHATGPT, accountId: undefined }, "default"],
    ["base URL", { ...CHATGPT, baseUrl: "https://b.test/backend-api/codex" }, "default"],
    ["kind", { ...CHATGPT, kind: "api" }, "default"],
    ["profile", CHATGPT, "work"],
  ];

for (const [what, authorization, profile] of OTHERS) {
  Deno.test(`list() does not offer the list of another ${what}`, async () => {
    const cache = memoryModelCache();
    await setup({ cache, handlers: [listing(["a"])] }).catalogue.list();
    const other = setup({
      cache,
      profile,
      handlers: [json({ models: [entry("b", 1)], data: [{ id: "b" }] })],
    });
    other.session.answer = () => authorization;
    assert.deepEqual(slugsOf(await other.catalogue.list()), ["b"]);
    assert.equal(other.net.requests.length, 1);
    const first = setup({ cache });
    assert.deepEqual(slugsOf(await first.catalogue.list()), ["a"], "and it replaces nothing");
  });
}

Deno.test("list() shares one list between access tokens of the same account", async () => {
  const { session, net, catalogue } = setup({ handlers: [listing(["a"])] });
  await catalogue.list();
  session.answer = () => RENEWED;
  await catalogue.list();
  assert.equal(net.requests.length, 1);
});

Deno.test("list() reads the public API's list, by name, for a key", async () => {
  const { net, session, catalogue, warnings } = setup({
    handlers: [json({
      object: "list",
      data: [{ id: "gpt-b", object: "model" }, { id: "gpt-a" }, { id: 5 }, null, { id: "o1" }],
    })],
  });
  session.answer = () => API_KEY;
  const models = await catalogue.list();
  assert.equal(net.request(0).url.href, "https://api.a.test/v1/models");
  assert.equal(net.request(0).headers.get("authorization"), "Bearer sk-key");
  assert.deepEqual(slugsOf(models), ["gpt-a", "gpt-b", "o1"]);
  assert.deepEqual(models.map(({ listed, efforts }) => [listed, efforts]), [
    [true, []],
    [true, []],
    [true, []],
  ]);
  assert.deepEqual(slugsOf(await catalogue.list()), ["gpt-a", "gpt-b", "o1"]);
  assert.equal(net.requests.length, 1, "it is cached as any other");
  assert.deepEqual(warnings, []);
});

for (
  const [what, handler, code] of [
    ["there is no connection", fail(), "network"],
    ["the API fails", text("", 503), "overloaded"],
    ["the API throttles", text("", 429), "rate_limit"],
    ["the key may not list them", text("", 403), "invalid_request"],
    ["the list is empty", json({ data: [] }), "overloaded"],
    ["the answer has the other shape", json({ models: [entry("a", 1)] }), "overloaded"],
  ] as const
) {
  Deno.test(`list() offers no bundled list for a key when ${what}, but rejects`, async () => {
    const { session, catalogue, warnings } = setup({ handlers: [handler] });
    session.answer = () => API_KEY;
    await rejection(catalogue.list(), code);
    assert.deepEqual(warnings, []);
  });
}

Deno.test("list() falls back to a key's own old list", async () => {
  const { clock, session, catalogue, warnings } = setup({
    handlers: [json({ data: [{ id: "gpt-a" }] }), fail()],
  });
  session.answer = () => API_KEY;
  await catalogue.list();
  await clock.advance(HOUR);
  assert.deepEqual(slugsOf(await catalogue.list()), ["gpt-a"]);
  assert.equal(warnings.length, 1);
});

Deno.test("noteEtag() with another mark makes the list stale", async () => {
  const { net, catalogue } = setup({
    handlers: [listing(["a"], '"one"'), listing(["b"], '"two"')],
  });
  await catalogue.list();
  await catalogue.noteEtag('"two"');
  assert.deepEqual(slugsOf(await catalogue.list()), ["b"]);
  await catalogue.noteEtag('"two"');
  assert.deepEqual(slugsOf(await catalogue.list()), ["b"]);
  assert.equal(net.requests.length, 2);
});

Deno.test("noteEtag() asks once more, not at each run, where the two marks never agree", async () => {
  const { net, catalogue } = setup({
    handlers: [listing(["a"], '"list"'), listing(["a"], '"list"')],
  });
  await catalogue.list();
  for (let run = 0; run < 3; run++) {
    await catalogue.noteEtag('"answer"');
    await catalogue.list();
  }
  assert.equal(net.requests.length, 2);
});

for (const same of ['"one"', 'W/"one"']) {
  Deno.test(`noteEtag() with the same mark, as ${same}, changes nothing`, async () => {
    const { net, catalogue } = setup({ handlers: [listing(["a"], '"one"')] });
    await catalogue.list();
    await catalogue.noteEtag(same);
    await catalogue.list();
    assert.equal(net.requests.length, 1);
  });
}

Deno.test("noteEtag() makes nothing of a list that came without a mark, or was never asked for", async () => {
  const { net, cache, catalogue } = setup({ handlers: [json({ models: [entry("a", 1)] })] });
  await catalogue.noteEtag('"one"');
  assert.equal(await cache.read(keyOf()), undefined);
  await catalogue.list();
  await catalogue.noteEtag('"one"');
  await catalogue.list();
  assert.equal(net.requests.length, 1);
});

Deno.test("list() does not keep the mark of the list before", async () => {
  const { net, clock, catalogue } = setup({
    handlers: [listing(["a"], '"one"'), json({ models: [entry("b", 1)] })],
  });
  await catalogue.list();
  await clock.advance(HOUR);
  await catalogue.list();
  await catalogue.noteEtag('"two"');
  await catalogue.list();
  assert.equal(net.requests.length, 2);
});

Deno.test("a list that is known to be stale still serves when the service fails", async () => {
  const { catalogue, warnings } = setup({ handlers: [listing(["a"]), fail()] });
  await catalogue.list();
  await catalogue.noteEtag('"two"');
  const [model] = await catalogue.list();
  assert.deepEqual([model?.slug, model?.source, model?.asOf], ["a", "cache", undefined]);
  assert.equal(warnings.length, 1);
});

/** The key under which the list of an authorization is kept. */
function keyOf({ kind, baseUrl, accountId }: Authorization = CHATGPT): string {
  return `${kind} ${baseUrl} ${accountId} default`;
}

Deno.test("shapeOf() is classic until another shape is remembered", async () => {
  const { catalogue } = setup();
  assert.equal(await catalogue.shapeOf("gpt-6-luna"), "classic");
  await catalogue.rememberShape("gpt-6-luna", "lite");
  assert.equal(await catalogue.shapeOf("gpt-6-luna"), "lite");
  assert.equal(await catalogue.shapeOf("gpt-6-sol"), "classic");
  await catalogue.rememberShape("gpt-6-luna", "classic");
  assert.equal(await catalogue.shapeOf("gpt-6-luna"), "classic");
});

for (const slug of ["constructor", "toString", "__proto__", "valueOf", ""]) {
  Deno.test(`shapeOf() knows nothing of a model "${slug}" until it is told`, async () => {
    const { catalogue } = setup();
    assert.equal(await catalogue.shapeOf(slug), "classic");
    await catalogue.rememberShape(slug, "lite");
    assert.equal(await catalogue.shapeOf(slug), "lite");
    assert.equal(await catalogue.shapeOf("other"), "classic");
    await catalogue.rememberShape(slug, "classic");
    assert.equal(await catalogue.shapeOf(slug), "classic");
  });
}

Deno.test("rememberShape() outlives the process and the next list", async () => {
  const { cache, catalogue } = setup({ handlers: [listing(["a"])] });
  await catalogue.rememberShape("a", "lite");
  await catalogue.list();
  assert.equal(await setup({ cache }).catalogue.shapeOf("a"), "lite");
});

Deno.test("a note writes nothing when nothing is new", async () => {
  const held = memoryModelCache();
  const written: CachedList[] = [];
  const cache: ModelCache = {
    read: held.read,
    write: (key, list) => {
      written.push(list);
      return held.write(key, list);
    },
  };
  const { catalogue } = setup({ cache, handlers: [listing(["a"], '"one"')] });
  await catalogue.list();
  await catalogue.noteEtag('"one"');
  assert.equal(written.length, 1);
  await catalogue.noteEtag('"two"');
  await catalogue.noteEtag('"two"');
  assert.equal(written.length, 2);
  written.length = 0;
  await catalogue.rememberShape("a", "classic");
  assert.equal(written.length, 0);
  await catalogue.rememberShape("a", "lite");
  await catalogue.rememberShape("a", "lite");
  await catalogue.noteLimit(undefined);
  assert.equal(written.length, 1);
});

Deno.test("limitedUntil() tells a limit until its time has come", async () => {
  const { cache, clock, catalogue } = setup();
  assert.equal(await catalogue.limitedUntil(), undefined);
  const until = new Date(clock.now() + 60_000).toISOString();
  await catalogue.noteLimit(until);
  assert.equal(await catalogue.limitedUntil(), until);
  assert.equal(await setup({ cache }).catalogue.limitedUntil(), until, "in other processes too");
  await clock.advance(59_999);
  assert.equal(await catalogue.limitedUntil(), until);
  await clock.advance(1);
  assert.equal(await catalogue.limitedUntil(), undefined);
});

Deno.test("limitedUntil() takes another run's word for five minutes, as credits can be bought", async () => {
  const { clock, catalogue } = setup();
  const until = new Date(clock.now() + HOUR).toISOString();
  await catalogue.noteLimit(until);
  await clock.advance(299_999);
  assert.equal(await catalogue.limitedUntil(), until);
  await clock.advance(1);
  assert.equal(await catalogue.limitedUntil(), undefined);
  await catalogue.noteLimit(until);
  assert.equal(await catalogue.limitedUntil(), until, "told once more, it counts once more");
});

Deno.test("one look at the cache serves all that is asked for one authorization, until a change", async () => {
  const held = memoryModelCache();
  let reads = 0;
  const cache: ModelCache = {
    ...held,
    read(key) {
      reads++;
      return held.read(key);
    },
  };
  const { clock, session, catalogue } = setup({ cache, handlers: [listing(["a"])] });
  await catalogue.list();
  await catalogue.rememberShape("a", "lite");
  [reads, session.asked.length] = [0, 0];
  const authorization = { ...CHATGPT };
  const ask = () =>
    Promise.all([
      catalogue.list({ authorization }).then(slugsOf),
      catalogue.limitedUntil(authorization),
      catalogue.shapeOf("a", authorization),
    ]);
  assert.deepEqual(await ask(), [["a"], undefined, "lite"]);
  assert.deepEqual([reads, session.asked.length], [1, 0]);
  const until = new Date(clock.now() + HOUR).toISOString();
  await catalogue.noteLimit(until);
  assert.deepEqual(await ask(), [["a"], until, "lite"]);
  reads = 0;
  await catalogue.limitedUntil({ ...CHATGPT });
  assert.equal(reads, 1, "another request looks for itself");
  await catalogue.noteEtag('"one"');
  assert.equal(reads, 1, "the mark that was read is on the answer");
});

Deno.test("one failure to answer serves all that is asked for one authorization", async () => {
  const { catalogue, net } = setup({ handlers: [text("no", 500), listing(["a"]), listing(["b"])] });
  const authorization = { ...CHATGPT };
  assert.deepEqual(slugsOf(await catalogue.list({ authorization })), BUNDLED_SLUGS);
  assert.deepEqual(slugsOf(await catalogue.list({ authorization })), BUNDLED_SLUGS);
  assert.equal(net.requests.length, 1);
  assert.deepEqual(slugsOf(await catalogue.list({ authorization, refresh: true })), ["a"]);
  assert.deepEqual(slugsOf(await catalogue.list({ authorization: { ...CHATGPT } })), ["a"]);
  assert.equal(net.requests.length, 2);
});

Deno.test("noteLimit() takes a limit back", async () => {
  const { clock, catalogue } = setup();
  await catalogue.noteLimit(new Date(clock.now() + HOUR).toISOString());
  await catalogue.noteLimit(undefined);
  assert.equal(await catalogue.limitedUntil(), undefined);
});

Deno.test("limitedUntil() makes nothing of what is no instant", async () => {
  const { catalogue } = setup();
  await catalogue.noteLimit("tomorrow");
  assert.equal(await catalogue.limitedUntil(), undefined);
});

Deno.test("a limit outlives the next list, and does not make it fresh", async () => {
  const { clock, net, catalogue } = setup({ handlers: [listing(["a"])] });
  const until = new Date(clock.now() + HOUR).toISOString();
  await catalogue.noteLimit(until);
  assert.deepEqual(slugsOf(await catalogue.list()), ["a"]);
  assert.equal(net.requests.length, 1);
  assert.equal(await catalogue.limitedUntil(), until);
});

/** A cache whose every access takes a turn of the event loop, as a file's does. */
function slowCache(): ModelCache {
  const held = memoryModelCache();
  const turn = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));
  return {
    async read(key) {
      await turn();
      return await held.read(key);
    },
    async write(key, list) {
      await turn();
      await held.write(key, list);
    },
  };
}

Deno.test("notes made at the same time do not undo one another", async () => {
  const { clock, net, catalogue } = setup({
    cache: slowCache(),
    handlers: [listing(["a"]), listing(["b"])],
  });
  await catalogue.list();
  const until = new Date(clock.now() + HOUR).toISOString();
  await Promise.all([
    catalogue.noteEtag('"two"'),
    catalogue.noteLimit(until),
    catalogue.rememberShape("a", "lite"),
    catalogue.rememberShape("b", "lite"),
  ]);
  assert.equal(await catalogue.limitedUntil(), until);
  assert.equal(await catalogue.shapeOf("a"), "lite");
  assert.equal(await catalogue.shapeOf("b"), "lite");
  await catalogue.list();
  assert.equal(net.requests.length, 2);
});

Deno.test("a note made while the list is asked for is not undone by the answer", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { clock, catalogue } = setup({ handlers: [() => promise] });
  const list = catalogue.list();
  await clock.advance(0);
  await catalogue.rememberShape("a", "lite");
  resolve(Response.json({ models: [entry("a", 1)] }));
  await list;
  assert.equal(await catalogue.shapeOf("a"), "lite");
});

Deno.test("a note about an answer asks the session for nothing: it could start a refresh", async () => {
  const { clock, session, catalogue } = setup({ handlers: [listing(["a"])] });
  await catalogue.list();
  const asked = session.asked.length;
  await catalogue.noteEtag('"two"');
  await catalogue.noteLimit(new Date(clock.now() + HOUR).toISOString());
  await catalogue.rememberShape("a", "lite");
  assert.equal(session.asked.length, asked);
});

Deno.test("a note belongs to the account that was asked last", async () => {
  const { session, catalogue } = setup({ handlers: [listing(["a"]), listing(["b"])] });
  await catalogue.list();
  session.answer = () => ({ ...CHATGPT, accountId: "acc-2" });
  await catalogue.list();
  await catalogue.rememberShape("m", "lite");
  assert.equal(await catalogue.shapeOf("m"), "lite");
  session.answer = () => CHATGPT;
  assert.equal(await catalogue.shapeOf("m"), "classic");
});

Deno.test("a note never fails, not even without a sign-in", async () => {
  const { session, catalogue } = setup();
  session.answer = () => {
    throw new CodexError("not_signed_in", "Nobody is signed in");
  };
  await catalogue.noteEtag('"one"');
  await catalogue.noteLimit("2027-01-15T09:00:00Z");
  await catalogue.rememberShape("a", "lite");
  await rejection(catalogue.shapeOf("a"), "not_signed_in");
});
