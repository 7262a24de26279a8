import assert from "node:assert/strict";
import { logout, type LogoutOptions } from "../../src/auth/logout.ts";
import { marked } from "../../src/auth/refresh.ts";
import { createSession } from "../../src/auth/session.ts";
import type { Credentials } from "../../src/base/credentials.ts";
import { fail, type Handler, hang, json, text } from "../support/scripted_fetch.ts";
import { AuthDesk, CANCELLED } from "./auth_desk.ts";
import { DAY, failure, NOW, signIn, STAND_IN } from "./sign_ins.ts";

const HELD = signIn("held", NOW + DAY);
const KEY: Credentials = { type: "api", key: "sk-secret" };

class Desk extends AuthDesk {
  readonly options: LogoutOptions = { ...this.parts(), signal: this.controller.signal };
}

Deno.test("logout() forgets any sign-in, and asks nobody", async () => {
  for (const held of [HELD, KEY, await marked(HELD, "invalid_grant", NOW)]) {
    const desk = new Desk(held);
    assert.deepEqual(await logout(desk.options), { removed: true });
    assert.equal(desk.shared.held, undefined);
    assert.equal(desk.net.requests.length, 0);
  }
});

Deno.test("logout() is content where there is nothing", async () => {
  for (const revoke of [false, true]) {
    const desk = new Desk(undefined);
    assert.deepEqual(await logout({ ...desk.options, revoke }), { removed: false });
    assert.equal(desk.net.requests.length, 0);
    assert.equal(desk.shared.saves, 0);
  }
});

Deno.test("logout() ends the sign-in at its issuer before it forgets it", async () => {
  const desk: Desk = new Desk(HELD, (request) => {
    assert.equal(desk.shared.held, HELD, "it is still there while the issuer is asked");
    return json({})(request);
  });
  assert.deepEqual(await logout({ ...desk.options, revoke: true }), {
    removed: true,
    revoked: true,
  });
  assert.equal(desk.shared.held, undefined);
  const { url, body, headers } = desk.net.request(0);
  assert.equal(url.href, "https://auth.openai.com/oauth/revoke");
  assert.equal(
    body,
    '{"token":"rt_secret_held","token_type_hint":"refresh_token",' +
      '"client_id":"app_EMoamEEZ73f0CkXaXp7hrann"}',
  );
  assert.equal(headers.get("originator"), "codex_test");
});

Deno.test("logout() asks the issuer that granted the sign-in, whatever addresses are in force", async () => {
  const production = new Desk(HELD, json({}));
  await logout({ ...production.options, addresses: STAND_IN, revoke: true });
  assert.equal(production.net.request(0).url.origin, "https://auth.openai.com");
  const standIn = new Desk(signIn("there", NOW, { issuer: STAND_IN.issuer }), json({}));
  await logout({ ...standIn.options, revoke: true });
  assert.equal(standIn.net.request(0).url.origin, STAND_IN.issuer);
});

Deno.test("logout() sends nothing but a refresh token of a plan", async () => {
  for (const held of [KEY, signIn("x", NOW, { refresh: "" })]) {
    const desk = new Desk(held);
    assert.deepEqual(await logout({ ...desk.options, revoke: true }), { removed: true });
    assert.equal(desk.net.requests.length, 0);
    assert.equal(desk.shared.held, undefined);
  }
});

const FAILURES: readonly (readonly [what: string, Handler])[] = [
  ["fails", json({ error: { message: "x" } }, 500)],
  ["refuses", text("", 400)],
  ["never answers", hang()],
  ["cannot be reached", fail()],
  ["points elsewhere", text("", 302, { location: "https://elsewhere.test/" })],
];

for (const [what, handler] of FAILURES) {
  Deno.test(`logout() forgets the sign-in although the issuer ${what}`, async () => {
    const desk = new Desk(HELD, handler);
    const work = logout({ ...desk.options, revoke: true });
    assert.deepEqual(await desk.clock.run(work), { removed: true, revoked: false });
    assert.equal(desk.shared.held, undefined);
    assert.equal(desk.net.requests.length, 1);
    assert.equal(desk.clock.pending, 0);
  });
}

Deno.test("logout() keeps the sign-in when it is cancelled while the issuer is asked", async () => {
  const desk = new Desk(HELD, hang());
  const work = logout({ ...desk.options, revoke: true });
  const rejected = assert.rejects(work, (error) => error === CANCELLED);
  await desk.clock.advance(1000);
  desk.controller.abort(CANCELLED);
  await rejected;
  assert.equal(desk.shared.held, HELD);
  assert.equal(desk.clock.pending, 0);
});

Deno.test("logout() keeps the sign-in when it is cancelled while it waits for the lock", async () => {
  const desk = new Desk(HELD);
  await desk.shared.locked(async () => {
    const rejected = assert.rejects(
      logout({ ...desk.options, revoke: true }),
      (error) => error === CANCELLED,
    );
    await desk.clock.advance(1000);
    desk.controller.abort(CANCELLED);
    await rejected;
  });
  assert.equal(desk.shared.held, HELD);
  assert.equal(desk.net.requests.length, 0);
});

Deno.test("logout() passes on that the sign-in cannot be removed", async () => {
  const desk = new Desk(HELD);
  desk.shared.full = true;
  await failure(logout(desk.options), "store_unavailable");
  assert.equal(desk.shared.held, HELD);
});

Deno.test("logout() ends the token that a refresh has just stored, not the one before", async () => {
  const held = signIn("old", NOW);
  const next = signIn("next", NOW + DAY);
  const desk = new Desk(
    held,
    json({ access_token: next.access, refresh_token: next.refresh }),
    json({}),
  );
  const session = createSession({ ...desk.options, store: desk.shared.open() });
  const refreshed = session.authorize();
  await desk.clock.advance(0);
  assert.deepEqual(await logout({ ...desk.options, revoke: true }), {
    removed: true,
    revoked: true,
  });
  await refreshed;
  assert.match(desk.net.request(1).body, /"token":"rt_secret_next"/);
  assert.equal(desk.shared.held, undefined);
  await failure(session.authorize(), "not_signed_in");
});
