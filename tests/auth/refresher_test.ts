import assert from "node:assert/strict";
import { marked } from "../../src/auth/refresh.ts";
import {
  createRefresher,
  type Refresher,
  type RefresherOptions,
} from "../../src/auth/refresher.ts";
import type {
  Credentials,
  CredentialStore,
  OAuthCredentials,
  StoreOrigin,
} from "../../src/base/credentials.ts";
import { CodexError, type ErrorCode, isCodexError } from "../../src/base/errors.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import type { RefreshReason } from "../../src/protocol/tokens.ts";
import { fail, type Handler, hang, json, text } from "../support/scripted_fetch.ts";
import { AuthDesk, CANCELLED, tokens } from "./auth_desk.ts";
import {
  accessToken,
  assertSilent,
  DAY,
  failure,
  IDENTITY,
  MINUTE,
  NOW,
  signIn,
  STAND_IN,
} from "./sign_ins.ts";

const OLD = signIn("old", NOW);
const NEW = signIn("new", NOW + DAY);
const WINNER = signIn("winner", NOW + DAY);

const REUSED = json({ error: { code: "refresh_token_reused" } }, 401);

/** An answer that a test gives when it likes. */
class Later {
  readonly #answer: PromiseWithResolvers<Handler> = Promise.withResolvers<Handler>();
  readonly handler: Handler = async (request) => (await this.#answer.promise)(request);

  give(handler: Handler): void {
    this.#answer.resolve(handler);
  }
}

/** One process, or several, with one store and one issuer. */
class World extends AuthDesk {
  process(more: Partial<RefresherOptions> = {}): Refresher {
    return createRefresher({ ...this.parts(), onWarning: this.onWarning, ...more });
  }

  /** Renews and runs the clock meanwhile. */
  renew(
    stale: OAuthCredentials = OLD,
    reason: RefreshReason = "proactive_expiry",
  ): Promise<OAuthCredentials> {
    return this.clock.run(this.process().renew(stale, reason, undefined), 100);
  }

  /** The refresh tokens that were sent, in order. */
  get sent(): readonly unknown[] {
    return this.net.requests.map(({ body }) => JSON.parse(body).refresh_token);
  }

