/**
 * What a scenario file can do to a sign-in, with a browser and with a code, and what becomes of it:
 * docs/sign-in.md ("When it fails") and docs/protocol.md ("Signing in") say why.
 */
import assert from "node:assert/strict";
import type { Account } from "../../mod.ts";
import { nameOf, type Outcome, outcomeOf, SAID, ScenarioDesk } from "./simulator_desk.ts";

/** Lets the browser come back to a port that no other test wants. */
const page = (browser: string, more = ""): string =>
  `{"browser":{"anyPort":true${browser && `,${browser}`}}${more && `,${more}`}}`;

/** A scenario, what comes of the sign-in (a code, or the plan), and what the browser ends on. */
type BrowserRow = readonly [scenario: string, outcome: string, ends: string];

const BROWSERS: readonly BrowserRow[] = [
  [page(""), "plus", "200"],
  [page(`"outcome":"approve"`), "plus", "200"],
  // The exchange for an API key is no business of ours.
  [page(`"apiKey":"sk-made-for-you"`), "plus", "200"],
  // An address that the issuer does not know: it sends nobody back.
  [`{"browser":{"anyPort":false}}`, "timeout", "issuer 400"],
  [page(`"outcome":"deny"`), "sign_in_rejected", "400"],
  [page(`"outcome":"deny","error":"server_error","description":"Oops"`), "sign_in_rejected", "400"],
  [page(`"outcome":"deny","description":"missing_codex_entitlement"`), "plan_not_included", "400"],
  // Another sign-in's answer changes nothing: this one is waited for, five minutes long.
  [page(`"outcome":"wrong-state"`), "timeout", "400"],
  [page(`"outcome":"no-state"`), "timeout", "400"],
  [page(`"outcome":"no-code"`), "sign_in_rejected", "400"],
  [page(`"outcome":"never"`), "timeout", "issuer 200"],
  [page(`"outcome":"page"`), "timeout", "issuer 200"],
  [
    page("", `"account":{"workspaces":[{"id":"a","plan":"team"},{"id":"b","plan":"plus"}]}`),
    "team",
    "200",
  ],
  [page("", `"faults":[{"route":"authorize","status":503}]`), "timeout", "issuer 503"],
  // A code may have been spent once it is sent: the exchange is tried once.
  [page("", `"faults":[{"route":"token","status":500}]`), "overloaded", "500"],
  [page("", `"faults":[{"route":"token","status":429}]`), "rate_limit", "500"],
  [page("", `"faults":[{"route":"token","connection":"reset","effect":true}]`), "network", "500"],
  [
    page("", `"faults":[{"route":"token","status":403,"body":"<!doctype html>"}]`),
    "network",
    "500",
  ],
  [page("", `"faults":[{"route":"token","body":{}}]`), "sign_in_rejected", "500"],
  [
    page("", `"faults":[{"route":"token","status":400,"body":{"error":"invalid_grant"}}]`),
    "sign_in_rejected",
    "500",
  ],
];

for (const [scenario, outcome, ends] of BROWSERS) {
  Deno.test(`login() with a browser and ${scenario} ends as ${nameOf(outcome)}`, async () => {
    await using desk = new ScenarioDesk(scenario, { signedIn: false });
    const shown = Promise.withResolvers<string>();
    const login = desk.client.login({
      method: "browser",
      ports: [0],
      onUrl: async (url) => shown.resolve(await visit(desk, url)),
    });
    const ended = outcomeOf(login.then(({ plan }) => plan));
    const last = await shown.promise;
    assert.equal(last, ends);
    if (outcome === "timeout") {
      await desk.clock.advance(299_000);
      assert.equal(await desk.simulator.store.read(), undefined);
      await desk.clock.advance(1000);
    }
    assert.equal(await ended, outcome);
    const kept = await desk.simulator.store.read();
    assert.equal(kept?.type, ends === "200" ? "oauth" : undefined);
    assert.ok(desk.simulator.requestsTo("token").length <= 1);
    assert.equal(desk.simulator.requestsTo("api-key-exchange").length, 0);
  });
}

/** What a browser does: it asks the issuer, and goes where that sends it. */
async function visit({ simulator }: ScenarioDesk, url: URL): Promise<string> {
  const asked = await simulator.fetch(url, { redirect: "manual" });
  await asked.body?.cancel();
  const back = asked.headers.get("location");
  if (back === null) return `issuer ${asked.status}`;
  const last = await fetch(back, { redirect: "manual" });
  await last.body?.cancel();
  return String(last.status);
}

