import assert from "node:assert/strict";
import { marked } from "../../src/auth/refresh.ts";
import {
  type Authorization,
  createSession,
  type Session,
  type SessionOptions,
} from "../../src/auth/session.ts";
import type { Credentials, OAuthCredentials } from "../../src/base/credentials.ts";
import { CodexError, exitCodeFor, isCodexError } from "../../src/base/errors.ts";
import { fail, type Handler, hang, json, text } from "../support/scripted_fetch.ts";
import { AuthDesk, CANCELLED, tokens } from "./auth_desk.ts";
import { SharedStore } from "./shared_store.ts";
import {
  accessToken,
  assertSilent,
  DAY,
  failure,
  MINUTE,
  NOW,
  signIn,
  STAND_IN,
} from "./sign_ins.ts";

const GOOD = signIn("good", NOW + DAY);
const DUE = signIn("due", NOW + 5 * MINUTE);
const OLD = signIn("old", NOW);
const NEW = signIn("new", NOW + DAY);
const KEY: Credentials = { type: "api", key: "sk-secret-key" };

/** One session with its store and its issuer. */
class Desk extends AuthDesk {
  readonly session: Session;

  constructor(
    held: Credentials | undefined,
    handlers: readonly Handler[] = [],
    more: Partial<SessionOptions> = {},
  ) {
    super(held, ...handlers);
    this.session = createSession({ ...this.parts(), onWarning: this.onWarning, ...more });
  }

  /** Asks for an authorization and runs the clock meanwhile. */
  authorize(rejected?: Authorization): Promise<Authorization> {
    return this.clock.run(this.session.authorize({ rejected }), 100);
  }

  assertNoRequest(): void {
    assert.equal(this.net.requests.length, 0);
    assert.equal(this.shared.saves, 0);
  }
}

/** What the service would have answered with 401. */
async function authorizationOf(held: Credentials): Promise<Authorization> {
  return await new Desk(held).authorize();
}

function bearer({ access }: OAuthCredentials): string {
  return `Bearer ${access}`;
}

Deno.test("authorize() gives exactly what a ChatGPT request needs, without a request", async () => {
  const desk = new Desk(GOOD);
  assert.deepEqual(await desk.authorize(), {
    kind: "chatgpt",
    baseUrl: "https://chatgpt.com/backend-api/codex",
    headers: { authorization: bearer(GOOD), "chatgpt-account-id": "acct-1" },
    accountId: "acct-1",
    plan: "plus",
    secrets: [GOOD.access, GOOD.refresh],
  });
  desk.assertNoRequest();
});

Deno.test("authorize() names the account of the file before that of the token", async () => {
  const access = accessToken("a", NOW + DAY, "acct-in-token");
  const { accountId: _, ...none } = { ...GOOD, access };
  const accounts = [{ ...none, accountId: "acct-in-file" }, none, { ...none, accountId: "" }];
  const named = await Promise.all(accounts.map((held) => new Desk(held).authorize()));
  assert.deepEqual(named.map(({ headers }) => headers["chatgpt-account-id"]), [
    "acct-in-file",
    "acct-in-token",
    "acct-in-token",
  ]);
  const opaque = await new Desk({ ...none, access: "opaque" }).authorize();
  assert.deepEqual(opaque.headers, { authorization: "Bearer opaque" });
  assert.deepEqual([opaque.accountId, opaque.plan], [undefined, undefined]);
});

Deno.test("authorize() gives an API key to the public API alone", async () => {
  const desk = new Desk(KEY);
  assert.deepEqual(await desk.authorize(), {
    kind: "api",
    baseUrl: "https://api.openai.com/v1",
    headers: { authorization: "Bearer sk-secret-key" },
    accountId: undefined,
    plan: undefined,
    secrets: ["sk-secret-key"],
  });
  desk.assertNoRequest();
});

Deno.test("authorize() says that nobody is signed in", async () => {
  const desk = new Desk(undefined);
  const error = await failure(desk.authorize(), "not_signed_in");
  assert.match(error.hint ?? "", /codex login/);
  await failure(desk.clock.run(desk.session.refresh()), "not_signed_in");
  desk.assertNoRequest();
});