  assertQuiet(): void {
    assert.equal(this.clock.pending, 0, "a timer was left");
    assert.equal(this.net.remaining, 0, "too few requests were made");
  }
}

Deno.test("renew() sends the stored refresh token to the issuer and saves what comes back", async () => {
  const { issuer, baseUrl } = STAND_IN;
  const held = signIn("old", NOW, { enterpriseUrl: "https://e.test", issuer, baseUrl });
  const world = new World(held, tokens(NEW));
  const renewed = await world.process({ addresses: STAND_IN }).renew(held, "forced", undefined);
  const { access, refresh, expires } = NEW;
  assert.deepEqual(renewed, { ...held, access, refresh, expires });
  assert.deepEqual(world.shared.held, renewed);
  const { url, body, headers } = world.net.request(0);
  assert.equal(url.href, `${STAND_IN.issuer}/oauth/token`);
  assert.equal(headers.get("originator"), IDENTITY.originator);
  assert.match(body, /"refresh_reason":"forced","refresh_token":"rt_secret_old"/);
  world.assertQuiet();
});

Deno.test("renew() keeps the refresh token where the issuer does not replace it", async () => {
  const world = new World(OLD, json({ access_token: NEW.access }));
  await world.renew();
  assert.deepEqual(world.shared.held, { ...OLD, access: NEW.access, expires: NEW.expires });
});

Deno.test("renew() makes one request for all callers of a process", async () => {
  const world = new World(OLD, tokens(NEW));
  const refresher = world.process();
  let locks = 0;
  world.shared.onLock = () => void locks++;
  const callers = Array.from(
    { length: 50 },
    (_, index) =>
      refresher.renew({ ...OLD }, index % 2 ? "unauthorized_recovery" : "forced", undefined),
  );
  for (const result of await Promise.all(callers)) assert.deepEqual(result, NEW);
  assert.deepEqual(world.sent, [OLD.refresh]);
  assert.equal(locks, 1);
});

Deno.test("renew() makes one request for 32 processes", async () => {
  const world = new World(OLD, tokens(NEW));
  const processes = Array.from({ length: 32 }, () => world.process());
  const results = await Promise.all(
    processes.map((refresher) => refresher.renew(OLD, "unauthorized_recovery", undefined)),
  );
  for (const result of results) assert.deepEqual(result, NEW);
  assert.deepEqual(world.sent, [OLD.refresh]);
  assert.equal(world.shared.saves, 1);
});

Deno.test("renew() takes what another process stored while it waited for the lock", async () => {
  const world = new World(OLD);
  const refresher = world.process();
  const work = world.shared.locked(async () => {
    const waiting = refresher.renew(OLD, "proactive_expiry", undefined);
    await world.clock.advance(10_000);
    world.shared.held = WINNER;
    return { waiting };
  });
  assert.deepEqual(await (await work).waiting, WINNER);
  assert.deepEqual(world.sent, []);
  assert.equal(world.shared.saves, 0);
});

Deno.test("renew() refreshes what another process stored when that has expired", async () => {
  const expired = signIn("expired", NOW);
  const world = new World(expired, tokens(NEW));
  assert.deepEqual(await world.renew(OLD), NEW);
  assert.deepEqual(world.sent, [expired.refresh]);
});

Deno.test("renew() makes one request for ten processes although no token lives long", async () => {
  const brief = signIn("brief", NOW + MINUTE);
  const world = new World(OLD, tokens(brief));
  const processes = Array.from({ length: 10 }, () => world.process());
  const results = await Promise.all(
    processes.map((refresher) => refresher.renew(OLD, "proactive_expiry", undefined)),
  );
  for (const result of results) assert.deepEqual(result, brief);
  assert.deepEqual(world.sent, [OLD.refresh]);
});

Deno.test("renew() refreshes the stored one when it is the rejected one, however fresh", async () => {
  const world = new World(WINNER, tokens(NEW));
  assert.deepEqual(await world.renew(WINNER, "unauthorized_recovery"), NEW);
  assert.deepEqual(world.sent, [WINNER.refresh]);
});

const REPLACED: readonly (readonly [what: string, Credentials | undefined, code: string])[] = [
  ["nobody is signed in any more", undefined, "not_signed_in"],
  ["an API key took its place", { type: "api", key: "sk-secret" }, "sign_in_rejected"],
  [
    "a sign-in for other addresses took its place",
    signIn("elsewhere", NOW + DAY, { issuer: STAND_IN.issuer, baseUrl: STAND_IN.baseUrl }),
    "sign_in_rejected",
  ],
  [
    "a sign-in for another base URL took its place that is due itself",
    signIn("elsewhere", NOW, { baseUrl: STAND_IN.baseUrl }),
    "sign_in_rejected",
  ],
];

for (const [what, held, code] of REPLACED) {
  Deno.test(`renew() sends nothing and changes nothing when ${what}`, async () => {
    const world = new World(held);
    const work = world.process().renew(OLD, "proactive_expiry", undefined);
    await assert.rejects(work, (error) => isCodexError(error) && error.code === code);
    assert.deepEqual(world.sent, []);
    assert.equal(world.shared.held, held);
    assert.equal(world.shared.saves, 0);
  });
}

Deno.test("renew() sends nothing for a sign-in without a refresh token", async () => {
  const held = signIn("old", NOW, { refresh: "" });
  const world = new World(held);
  await failure(world.renew(held), "sign_in_expired");
  assert.deepEqual(world.sent, []);
});

Deno.test("renew() asks for nothing while a mark stands", async () => {
  const over = await marked(OLD, "refresh_token_expired", NOW);
  for (const stale of [over, OLD]) {
    const world = new World(over);
    const error = await failure(world.renew(stale), "sign_in_expired");
    assert.match(error.message, /refresh_token_expired/);
    assert.deepEqual(world.sent, []);
    assert.equal(world.shared.held, over);
  }
  // Nor for the lock, where the caller knows of the mark.
  const world = new World(over);
  world.shared.onLock = () => assert.fail("the lock was taken");
  await failure(world.renew(over), "sign_in_expired");
});

Deno.test("renew() goes on where somebody has replaced the token that a mark was made for", async () => {
  const { reauth } = await marked(OLD, "refresh_token_expired", NOW);
  assert.ok(reauth);
  const world = new World({ ...signIn("later", NOW), reauth }, tokens(NEW));
  assert.deepEqual(await world.renew(OLD), NEW);
  assert.deepEqual(world.sent, ["rt_secret_later"]);
  assert.equal("reauth" in (world.shared.held ?? {}), false);
});

const UNRENEWABLE: readonly (readonly [StoreOrigin | undefined, RegExp])[] = [
  ["environment", /--rotate-to/],
  ["codex-cli", /official tool/],
  [undefined, /store that can be written/],
];

for (const [origin, hint] of UNRENEWABLE) {
  Deno.test(`renew() spends nothing where ${origin ?? "a store"} keeps nothing`, async () => {
    const never = () => Promise.reject(new Error("was updated"));
    const plain: CredentialStore = { ...memoryStore(OLD), renewable: false, update: never };
    const store = origin === undefined ? plain : { ...plain, origin };
    const world = new World(OLD);
    for (const reason of ["proactive_expiry", "unauthorized_recovery", "forced"] as const) {
      const work = world.process({ store }).renew(OLD, reason, undefined);
      assert.match((await failure(work, "sign_in_expired")).hint ?? "", hint);
    }
    assert.deepEqual(world.sent, []);
  });
}

Deno.test("renew() marks a token that is refused for good, and never sends it again", async () => {
  const world = new World(OLD, json({ error: { code: "refresh_token_invalidated" } }, 401));
  const error = await failure(world.renew(), "sign_in_expired");
  assert.match(error.message, /refresh_token_invalidated/);
  assertSilent(error, [OLD.refresh, OLD.access]);
  assert.deepEqual(world.shared.held, await marked(OLD, "refresh_token_invalidated", NOW));
  for (let again = 0; again < 3; again++) await failure(world.renew(), "sign_in_expired");
  assert.deepEqual(world.sent, [OLD.refresh]);
});

const TRANSIENT: readonly (readonly [what: string, ...handlers: Handler[]])[] = [
  ["the issuer fails", text("", 500), text("", 502), text("", 503)],
  ["the connection is lost", fail(), fail(), fail()],
  ["the issuer never answers", hang()],
  ["the issuer wants to be left alone", text("", 429, { "retry-after": "600" })],
  ["the answer is empty", json({})],
  ["the answer is no JSON", text("<html>")],
  ["the workspace has no Codex", json({ error: "missing_codex_entitlement" }, 403)],
  ["the country is not served", json({ error: "unsupported_country_region_territory" }, 403)],
];

for (const [what, ...handlers] of TRANSIENT) {
  Deno.test(`renew() changes nothing when ${what}, and can be tried again`, async () => {
    const world = new World(OLD, ...handlers);
    await assert.rejects(world.renew(), (error) => isCodexError(error));
    assert.equal(world.shared.held, OLD);
    assert.equal(world.shared.saves, 0);
    world.assertQuiet();
    world.net.enqueue(
      json({ access_token: NEW.access, refresh_token: NEW.refresh, expires_in: 5 }),
    );
    assert.deepEqual(await world.renew(), NEW);
  });
}

Deno.test("renew() tells its own failure, whatever else has changed since the token was read", async () => {
  const held = signIn("expired_too", NOW);
  const world = new World(held, fail(), fail(), fail());
  await failure(world.renew(OLD), "network");
  assert.deepEqual(world.sent, [held.refresh, held.refresh, held.refresh]);
  assert.deepEqual(world.warnings, []);
});

Deno.test("renew() keeps a refresh token that comes without an access token", async () => {
  const world = new World(OLD, json({ refresh_token: "rt_secret_next" }), tokens(NEW));
  const error = await failure(world.renew(), "overloaded");
  assertSilent(error, [OLD.refresh, "rt_secret_next"]);
  assert.deepEqual(world.shared.held, { ...OLD, refresh: "rt_secret_next" });
  assert.deepEqual(await world.renew(), NEW);
  assert.deepEqual(world.sent, [OLD.refresh, "rt_secret_next"]);
});

for (const seconds of [0, 1, 4.9, 5]) {
  Deno.test(`renew() takes the token of a program without our lock after ${seconds} s`, async () => {
    const world = new World(OLD, (request) => {
      world.clock.after(seconds * 1000, () => world.shared.held = WINNER);
      return REUSED(request);
    });
    world.shared.careless = true;
    assert.deepEqual(await world.renew(), WINNER);
    assert.equal(world.shared.held, WINNER);
    assert.equal(world.shared.saves, 0);
    world.assertQuiet();
  });
}

Deno.test("renew() takes the token of such a program at once, however ours is refused", async () => {
  for (const code of ["invalid_grant", "refresh_token_invalidated", "unknown"]) {
    const world = new World(OLD, (request) => {
      world.shared.held = WINNER;
      return json({ error: code }, 401)(request);
    });
    assert.deepEqual(await world.renew(), WINNER);
    assert.equal(world.shared.held, WINNER);
    assert.equal(world.shared.saves, 0);
  }
});

Deno.test("renew() marks a token that was used elsewhere when nobody stores the next one", async () => {
  const world = new World(OLD, REUSED);
  const error = await failure(world.renew(), "sign_in_expired");
  assert.match(error.message, /works once, and was used before/);
  const { held } = world.shared;
  assert.ok(held?.type === "oauth");
  assert.equal(held.reauth?.code, "refresh_token_reused");
  assert.equal(held.reauth?.at, new Date(NOW).toISOString());
  world.shared.held = { ...WINNER, reauth: held.reauth };
  assert.deepEqual(await world.renew(), world.shared.held, "a late winner lifts the mark");
  world.assertQuiet();
});

Deno.test("renew() waits while that program is in the middle of writing", async () => {
  const world = new World(OLD, (request) => {
    const { clock, shared } = world;
    shared.damaged = true;
    clock.after(1000, () => {
      shared.damaged = false;
      shared.held = undefined;
    });
    clock.after(2000, () => shared.held = WINNER);
    return REUSED(request);
  });
  assert.deepEqual(await world.renew(), WINNER);
  assert.equal(world.shared.saves, 0);
});

const AFTER_REUSE: readonly (readonly [what: string, Credentials | undefined, code: string])[] = [
  ["nothing", undefined, "not_signed_in"],
  ["an API key", { type: "api", key: "sk-secret" }, "sign_in_rejected"],
  [
    "a sign-in for other addresses",
    signIn("elsewhere", NOW + DAY, { baseUrl: STAND_IN.baseUrl }),
    "sign_in_rejected",
  ],
];

for (const [what, held, code] of AFTER_REUSE) {
  Deno.test(`renew() writes no mark over ${what} that has taken the place`, async () => {
    const world = new World(OLD, (request) => {
      world.shared.held = held;
      return REUSED(request);
    });
    world.shared.careless = true;
    await assert.rejects(world.renew(), (error) => isCodexError(error) && error.code === code);
    assert.equal(world.shared.held, held);
    assert.equal(world.shared.saves, 0);
  });
}

Deno.test("renew() spends nothing when it is cancelled while it waits for the lock", async () => {
  const world = new World(OLD, tokens(NEW));
  const controller = new AbortController();
  const refresher = world.process();
  await world.shared.locked(async () => {
    const work = refresher.renew(OLD, "forced", controller.signal);
    const rejected = assert.rejects(work, (error) => error === CANCELLED);
    await world.clock.advance(1000);
    controller.abort(CANCELLED);
    await rejected;
    await refresher.settled();
  });
  assert.deepEqual(world.sent, []);
  assert.deepEqual(await world.renew(), NEW, "the lock is free again");
});

Deno.test("renew() spends nothing when it is cancelled just as it gets the lock", async () => {
  const world = new World(OLD);
  const controller = new AbortController();
  world.shared.onLock = () => controller.abort(CANCELLED);
  const work = world.process().renew(OLD, "forced", controller.signal);
  await assert.rejects(work, (error) => error === CANCELLED);
  await world.shared.locked(() => Promise.resolve());
  assert.deepEqual(world.sent, []);
  assert.equal(world.shared.held, OLD);
});

Deno.test("renew() does nothing at all when it is cancelled beforehand", async () => {
  const world = new World(OLD);
  const work = world.process().renew(OLD, "forced", AbortSignal.abort(CANCELLED));
  await assert.rejects(work, (error) => error === CANCELLED);
  assert.deepEqual(world.sent, []);
});

Deno.test("renew() saves the answer although its caller has left, and settled() waits for it", async () => {
  const answer = new Later();
  const world = new World(OLD, answer.handler);
  const controller = new AbortController();
  const refresher = world.process();
  const work = refresher.renew(OLD, "forced", controller.signal);
  const rejected = assert.rejects(work, (error) => error === CANCELLED);
  await world.clock.advance(1000);
  controller.abort(CANCELLED);
  await rejected;
  let settled = false;
  const settling = refresher.settled().then(() => settled = true);
  await world.clock.advance(1000);
  assert.equal(settled, false);
  assert.equal(world.shared.held, OLD);
  answer.give(tokens(NEW));
  await settling;
  assert.deepEqual(world.shared.held, NEW);
  world.assertQuiet();
});

Deno.test("renew() tries again for a caller who has left, and marks a refusal all the same", async () => {
  const world = new World(OLD, fail(), json({ error: "invalid_grant" }, 400));
  const controller = new AbortController();
  const refresher = world.process();
  const work = refresher.renew(OLD, "forced", controller.signal);
  const rejected = assert.rejects(work, (error) => error === CANCELLED);
  await world.clock.advance(0);
  controller.abort(CANCELLED);
  await rejected;
  await world.clock.run(refresher.settled(), 100);
  assert.ok(world.shared.held?.type === "oauth");
  assert.equal(world.shared.held.reauth?.code, "invalid_grant");
});

Deno.test("renew() serves the callers who stay when one leaves, waiting or sent", async () => {
  for (const early of [true, false]) {
    const answer = new Later();
    const world = new World(OLD, answer.handler);
    const lock = Promise.withResolvers<void>();
    if (early) world.shared.onLock = () => lock.promise;
    const refresher = world.process();
    const controller = new AbortController();
    const leaves = assert.rejects(
      refresher.renew(OLD, "forced", controller.signal),
      (error) => error === CANCELLED,
    );
    const stays = [undefined, new AbortController().signal]
      .map((signal) => refresher.renew(OLD, "forced", signal));
    await world.clock.advance(1000);
    assert.equal(world.net.requests.length, early ? 0 : 1);
    controller.abort(CANCELLED);
    await leaves;
    lock.resolve();
    answer.give(tokens(NEW));
    assert.deepEqual(await Promise.all(stays), [NEW, NEW]);
    assert.deepEqual(world.sent, [OLD.refresh]);
  }
});

Deno.test("renew() gives a caller who comes after all have left the answer that is under way", async () => {
  const answer = new Later();
  const world = new World(OLD, answer.handler);
  const controller = new AbortController();
  const refresher = world.process();
  const left = assert.rejects(refresher.renew(OLD, "forced", controller.signal));
  await world.clock.advance(1000);
  controller.abort(CANCELLED);
  await left;
  const late = refresher.renew(OLD, "forced", undefined);
  await world.clock.advance(1000);
  answer.give(tokens(NEW));
  assert.deepEqual(await late, NEW);
  assert.deepEqual(world.sent, [OLD.refresh]);
});

Deno.test("renew() does not end for a caller who comes just as the last one leaves the queue", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const world = new World(OLD, tokens(NEW));
    const controller = new AbortController();
    const refresher = world.process();
    const { late } = await world.shared.locked(async () => {
      const left = assert.rejects(refresher.renew(OLD, "forced", controller.signal));
      await world.clock.advance(1000);
      controller.abort(CANCELLED);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const late = refresher.renew(OLD, "forced", undefined);
      late.catch(() => {});
      await left;
      return { late };
    });
    assert.deepEqual(await late, NEW, `after ${turns} turns`);
  }
});

