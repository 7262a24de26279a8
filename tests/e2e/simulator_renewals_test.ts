/**
 * What a scenario file can do to a refresh, and what becomes of the question that needed it. Where
 * the service has not said that the sign-in is over, nothing is marked, so that the next command
 * asks again; and an access token that is still good is used (docs/protocol.md, "Signing in").
 */
import assert from "node:assert/strict";
import { nameOf, type Outcome, SAID, ScenarioDesk } from "./simulator_desk.ts";

/** A scenario, what comes of a question, what was asked for it, and the mark that is left. */
type Row = readonly [scenario: string, outcome: Outcome, asked: string, mark?: string];

const ANSWERED = "refresh, models, responses";
const SECOND_TRY = "refresh*2, models, responses";

const always = (fault: string): string => `{"faults":[{${fault},"times":"always"}]}`;
/** The answer to the first refresh is lost, after it took effect: the token is sent again. */
const lost = (refresh: string): string =>
  `{"refresh":{${refresh}},"faults":[{"route":"refresh","connection":"reset","effect":true}]}`;

/** With an access token that has expired. */
const EXPIRED: readonly Row[] = [
  [`{}`, SAID, ANSWERED],
  [`{"refresh":{"rotate":true}}`, SAID, ANSWERED],
  [`{"refresh":{"rotate":false}}`, SAID, ANSWERED],
  [`{"refresh":{"omitFields":["id_token","refresh_token"]}}`, SAID, ANSWERED],
  [`{"refresh":{"omitFields":["expires_in"]}}`, SAID, ANSWERED],
  // Only the refresh token is new: it is kept, and the refresh has failed.
  [`{"refresh":{"omitFields":["access_token"]}}`, "overloaded", "refresh"],
  // The account stays the one that was signed in to.
  [`{"refresh":{"switchTo":"another"}}`, SAID, ANSWERED],
  [`{"tokens":{"opaqueAccess":true}}`, SAID, ANSWERED],
  [`{"rules":{"newestTokenOnly":true}}`, SAID, ANSWERED],

  [lost(`"graceSeconds":30`), SAID, SECOND_TRY],
  [lost(`"detectReuse":false`), SAID, SECOND_TRY],
  [lost(`"rotate":false`), SAID, SECOND_TRY],
  [lost(`"graceSeconds":0`), "sign_in_expired", "refresh*2", "refresh_token_reused"],
  [lost(`"revokeFamily":true`), "sign_in_expired", "refresh*2", "refresh_token_reused"],

  ...([
    "refresh_token_expired",
    "refresh_token_reused",
    "refresh_token_invalidated",
    "refresh_token_revoked",
    "invalid_grant",
  ] as const).map((code): Row => [
    always(`"refreshFails":"${code}"`),
    "sign_in_expired",
    "refresh",
    code,
  ]),
  [always(`"route":"refresh","status":401`), "sign_in_expired", "refresh", "unauthorized"],

  // Only signing in again, or another way there, helps; but none of them says that it is over.
  ...([
    "token_expired",
    "app_session_terminated",
    "unsupported_country_region_territory",
  ] as const).map((code): Row => [
    always(`"refreshFails":"${code}"`),
    "sign_in_rejected",
    "refresh",
  ]),
  [always(`"route":"refresh","status":404,"body":"Not Found"`), "sign_in_rejected", "refresh"],
  [always(`"route":"refresh","status":403,"body":"<!doctype html>"`), "network", "refresh"],
  [
    always(`"route":"refresh","status":302,"headers":{"location":"https://example.test/"}`),
    "network",
    "refresh",
  ],

  // What may pass: three tries in all, but one where a clear answer may have cost the token.
  [always(`"route":"refresh","status":429`), "rate_limit", "refresh*3"],
  [`{"faults":[{"route":"refresh","status":500}]}`, SAID, SECOND_TRY],
  [always(`"route":"refresh","status":500`), "overloaded", "refresh*3"],
  [always(`"route":"refresh","body":"not JSON"`), "overloaded", "refresh"],
  [always(`"route":"refresh","body":{}`), "overloaded", "refresh"],
  [always(`"route":"refresh","base64":"//79"`), "overloaded", "refresh"],
  [`{"faults":[{"route":"refresh","connection":"reset"}]}`, SAID, SECOND_TRY],
  [always(`"route":"refresh","connection":"reset"`), "network", "refresh*3"],
  [always(`"route":"refresh","connection":"hang"`), "network", "refresh"],
  [always(`"route":"refresh","stallAfterBytes":20`), "network", "refresh"],
  [`{"faults":[{"route":"refresh","delayMs":600,"effect":true}]}`, SAID, ANSWERED],
  [`{"faults":[{"route":"refresh","bytesPerWrite":16,"writeEveryMs":5}]}`, SAID, ANSWERED],
];