Deno.test("authorize() and refresh() send a sign-in nowhere but home", async () => {
  for (const held of [GOOD, OLD, KEY]) {
    const desk = new Desk(held, [], { addresses: STAND_IN });
    const error = await failure(desk.authorize(), "sign_in_rejected");
    assert.match(error.message, /belongs to https:.*not sent to http:/);
    assertSilent(error, ["rt_secret", "sk-secret", GOOD.access]);
    await failure(desk.clock.run(desk.session.refresh({ force: true })), "sign_in_rejected");
    desk.assertNoRequest();
  }
  const { issuer, baseUrl } = STAND_IN;
  const home = new Desk({ ...GOOD, issuer, baseUrl }, [], { addresses: STAND_IN });
  assert.equal((await home.authorize()).baseUrl, baseUrl);
});

Deno.test("authorize() passes on that the store cannot be read", async () => {
  const desk = new Desk(GOOD);
  desk.shared.damaged = true;
  await failure(desk.authorize(), "store_unavailable");
});

Deno.test("authorize() renews five minutes before the expiry, and not a millisecond earlier", async () => {
  const early = new Desk(signIn("early", NOW + 5 * MINUTE + 1));
  await early.authorize();
  early.assertNoRequest();
  const due = new Desk(DUE, [tokens(NEW)]);
  assert.equal((await due.authorize()).headers["authorization"], bearer(NEW));
  assert.match(due.net.request(0).body, /"refresh_reason":"proactive_expiry"/);
  assert.deepEqual(due.shared.held, NEW);
  assert.deepEqual(due.warnings, []);
});

Deno.test("authorize() makes one request for all who ask at once", async () => {
  const desk = new Desk(OLD, [tokens(NEW)]);
  const asked = Array.from({ length: 50 }, () => desk.session.authorize());
  for (const { headers } of await Promise.all(asked)) {
    assert.equal(headers["authorization"], bearer(NEW));
  }
  assert.equal(desk.net.requests.length, 1);
});

const NOT_YET = /^The sign-in could not be renewed yet: /;

const FAILURES: readonly (readonly [what: string, code: string, ...handlers: Handler[]])[] = [
  ["the issuer fails", "overloaded", text("", 500), text("", 500), text("", 500)],
  ["the connection fails", "network", fail(), fail(), fail()],
  ["the issuer never answers", "network", hang()],
  ["the issuer is overrun", "rate_limit", text("", 429, { "retry-after": "60" })],
  ["the answer is empty", "overloaded", json({})],
  ["the token is refused for good", "sign_in_expired", json({ error: "invalid_grant" }, 400)],
];

for (const [what, code, ...handlers] of FAILURES) {
  Deno.test(`authorize() goes on with a live token when ${what}, and warns`, async () => {
    const desk = new Desk(DUE, handlers);
    assert.equal((await desk.authorize()).headers["authorization"], bearer(DUE));
    assert.equal(desk.warnings.length, 1);
    const said = code === "sign_in_expired" ? /^The sign-in is over .*codex login$/ : NOT_YET;
    assert.match(desk.warnings[0] ?? "", said);
    for (const secret of [DUE.refresh, DUE.access]) {
      assert.ok(!desk.warnings.join().includes(secret));
    }
  });

  Deno.test(`authorize() fails with an expired token when ${what}`, async () => {
    const desk = new Desk(OLD, handlers);
    const error: unknown = await desk.authorize().catch((error) => error);
    assert.ok(isCodexError(error) && error.code === code, String(error));
    assertSilent(error, [OLD.refresh, OLD.access]);
    assert.deepEqual(desk.warnings, []);
  });
}

Deno.test("authorize() uses a live token for half a minute before it tries to renew it again", async () => {
  const desk = new Desk(DUE, [json({}), json({}), tokens(NEW)]);
  for (const [wait, requests] of [[0, 1], [29_000, 1], [2_000, 2]] as const) {
    await desk.clock.advance(wait);
    assert.equal((await desk.authorize()).headers["authorization"], bearer(DUE));
    assert.equal(desk.net.requests.length, requests);
    assert.equal(desk.warnings.length, requests);
  }
  await desk.clock.advance(5 * MINUTE);
  assert.equal((await desk.authorize()).headers["authorization"], bearer(NEW));
});

