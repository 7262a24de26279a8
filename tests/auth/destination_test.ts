import assert from "node:assert/strict";
import { checkDestination, homeOf, issuerOf } from "../../src/auth/destination.ts";
import type { Credentials } from "../../src/base/credentials.ts";
import { isCodexError } from "../../src/base/errors.ts";
import type { Addresses } from "../../src/protocol/endpoints.ts";
import { NOW, PRODUCTION, signIn, STAND_IN } from "./sign_ins.ts";

/** What is said when a sign-in may not go there; `undefined` when it may. */
function refusal(credentials: Credentials, addresses: Addresses): string | undefined {
  try {
    checkDestination(credentials, addresses);
    return undefined;
  } catch (error) {
    assert.ok(isCodexError(error, "sign_in_rejected"));
    assert.match(error.hint ?? "", /codex login/);
    return error.message;
  }
}

// Every way to take each address from production or from an override.
const PLACES: readonly Addresses[] = [PRODUCTION, STAND_IN].flatMap(({ issuer }) =>
  [PRODUCTION, STAND_IN].flatMap(({ baseUrl }) =>
    [PRODUCTION, STAND_IN].map(({ apiBaseUrl }) => ({ issuer, baseUrl, apiBaseUrl }))
  )
);

Deno.test("checkDestination() lets a ChatGPT sign-in go home and nowhere else", () => {
  for (const home of PLACES) {
    const credentials = { ...signIn("a", NOW), ...homeOf(home) };
    for (const place of PLACES) {
      const same = home.issuer === place.issuer && home.baseUrl === place.baseUrl;
      const told = refusal(credentials, place);
      assert.equal(told === undefined, same, JSON.stringify({ home, place }));
    }
  }
});

Deno.test("checkDestination() lets an API key go home and nowhere else", () => {
  for (const home of PLACES) {
    const credentials: Credentials = home.apiBaseUrl === PRODUCTION.apiBaseUrl
      ? { type: "api", key: "sk-secret" }
      : { type: "api", key: "sk-secret", baseUrl: home.apiBaseUrl };
    for (const place of PLACES) {
      const told = refusal(credentials, place);
      assert.equal(told === undefined, home.apiBaseUrl === place.apiBaseUrl);
    }
  }
});

Deno.test("checkDestination() takes the production addresses where a sign-in names none", () => {
  const { issuer, baseUrl } = STAND_IN;
  const credentials = signIn("a", NOW);
  assert.equal(refusal(credentials, PRODUCTION), undefined);
  assert.equal(refusal({ ...credentials, issuer }, { ...PRODUCTION, issuer }), undefined);
  assert.equal(refusal({ ...credentials, baseUrl }, { ...PRODUCTION, baseUrl }), undefined);
});

Deno.test("checkDestination() names both addresses, the issuer first", () => {
  assert.equal(
    refusal(signIn("a", NOW), STAND_IN),
    "This sign-in belongs to https://auth.openai.com and is not sent to http://127.0.0.1:8080",
  );
  assert.equal(
    refusal(signIn("a", NOW), { ...PRODUCTION, baseUrl: STAND_IN.baseUrl }),
    "This sign-in belongs to https://chatgpt.com/backend-api/codex " +
      "and is not sent to http://127.0.0.1:8080/backend-api/codex",
  );
  assert.equal(
    refusal({ type: "api", key: "sk-secret" }, STAND_IN),
    "This sign-in belongs to https://api.openai.com/v1 and is not sent to http://127.0.0.1:8080/v1",
  );
});

Deno.test("checkDestination() is not content with an address that looks alike", () => {
  for (
    const issuer of [
      "https://auth.openai.com/",
      "https://auth.openai.com.a.test",
      "http://auth.openai.com",
      "https://AUTH.openai.com",
      "",
    ]
  ) {
    assert.ok(refusal({ ...signIn("a", NOW), issuer }, PRODUCTION), issuer);
  }
});

Deno.test("issuerOf() is who granted it, production where nobody is named", () => {
  assert.equal(issuerOf(signIn("a", NOW)), "https://auth.openai.com");
  assert.equal(issuerOf(signIn("a", NOW, { issuer: STAND_IN.issuer })), STAND_IN.issuer);
});

Deno.test("homeOf() names nothing in production, else both addresses", () => {
  const { issuer, baseUrl, apiBaseUrl } = STAND_IN;
  assert.deepEqual(homeOf(PRODUCTION), {});
  assert.deepEqual(homeOf({ ...PRODUCTION, apiBaseUrl }), {});
  assert.deepEqual(homeOf(STAND_IN), { issuer, baseUrl });
  assert.deepEqual(homeOf({ ...PRODUCTION, baseUrl }), { issuer: PRODUCTION.issuer, baseUrl });
  assert.deepEqual(homeOf({ ...PRODUCTION, issuer }), { issuer, baseUrl: PRODUCTION.baseUrl });
});

Deno.test("checkDestination() takes a base URL with a final slash for the same address", () => {
  const { issuer, baseUrl, apiBaseUrl } = STAND_IN;
  const credentials = signIn("a", NOW, { issuer, baseUrl: `${baseUrl}/` });
  assert.equal(refusal(credentials, STAND_IN), undefined);
  const key = { type: "api", key: "sk-secret", baseUrl: `${apiBaseUrl}/` } as const;
  assert.equal(refusal(key, STAND_IN), undefined);
  assert.ok(refusal({ ...key, baseUrl: `${apiBaseUrl}/x/` }, STAND_IN));
});