Deno.test("settled() waits for what begins while it waits", async () => {
  const [first, second] = [new Later(), new Later()];
  const world = new World(OLD, first.handler, second.handler);
  const refresher = world.process();
  const work = [refresher.renew(OLD, "forced", undefined)];
  let settled = false;
  const settling = refresher.settled().then(() => settled = true);
  await world.clock.advance(1000);
  work.push(refresher.renew(NEW, "forced", undefined));
  first.give(tokens(NEW));
  await world.clock.advance(1000);
  assert.deepEqual(world.sent, [OLD.refresh, NEW.refresh]);
  assert.equal(settled, false);
  second.give(tokens(WINNER));
  await settling;
  assert.deepEqual(await Promise.all(work), [NEW, WINNER]);
});

Deno.test("settled() waits for a spent token although a later caller has left the queue", async () => {
  const answer = new Later();
  const world = new World(OLD, answer.handler);
  const refresher = world.process();
  for (let caller = 0; caller < 3; caller++) {
    const controller = new AbortController();
    const left = assert.rejects(refresher.renew(OLD, "forced", controller.signal));
    await world.clock.advance(1000);
    controller.abort(CANCELLED);
    await left;
  }
  let settled = false;
  const settling = refresher.settled().then(() => settled = true);
  await world.clock.advance(1000);
  assert.equal(settled, false, "the answer to the first one is not saved yet");
  answer.give(tokens(NEW));
  await settling;
  assert.deepEqual(world.shared.held, NEW);
});