Deno.test("authorize() tells a failure once to all who asked at once", async () => {
  const desk = new Desk(DUE, [json({})]);
  const asked = Array.from({ length: 10 }, () => desk.session.authorize());
  for (const { headers } of await Promise.all(asked)) {
    assert.equal(headers["authorization"], bearer(DUE));
  }
  assert.equal(desk.warnings.length, 1);
});

Deno.test("authorize() puts nothing off once the token is another one, expired or refused", async () => {
  const busy = text("", 429, { "retry-after": "60" });
  const soon = signIn("soon", NOW + 1000);
  const expired = new Desk(soon, [busy, tokens(NEW)]);
  await expired.authorize();
  await expired.clock.advance(1000);
  assert.equal((await expired.authorize()).headers["authorization"], bearer(NEW));
  const refused = new Desk(DUE, [busy, tokens(NEW)]);
  const first = await refused.authorize();
  assert.equal((await refused.authorize(first)).headers["authorization"], bearer(NEW));
  const replaced = new Desk(DUE, [busy, tokens(NEW)]);
  await replaced.authorize();
  replaced.shared.held = soon;
  assert.equal((await replaced.authorize()).headers["authorization"], bearer(NEW));
});

Deno.test("authorize() renews once a process where the clock makes every token look old", async () => {
  for (const [expires, told] of [[NOW - MINUTE, 1], [NOW + MINUTE, 0]] as const) {
    const young = signIn("young", expires);
    const desk = new Desk(OLD, [tokens(young), tokens(NEW)]);
    for (let turn = 0; turn < 3; turn++) {
      assert.equal((await desk.authorize()).headers["authorization"], bearer(young));
    }
    assert.equal(desk.net.requests.length, 1);
    assert.equal(desk.warnings.length, told);
    for (const warning of desk.warnings) {
      assert.match(warning, /this machine's clock .*codex doctor$/);
    }
    const rejected = await desk.authorize();
    assert.equal((await desk.authorize(rejected)).headers["authorization"], bearer(NEW));
  }
});

Deno.test("authorize() tells of a mark while its token is good, once", async () => {
  const desk = new Desk(await marked(GOOD, "refresh_token_expired", NOW));
  for (let turn = 0; turn < 3; turn++) {
    assert.equal((await desk.authorize()).headers["authorization"], bearer(GOOD));
  }
  assert.deepEqual(desk.warnings, [
    "The sign-in is over (refresh_token_expired); its access token is used while it lasts. " +
    "Sign in again with: codex login",
  ]);
  desk.assertNoRequest();
});

Deno.test("authorize() sends no refresh token where there is none", async () => {
  for (const [held, code] of [[DUE, undefined], [OLD, "sign_in_expired"]] as const) {
    const desk = new Desk({ ...held, refresh: "" });
    const work = desk.authorize();
    if (code !== undefined) assert.match((await failure(work, code)).message, /no refresh token/);
    else assert.equal((await work).headers["authorization"], bearer(held));
    desk.assertNoRequest();
  }
});

Deno.test("authorize() says why a store that cannot be used matters", async () => {
  const broken = {
    ...new SharedStore(OLD).open(),
    update: () =>
      Promise.reject(
        new CodexError("store_unavailable", "No space is left", { hint: "Free some" }),
      ),
  };
  const expired = await failure(
    new Desk(OLD, [], { store: broken }).authorize(),
    "store_unavailable",
  );
  assert.equal(
    expired.message,
    "The access token has expired and cannot be renewed: No space is left",
  );
  assert.equal(expired.hint, "Free some");
  const store = { ...broken, read: () => Promise.resolve(GOOD) };
  const rejected = new Desk(OLD, [], { store }).authorize(await authorizationOf(GOOD));
  const { message } = await failure(rejected, "store_unavailable");
  assert.match(message, /^The access token was not accepted and cannot be renewed: /);
});

Deno.test("authorize() honours a mark without a request: a warning first, then the end", async () => {
  const desk = new Desk(await marked(DUE, "refresh_token_expired", NOW));
  assert.equal((await desk.authorize()).headers["authorization"], bearer(DUE));
  assert.match(desk.warnings.join(), /The sign-in is over \(refresh_token_expired\)/);
  await desk.clock.advance(5 * MINUTE);
  const error = await failure(desk.authorize(), "sign_in_expired");
  assert.equal(exitCodeFor(error), 3);
  desk.assertNoRequest();
});

Deno.test("authorize() uses up a token that cannot be renewed without a word", async () => {
  for (const origin of ["environment", "codex-cli"] as const) {
    const shared = new SharedStore(DUE);
    const store = { ...shared.open(), origin, renewable: false };
    const desk = new Desk(undefined, [], { store });
    assert.equal((await desk.authorize()).headers["authorization"], bearer(DUE));
    assert.deepEqual(desk.warnings, []);
    await failure(desk.authorize(await authorizationOf(DUE)), "sign_in_expired");
    await desk.clock.advance(5 * MINUTE);
    await failure(desk.authorize(), "sign_in_expired");
    desk.assertNoRequest();
  }
});

Deno.test("authorize() does not go on with a sign-in that somebody has ended meanwhile", async () => {
  const desk = new Desk(DUE);
  desk.shared.onLock = () => void (desk.shared.held = undefined);
  await failure(desk.authorize(), "not_signed_in");
  desk.assertNoRequest();
});

Deno.test("authorize() rejects with the reason of an abort, and warns of nothing", async () => {
  for (const held of [DUE, OLD]) {
    const desk = new Desk(held, [hang()]);
    const controller = new AbortController();
    const work = desk.session.authorize({ signal: controller.signal });
    const rejected = assert.rejects(work, (error) => error === CANCELLED);
    await desk.clock.advance(1000);
    controller.abort(CANCELLED);
    await rejected;
    assert.deepEqual(desk.warnings, []);
    const settling = desk.session.settled();
    await desk.clock.advance(MINUTE);
    await settling;
    assert.equal(desk.clock.pending, 0);
  }
});

Deno.test("settled() waits until a spent token's successor is saved", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const desk = new Desk(OLD, [async (request) => {
    await promise;
    return await tokens(NEW)(request);
  }]);
  const controller = new AbortController();
  const rejected = assert.rejects(desk.session.authorize({ signal: controller.signal }));
  await desk.clock.advance(1000);
  controller.abort(CANCELLED);
  await rejected;
  resolve();
  await desk.session.settled();
  assert.deepEqual(desk.shared.held, NEW);
});