/** With an access token that is good for 200 s more: whatever comes of the refresh, it is used. */
const DUE: readonly Row[] = [
  [`{}`, SAID, ANSWERED],
  [always(`"refreshFails":"refresh_token_expired"`), SAID, ANSWERED, "refresh_token_expired"],
  [always(`"refreshFails":"token_expired"`), SAID, ANSWERED],
  [always(`"refreshFails":"app_session_terminated"`), SAID, ANSWERED],
  [always(`"refreshFails":"unsupported_country_region_territory"`), SAID, ANSWERED],
  [always(`"route":"refresh","status":403,"body":"<!doctype html>"`), SAID, ANSWERED],
  [always(`"route":"refresh","status":500`), SAID, "refresh*3, models, responses"],
  [always(`"route":"refresh","body":{}`), SAID, ANSWERED],
  [lost(`"graceSeconds":0`), SAID, SECOND_TRY, "refresh_token_reused"],
  // Unless the service has ended all of it, the good token too.
  [lost(`"revokeFamily":true`), "sign_in_expired", "refresh*2, models", "refresh_token_reused"],
];

for (const [lifetime, what, rows] of [[-1, "an expired", EXPIRED], [200, "a due", DUE]] as const) {
  for (const [scenario, outcome, asked, mark] of rows) {
    Deno.test(`stream() with ${what} token and ${scenario} ends as ${nameOf(outcome)}`, async () => {
      await using desk = new ScenarioDesk(scenario);
      await desk.signIn(lifetime);
      const account = await accountOf(desk);
      assert.deepEqual(await desk.answer(), outcome);
      assert.equal(desk.asked, asked);
      assert.equal(await desk.mark(), mark);
      assert.equal(await accountOf(desk), account);
      // That a good token is used all the same is worth one word.
      assert.equal(desk.warnings.length, rows === DUE && scenario !== "{}" ? 1 : 0);
    });
  }
}

Deno.test("stream() asks again where a refresh was refused without an end, and not where with one", async () => {
  for (const [fails, again] of [["app_session_terminated", 2], ["refresh_token_expired", 1]]) {
    await using desk = new ScenarioDesk(always(`"refreshFails":"${fails}"`));
    await desk.signIn(-1);
    await desk.answer();
    await desk.answer();
    assert.equal(desk.simulator.requestsTo("refresh").length, again);
  }
});

Deno.test("stream() warns once of a clock by which every new token is old", async () => {
  await using desk = new ScenarioDesk(`{"tokens":{"lifetimeSeconds":-1}}`);
  await desk.signIn(-1);
  assert.equal(await desk.answer(), "sign_in_rejected");
  assert.equal(desk.asked, "refresh*2, models*2");
  assert.equal(desk.warnings.length, 1);
  assert.match(desk.warnings[0] ?? "", /^By this machine's clock/);
});

async function accountOf({ simulator }: ScenarioDesk): Promise<string | undefined> {
  const kept = await simulator.store.read();
  return kept?.type === "oauth" ? kept.accountId : undefined;
}
