import assert from "node:assert/strict";
import {
  expiryOf,
  fingerprint,
  isDue,
  isLive,
  marked,
  REFRESH_MARGIN_MS,
  renewed,
  standingMark,
} from "../../src/auth/refresh.ts";
import { readCredentials } from "../../src/auth/store/auth_file.ts";
import { DAY, NOW, signIn, STAND_IN, token } from "./sign_ins.ts";

const HOUR = 3_600_000;

Deno.test("isDue() begins five minutes before the expiry, to the millisecond", () => {
  assert.equal(REFRESH_MARGIN_MS, 300_000);
  assert.equal(isDue(signIn("a", NOW + 300_001), NOW), false);
  assert.equal(isDue(signIn("a", NOW + 300_000), NOW), true);
  // The official client's own two figures.
  assert.equal(isDue(signIn("a", NOW + 290_000), NOW), true);
  assert.equal(isDue(signIn("a", NOW + 310_000), NOW), false);
  assert.equal(isDue(signIn("a", NOW - DAY), NOW), true);
});

Deno.test("isLive() ends with the expiry, to the millisecond", () => {
  assert.equal(isLive(signIn("a", NOW + 1), NOW), true);
  assert.equal(isLive(signIn("a", NOW), NOW), false);
});

Deno.test("expiryOf() believes the token before the issuer, and the issuer before a guess", () => {
  assert.equal(expiryOf(token({ exp: 5 }), 60, NOW), 5000);
  assert.equal(expiryOf(token({}), 60, NOW), NOW + 60_000);
  assert.equal(expiryOf("opaque", 864_000, NOW), NOW + 10 * DAY);
  assert.equal(expiryOf("opaque", undefined, NOW), NOW + HOUR);
});

Deno.test("expiryOf() guesses an hour where the issuer says what can be no lifetime", () => {
  for (const seconds of [0, -5, 1e300, Number.MAX_VALUE, -Number.MAX_VALUE, 9e12]) {
    assert.equal(expiryOf("opaque", seconds, NOW), NOW + HOUR, String(seconds));
  }
});

Deno.test("expiryOf() gives what a file can hold, whatever the token says", () => {
  for (const exp of [1e306, -1e306, 9e12, 1.7e308]) {
    const expires = expiryOf(token({ exp }), 1e306, NOW);
    const kept = JSON.parse(JSON.stringify(signIn("a", NOW, { expires })));
    assert.ok(readCredentials(kept), `${exp} made the sign-in unreadable`);
    assert.equal(new Date(expires).getTime(), expires);
  }
});

Deno.test("fingerprint() is the beginning of the token's SHA-256", async () => {
  // printf %s rt_sim_seed | sha256sum | cut -c1-16
  assert.equal(await fingerprint("rt_sim_seed"), FINGERPRINT);
  assert.notEqual(await fingerprint("rt_sim_seed "), FINGERPRINT);
  assert.match(await fingerprint(""), /^[0-9a-f]{16}$/);
});

const FINGERPRINT = "d13e1ab18aebf338";

Deno.test("marked() notes the code, the instant and the token's fingerprint, and nothing else", async () => {
  const credentials = signIn("a", NOW, { enterpriseUrl: "https://e.test", ...STAND_IN });
  const { reauth, ...rest } = await marked(credentials, "invalid_grant", NOW);
  assert.deepEqual(rest, credentials);
  assert.deepEqual(reauth, {
    code: "invalid_grant",
    at: "2027-01-15T08:00:00.000Z",
    for: await fingerprint(credentials.refresh),
  });
  assert.ok(!JSON.stringify(reauth).includes(credentials.refresh));
});

Deno.test("standingMark() holds for the refresh token that it was made for", async () => {
  const credentials = await marked(signIn("a", NOW), "invalid_grant", NOW);
  assert.deepEqual(await standingMark(credentials), credentials.reauth);
  assert.deepEqual(await standingMark({ ...credentials, access: "other" }), credentials.reauth);
});

Deno.test("standingMark() is lifted by a refresh token that anybody has put there", async () => {
  const credentials = await marked(signIn("a", NOW), "invalid_grant", NOW);
  assert.equal(await standingMark({ ...credentials, refresh: "rt_other" }), undefined);
  assert.equal(await standingMark(signIn("a", NOW)), undefined);
});

Deno.test("renewed() replaces the tokens, lifts the mark and keeps all else", async () => {
  const home = { issuer: STAND_IN.issuer, baseUrl: STAND_IN.baseUrl };
  const more = { ...home, enterpriseUrl: "https://e.test" };
  const old = await marked(signIn("a", NOW, more), "invalid_grant", NOW);
  assert.deepEqual(renewed(old, "access-2", "refresh-2", 7), {
    type: "oauth",
    refresh: "refresh-2",
    access: "access-2",
    expires: 7,
    accountId: "acct-1",
    ...more,
  });
});

Deno.test("renewed() keeps the refresh token where the issuer sends no other", () => {
  const old = signIn("a", NOW);
  assert.equal(renewed(old, "access-2", undefined, 7).refresh, old.refresh);
});