Deno.test("settled() does not wait where nothing is under way, and never rejects", async () => {
  const world = new World(OLD, json({ error: "invalid_grant" }, 400));
  const refresher = world.process();
  await refresher.settled();
  const failed = failure(refresher.renew(OLD, "forced", undefined), "sign_in_expired");
  await refresher.settled();
  await failed;
  await refresher.settled();
});

Deno.test("renew() goes on with a token that could not be saved but was kept, and says so", async () => {
  const world = new World(OLD, tokens(NEW));
  world.shared.full = true;
  assert.deepEqual(await world.renew(), NEW);
  assert.deepEqual(world.warnings, [
    "Cannot save the sign-in: no space is left. Free some space",
  ]);
  assert.equal(world.shared.held, OLD);
  assert.deepEqual(world.sent, [OLD.refresh]);
});

/** A process that can read the store but gets no lock. */
function lockedOut(world: World): Refresher {
  const update = () =>
    Promise.reject(new CodexError("store_unavailable", "The store is locked", { hint: "Wait" }));
  return world.process({ store: { ...world.shared.open(), update } });
}

Deno.test("renew() goes on with what another program stored when the lock cannot be had", async () => {
  for (const held of [WINNER, signIn("soon", NOW + 1)]) {
    const world = new World(held);
    assert.deepEqual(await lockedOut(world).renew(OLD, "forced", undefined), held);
    assert.deepEqual(world.warnings, ["The store is locked. Wait"]);
  }
});