Deno.test("authorize() takes a newer token from the store before it spends one after a 401", async () => {
  const desk = new Desk(NEW);
  const next = await desk.authorize(await authorizationOf(GOOD));
  assert.equal(next.headers["authorization"], bearer(NEW));
  desk.assertNoRequest();
});

Deno.test("authorize() renews the stored token after a 401, however fresh it is", async () => {
  const desk = new Desk(GOOD, [tokens(NEW)]);
  const next = await desk.authorize(await authorizationOf(GOOD));
  assert.equal(next.headers["authorization"], bearer(NEW));
  assert.match(desk.net.request(0).body, /"refresh_reason":"unauthorized_recovery"/);
  assert.equal(desk.net.requests.length, 1);
});

Deno.test("authorize() has no way out of a 401 when the refresh fails, live token or not", async () => {
  const rejected = await authorizationOf(GOOD);
  const over = new Desk(GOOD, [json({ error: "invalid_grant" }, 400)]);
  await failure(over.authorize(rejected), "sign_in_expired");
  await failure(over.authorize(rejected), "sign_in_expired");
  assert.equal(over.net.requests.length, 1);
  const busy = new Desk(GOOD, [text("", 503), text("", 503), text("", 503)]);
  await failure(busy.authorize(rejected), "overloaded");
  assert.deepEqual([...over.warnings, ...busy.warnings], []);
});

const SWITCHED: readonly (readonly [what: string, held: Credentials, handlers?: Handler[]])[] = [
  ["another account was signed in", signIn("b", NOW + DAY, { accountId: "acct-2" })],
  ["another account was signed in that is due", signIn("b", NOW, { accountId: "acct-2" }), [
    tokens(NEW),
  ]],
  ["an API key was stored", KEY],
];