/** A scenario, what comes of the sign-in, and of the first question after it. */
type TokenRow = readonly [scenario: string, signedIn: string | undefined, answer?: Outcome];

const CODES: readonly TokenRow[] = [
  [`{"account":{"plan":"pro"}}`, "pro", SAID],
  [`{"device":{"outcome":"approve","pendingStatus":403,"interval":"5"}}`, "plus", SAID],
  [`{"device":{"approveAfter":5,"pendingStatus":"alternate","interval":"0"}}`, "plus", SAID],
  [`{"device":{"approveAfter":1,"pendingStatus":404}}`, "plus", SAID],
  [`{"device":{"approveAfter":"page"}}`, "sign_in_expired"],
  [`{"device":{"interval":3,"slowDown":true}}`, "plus", SAID],
  [`{"device":{"interval":null,"expiresIn":null}}`, "plus", SAID],
  [`{"device":{"expiresIn":60,"approveAfter":100}}`, "sign_in_expired"],
  [`{"device":{"outcome":"deny"}}`, "sign_in_rejected"],
  [`{"device":{"outcome":"expire"}}`, "sign_in_expired"],
  [`{"device":{"disabled":true}}`, "device_login_disabled"],
  [`{"device":{"disabled":"account"}}`, "sign_in_expired"],
  [`{"faults":[{"route":"device-code","status":503}]}`, "plus", SAID],
  [`{"faults":[{"route":"device-code","status":503,"times":"always"}]}`, "overloaded"],
  [`{"faults":[{"route":"device-code","status":403,"body":"<html>"}]}`, "network"],
  [`{"faults":[{"route":"device-code","connection":"refused"}]}`, "network"],
  [`{"faults":[{"route":"device-poll","status":429,"times":2}]}`, "plus", SAID],
  [`{"faults":[{"route":"device-poll","status":503,"skip":1,"times":3}]}`, "plus", SAID],
  [`{"faults":[{"route":"device-poll","connection":"reset"}]}`, "plus", SAID],
  [`{"faults":[{"route":"device-poll","body":"<html>"}]}`, "sign_in_rejected"],
  [`{"faults":[{"route":"token","status":500,"times":"always"}]}`, "overloaded"],
  [`{"faults":[{"route":"token","cutAfterBytes":30,"times":"always"}]}`, "network"],
  [`{"faults":[{"route":"token","stallAfterBytes":30,"times":"always"}]}`, "network"],
  // What the tokens lack. Without an account nobody can be asked, and only the service can say so.
  [`{"tokens":{"omitFields":["access_token"]}}`, "sign_in_rejected"],
  [`{"tokens":{"omitFields":["refresh_token"]}}`, "sign_in_rejected"],
  [`{"tokens":{"omitFields":["id_token"]}}`, "plus", SAID],
  [`{"tokens":{"omitFields":["expires_in"]}}`, "plus", SAID],
  [`{"tokens":{"opaqueAccess":true}}`, "plus", SAID],
  [`{"tokens":{"opaqueAccess":true,"omitFields":["expires_in"]}}`, "plus", SAID],
  [`{"tokens":{"opaqueAccess":true,"omitFields":["id_token"]}}`, undefined, "sign_in_rejected"],
  [`{"tokens":{"omitClaims":["exp"]}}`, "plus", SAID],
  [`{"tokens":{"omitClaims":["email"]}}`, "plus", SAID],
  [`{"tokens":{"omitClaims":["chatgpt_plan_type"]}}`, undefined, SAID],
  [`{"tokens":{"omitClaims":["chatgpt_account_id"]}}`, "plus", "sign_in_rejected"],
  [
    `{"tokens":{"omitClaims":["chatgpt_account_id"]},"rules":{"accountHeader":"optional"}}`,
    "plus",
    SAID,
  ],
  // By the clock of this machine no token is good, so the service decides.
  [`{"tokens":{"lifetimeSeconds":-1}}`, "plus", "sign_in_rejected"],
  [`{"tokens":{"lifetimeSeconds":60}}`, "plus", SAID],
];

for (const [scenario, signedIn, answer] of CODES) {
  Deno.test(`login() with a code and ${scenario} ends as ${nameOf(signedIn)}`, async () => {
    await using desk = new ScenarioDesk(scenario, { signedIn: false });
    const login = desk.client.login({ method: "device", onCode() {} });
    assert.equal(await desk.outcome(login.then(({ plan }: Account) => plan), 250), signedIn);
    if (answer === undefined) {
      assert.equal(await desk.simulator.store.read(), undefined);
    } else {
      assert.deepEqual(await desk.answer(), answer);
    }
  });
}