const NO_WAY_OUT: readonly (readonly [what: string, Credentials | undefined, ErrorCode])[] = [
  ["the stale one", OLD, "store_unavailable"],
  ["nothing any more", undefined, "not_signed_in"],
  ["an API key", { type: "api", key: "sk-secret" }, "sign_in_rejected"],
  ["another one that has expired", signIn("expired", NOW), "sign_in_rejected"],
  [
    "one for other addresses",
    signIn("elsewhere", NOW + DAY, { baseUrl: STAND_IN.baseUrl }),
    "sign_in_rejected",
  ],
];

for (const [what, held, code] of NO_WAY_OUT) {
  Deno.test(`renew() ends with ${code} when there is no lock and ${what} stored`, async () => {
    const world = new World(held);
    await failure(lockedOut(world).renew(OLD, "forced", undefined), code);
    assert.deepEqual(world.warnings, []);
  });
}

Deno.test("renew() tells that there is no lock when nothing can be read either", async () => {
  const world = new World(WINNER);
  world.shared.damaged = true;
  const error = await failure(
    lockedOut(world).renew(OLD, "forced", undefined),
    "store_unavailable",
  );
  assert.equal(error.message, "The store is locked");
});

Deno.test("renew() begins anew once a refresh has failed", async () => {
  const world = new World(OLD, json({}), tokens(NEW));
  const refresher = world.process();
  await failure(refresher.renew(OLD, "forced", undefined), "overloaded");
  assert.deepEqual(await refresher.renew(OLD, "forced", undefined), NEW);
});

Deno.test("renew() reads the expiry from the token, and the issuer's word where it has none", async () => {
  const opaque = new World(OLD, json({ access_token: "opaque", expires_in: 600 }));
  assert.equal((await opaque.renew()).expires, NOW + 600_000);
  const said = new World(OLD, json({ access_token: accessToken("x", NOW + DAY), expires_in: 600 }));
  assert.equal((await said.renew()).expires, NOW + DAY);
});