for (const [what, held, handlers] of SWITCHED) {
  Deno.test(`authorize() does not go on after a 401 when ${what} meanwhile`, async () => {
    const desk = new Desk(held, handlers);
    const rejected = await authorizationOf(GOOD);
    const error = await failure(desk.authorize(rejected), "sign_in_rejected");
    assert.match(error.message, /Another sign-in was stored meanwhile/);
    // The next command begins with it.
    assert.ok(await desk.authorize());
  });

  Deno.test(`authorize() does not go on when ${what} while the lock was waited for`, async () => {
    const desk = new Desk(GOOD, handlers);
    desk.shared.onLock = () => void (desk.shared.held = held);
    const rejected = await authorizationOf(GOOD);
    await failure(desk.authorize(rejected), "sign_in_rejected");
    assert.equal(desk.net.requests.length, handlers?.length ?? 0);
  });
}

Deno.test("authorize() does not go on with a plan after an API key was rejected", async () => {
  const rejected = await authorizationOf(KEY);
  await failure(new Desk(GOOD).authorize(rejected), "sign_in_rejected");
});

Deno.test("authorize() is not put off by a file that names no account", async () => {
  const { accountId: _, ...unnamed } = { ...NEW, access: "opaque" };
  const desk = new Desk(unnamed);
  const next = await desk.authorize(await authorizationOf(GOOD));
  assert.equal(next.headers["authorization"], "Bearer opaque");
  const { accountId: __, ...rest } = GOOD;
  const named = new Desk({ ...NEW, accountId: "acct-1" });
  assert.ok(await named.authorize(await authorizationOf({ ...rest, access: "opaque-2" })));
});

Deno.test("authorize() tells a rejected API key, and takes another one", async () => {
  const rejected = await authorizationOf(KEY);
  const error = await failure(new Desk(KEY).authorize(rejected), "sign_in_rejected");
  assert.match(error.message, /The API key was not accepted/);
  assertSilent(error, ["sk-secret"]);
  const other = await new Desk({ type: "api", key: "sk-other" }).authorize(rejected);
  assert.equal(other.headers["authorization"], "Bearer sk-other");
});

Deno.test("refresh() leaves a good token alone unless it is told otherwise", async () => {
  const desk = new Desk(GOOD, [tokens(NEW)]);
  assert.deepEqual(await desk.session.refresh(), { credentials: GOOD, renewed: false });
  desk.assertNoRequest();
  assert.deepEqual(await desk.session.refresh({ force: true }), {
    credentials: NEW,
    renewed: true,
  });
  assert.match(desk.net.request(0).body, /"refresh_reason":"forced"/);
});

Deno.test("refresh() does not call it renewed when the issuer gives the same token again", async () => {
  const desk = new Desk(GOOD, [tokens({ ...GOOD, refresh: "rt_secret_next" })]);
  const { credentials, renewed } = await desk.session.refresh({ force: true });
  assert.equal(renewed, false);
  assert.equal(credentials.refresh, "rt_secret_next");
  assert.deepEqual(desk.shared.held, credentials);
});

Deno.test("refresh() renews a token that is due", async () => {
  const desk = new Desk(DUE, [tokens(NEW)]);
  assert.deepEqual(await desk.session.refresh(), { credentials: NEW, renewed: true });
  assert.match(desk.net.request(0).body, /"refresh_reason":"proactive_expiry"/);
});

Deno.test("refresh() fails where authorize() would go on with a live token", async () => {
  const desk = new Desk(DUE, [text("", 503, { "retry-after": "60" })]);
  await failure(desk.clock.run(desk.session.refresh()), "overloaded");
  assert.deepEqual(desk.warnings, []);
});

Deno.test("refresh() says of an API key that it has nothing to renew", async () => {
  const desk = new Desk(KEY);
  const error = await failure(desk.session.refresh({ force: true }), "invalid_usage");
  assert.equal(exitCodeFor(error), 2);
  assert.match(error.message, /An API key has nothing to refresh/);
  desk.assertNoRequest();
});

Deno.test("refresh() rejects with the reason of an abort", async () => {
  const desk = new Desk(OLD);
  const work = desk.session.refresh({ signal: AbortSignal.abort(CANCELLED) });
  await assert.rejects(work, (error) => error === CANCELLED);
  desk.assertNoRequest();
});
