import assert from "node:assert/strict";
import fc from "fast-check";
import { describeAccount } from "../../src/auth/account.ts";
import { UNKNOWN_EXPIRY_MS } from "../../src/auth/store/official_auth.ts";
import { marked } from "../../src/auth/refresh.ts";
import { AUTH_CLAIM } from "../../src/protocol/claims.ts";
import { DAY, MINUTE, NOW, signIn, STAND_IN, token } from "./sign_ins.ts";

Deno.test("describeAccount() says of an API key only that it is one", async () => {
  assert.deepEqual(await describeAccount({ type: "api", key: "sk-secret" }, NOW), {
    method: "api-key",
    state: "valid",
  });
});

Deno.test("describeAccount() tells what the access token and the file know", async () => {
  const access = token({
    email: "a@example.test",
    [AUTH_CLAIM]: {
      chatgpt_account_id: "acct-in-token",
      chatgpt_plan_type: "Plus",
      organizations: [{ id: "org-1", title: "One" }],
    },
  });
  assert.deepEqual(await describeAccount(signIn("a", NOW + DAY, { access }), NOW), {
    method: "chatgpt",
    state: "valid",
    accountId: "acct-1",
    plan: "plus",
    email: "a@example.test",
    workspaces: [{ id: "org-1", title: "One" }],
    expiresAt: "2027-01-16T08:00:00.000Z",
    issuer: "https://auth.openai.com",
  });
});

Deno.test("describeAccount() leaves out what nobody knows", async () => {
  const credentials = { type: "oauth", refresh: "r", access: "opaque", expires: NOW } as const;
  assert.deepEqual(Object.keys(await describeAccount(credentials, NOW)), [
    "method",
    "state",
    "expiresAt",
    "issuer",
  ]);
});

Deno.test("describeAccount() takes the account from the token where the file has none", async () => {
  const { accountId: _, ...credentials } = signIn("a", NOW + DAY);
  assert.equal((await describeAccount(credentials, NOW)).accountId, "acct-1");
  assert.equal((await describeAccount({ ...credentials, accountId: "" }, NOW)).accountId, "acct-1");
});

Deno.test("describeAccount() names the issuer that granted the sign-in", async () => {
  const { issuer } = await describeAccount(signIn("a", NOW, { issuer: STAND_IN.issuer }), NOW);
  assert.equal(issuer, STAND_IN.issuer);
});

const STATES = [
  [10 * MINUTE, true, "valid"],
  [5 * MINUTE + 1, true, "valid"],
  [5 * MINUTE, true, "renews"],
  [-DAY, true, "renews"],
  [5 * MINUTE, false, "valid"],
  [1, false, "valid"],
  [0, false, "expired"],
  [-DAY, false, "expired"],
] as const;

for (const [left, renewable, state] of STATES) {
  const store = renewable ? "a store" : "a store that keeps no renewed one";
  Deno.test(`describeAccount() says ${state} with ${left} ms left in ${store}`, async () => {
    assert.equal((await describeAccount(signIn("a", NOW + left), NOW, renewable)).state, state);
  });
}

Deno.test("describeAccount() says over, and why, while a mark stands", async () => {
  for (const left of [DAY, -DAY]) {
    const credentials = await marked(signIn("a", NOW + left), "refresh_token_expired", NOW);
    const account = await describeAccount(credentials, NOW);
    assert.deepEqual([account.state, account.reason], ["over", "refresh_token_expired"]);
    const replaced = await describeAccount({ ...credentials, refresh: "rt_other" }, NOW);
    assert.deepEqual([replaced.state, replaced.reason], [
      left > 0 ? "valid" : "renews",
      undefined,
    ]);
  }
});

Deno.test("describeAccount() bears an expiry that is no instant", async () => {
  for (const expires of [UNKNOWN_EXPIRY_MS, 8.64e15 + 1, -8.64e15 - 1, Infinity, NaN]) {
    const account = await describeAccount(signIn("a", NOW, { expires }), NOW);
    assert.equal("expiresAt" in account, false, String(expires));
  }
  const edge = await describeAccount(signIn("a", NOW, { expires: 8.64e15 - 1 }), NOW);
  assert.equal(edge.expiresAt, "+275760-09-12T23:59:59.999Z");
});

Deno.test("describeAccount() never holds a secret", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double(),
      fc.boolean(),
      fc.option(fc.string()),
      async (expires, renewable, accountId) => {
        const credentials = signIn("a", NOW, { expires, accountId: accountId ?? "acct" });
        const told = JSON.stringify(await describeAccount(credentials, NOW, renewable));
        assert.ok(!told.includes("rt_secret"));
        assert.ok(!told.includes(credentials.access));
      },
    ),
  );
});
