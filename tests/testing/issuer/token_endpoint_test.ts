import assert from "node:assert/strict";
import { createSimulator, refreshRotates, type Simulator } from "../../../testing.ts";
import { challengeOf } from "../../../src/testing/jwt.ts";
import {
  admission,
  BACKEND,
  claimsOf,
  CLIENT_ID,
  codeOf,
  ISSUER,
  postForm,
  postJson,
  refresh,
} from "../client.ts";

const VERIFIER = "verifier-".repeat(9);
const REDIRECT = "http://localhost:1455/auth/callback";

/** A code, as the browser brings it. */
async function newCode(simulator: Simulator): Promise<string> {
  const url = new URL(`${ISSUER}/oauth/authorize`);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT,
    code_challenge: await challengeOf(VERIFIER),
    code_challenge_method: "S256",
    state: "s",
    scope: "openid",
  }).toString();
  const answer = await simulator.fetch(url, { redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

async function exchange(
  simulator: Simulator,
  changes: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await postForm(simulator, `${ISSUER}/oauth/token`, {
    grant_type: "authorization_code",
    client_id: CLIENT_ID,
    code: changes["code"] ?? await newCode(simulator),
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    ...changes,
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("a code gives the tokens that the service gives, with their claims", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    account: { email: "eve@example.com", plan: "pro", id: "acct-7", userId: "user-7" },
  });
  const { status, body } = await exchange(simulator);
  assert.equal(status, 200);
  assert.equal(body["token_type"], "Bearer");
  assert.equal(body["expires_in"], 864_000);
  const now = Date.parse("2027-01-15T08:00:00Z") / 1000;
  const access = claimsOf(body["access_token"]);
  assert.equal(access["exp"], now + 864_000);
  const id = claimsOf(body["id_token"]);
  assert.equal(id["email"], "eve@example.com");
  for (const claims of [access, id]) {
    const own = Object(claims["https://api.openai.com/auth"]);
    assert.equal(own.chatgpt_account_id, "acct-7");
    assert.equal(own.chatgpt_plan_type, "pro");
    assert.equal(own.chatgpt_user_id, "user-7");
  }
  assert.equal(Object(access["https://api.openai.com/profile"]).email, "eve@example.com");
  for (const name of ["access_token", "id_token"]) {
    assert.match(String(body[name]), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  }
});

Deno.test("a code is good once, for its redirect address, its client and its verifier", async () => {
  await using simulator = createSimulator({ now: "2027-01-15T08:00:00Z" });
  const code = await newCode(simulator);
  assert.equal((await exchange(simulator, { code })).status, 200);
  assert.equal((await exchange(simulator, { code })).body["error"], "invalid_grant");
  for (
    const wrong of [
      { redirect_uri: "http://127.0.0.1:1455/auth/callback" },
      { code_verifier: "x".repeat(86) },
      { code_verifier: "short" },
      { code: "ac_unknown" },
    ]
  ) {
    const { status, body } = await exchange(simulator, wrong);
    assert.equal(status, 400, JSON.stringify(wrong));
    assert.equal(body["error"], "invalid_grant");
  }
  assert.equal(
    (await exchange(simulator, { client_id: "app_other" })).body["error"],
    "invalid_client",
  );
  const late = await newCode(simulator);
  await simulator.clock.advance(600_000);
  assert.equal((await exchange(simulator, { code: late })).body["error"], "invalid_grant");
});

Deno.test("of two exchanges of one code at once, one succeeds", async () => {
  await using simulator = createSimulator();
  const code = await newCode(simulator);
  const both = await Promise.all([exchange(simulator, { code }), exchange(simulator, { code })]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 400]);
});

Deno.test("a code is exchanged as a form, with every field", async () => {
  await using simulator = createSimulator();
  const json = await postJson(simulator, `${ISSUER}/oauth/token`, {
    grant_type: "authorization_code",
    client_id: CLIENT_ID,
  });
  assert.equal(json.status, 400);
  assert.equal((await exchange(simulator, { code: "" })).body["error"], "invalid_request");
  const other = await postForm(simulator, `${ISSUER}/oauth/token`, { grant_type: "password" });
  assert.equal((await other.json()).error, "unsupported_grant_type");
});

Deno.test("the scenario makes tokens opaque, or leaves claims and members out", async () => {
  await using opaque = createSimulator({ tokens: { opaqueAccess: true, lifetimeSeconds: 60 } });
  const { body } = await exchange(opaque);
  assert.doesNotMatch(String(body["access_token"]), /\./);
  assert.equal(body["expires_in"], 60);
  const headers = { authorization: `Bearer ${body["access_token"]}` };
  const usage = await opaque.fetch(`${BACKEND}/wham/usage`, {
    headers: { ...headers, "chatgpt-account-id": "acct-simulator-0001" },
  });
  assert.equal(usage.status, 200);

  await using bare = createSimulator({
    tokens: {
      omitClaims: ["exp", "chatgpt_account_id", "email"],
      omitFields: ["refresh_token", "expires_in"],
    },
  });
  const tokens = (await exchange(bare)).body;
  assert.equal("refresh_token" in tokens || "expires_in" in tokens, false);
  const claims = claimsOf(tokens["access_token"]);
  assert.equal("exp" in claims, false);
  assert.equal("chatgpt_account_id" in Object(claims["https://api.openai.com/auth"]), false);
  assert.equal("email" in claimsOf(tokens["id_token"]), false);
});

Deno.test("a refresh rotates, as JSON and as a form, and refuses the token that was spent", async () => {
  for (const how of [postJson, postForm]) {
    await using simulator = createSimulator();
    const first = simulator.signIn();
    const second = await refresh(simulator, first.refresh, how);
    assert.equal(second.status, 200);
    assert.notEqual(second.body["refresh_token"], first.refresh);
    assert.notEqual(second.body["access_token"], first.access);
    const reused = await refresh(simulator, first.refresh, how);
    assert.equal(reused.status, 401);
    assert.equal(codeOf(reused.body), "refresh_token_reused");
    assert.deepEqual(Object.keys(Object(reused.body["error"])), [
      "message",
      "type",
      "param",
      "code",
    ]);
    const third = await refresh(simulator, String(second.body["refresh_token"]), how);
    assert.equal(third.status, 200, "the family goes on");
  }
});

Deno.test("a refused reuse ends the whole sign-in where the scenario says so", async () => {
  await using simulator = createSimulator(refreshRotates({ revokeFamily: true }));
  const first = simulator.signIn();
  const second = await refresh(simulator, first.refresh);
  assert.equal((await refresh(simulator, first.refresh)).status, 401);
  const third = await refresh(simulator, String(second.body["refresh_token"]));
  assert.equal(codeOf(third.body), "refresh_token_invalidated");
});

Deno.test("a spent refresh token is still taken within the grace", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    ...refreshRotates({ graceSeconds: 30 }),
  });
  const { refresh: token } = simulator.signIn();
  assert.equal((await refresh(simulator, token)).status, 200);
  await simulator.clock.advance(30_000);
  assert.equal((await refresh(simulator, token)).status, 200);
  await simulator.clock.advance(1);
  assert.equal((await refresh(simulator, token)).status, 401);
});

Deno.test("a refresh keeps its token where rotation is off, and reuse where that is not looked for", async () => {
  await using still = createSimulator(refreshRotates({ rotate: false }));
  const { refresh: token } = still.signIn();
  for (let time = 0; time < 3; time++) {
    assert.equal((await refresh(still, token)).body["refresh_token"], token);
  }
  await using lax = createSimulator(refreshRotates({ detectReuse: false }));
  const other = lax.signIn().refresh;
  assert.equal((await refresh(lax, other)).status, 200);
  assert.equal((await refresh(lax, other)).status, 200);
});

Deno.test("a refresh leaves members out, or names another workspace", async () => {
  await using simulator = createSimulator(
    refreshRotates({ omitFields: ["id_token", "refresh_token"], switchTo: "acct-other" }),
  );
  const { body } = await refresh(simulator, simulator.signIn().refresh);
  assert.equal("id_token" in body || "refresh_token" in body, false);
  const own = Object(claimsOf(body["access_token"])["https://api.openai.com/auth"]);
  assert.equal(own.chatgpt_account_id, "acct-other");
});

Deno.test("a refresh token must be there, be known and come from the public client", async () => {
  await using simulator = createSimulator();
  assert.equal((await refresh(simulator, "")).status, 400);
  const unknown = await refresh(simulator, "rt_unknown");
  assert.equal(unknown.status, 401);
  assert.equal(codeOf(unknown.body), "refresh_token_invalidated");
  const other = await postJson(simulator, `${ISSUER}/oauth/token`, {
    client_id: "app_other",
    grant_type: "refresh_token",
    refresh_token: simulator.signIn().refresh,
  });
  assert.equal(other.status, 401);
  assert.equal((await other.json()).error, "invalid_client");
});

Deno.test("revoking ends a sign-in: neither of its tokens is good any more", async () => {
  for (const kind of ["refresh", "access"] as const) {
    await using simulator = createSimulator();
    const made = simulator.signIn();
    const response = await postJson(simulator, `${ISSUER}/oauth/revoke`, {
      token: made[kind],
      token_type_hint: `${kind}_token`,
      ...(kind === "refresh" ? { client_id: CLIENT_ID } : {}),
    });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {});
    const refused = await refresh(simulator, made.refresh);
    assert.equal(codeOf(refused.body), "refresh_token_invalidated");
    const usage = await simulator.fetch(`${BACKEND}/wham/usage`, {
      headers: { ...admission(simulator), authorization: `Bearer ${made.access}` },
    });
    assert.equal(usage.status, 401);
    assert.equal(codeOf(await usage.json()), "token_revoked");
  }
});

Deno.test("revoking an unknown token is no mistake, revoking none is", async () => {
  await using simulator = createSimulator();
  const send = (body: unknown) => postJson(simulator, `${ISSUER}/oauth/revoke`, body);
  const hint = { token_type_hint: "refresh_token" };
  assert.equal((await send({ token: "rt_x", client_id: CLIENT_ID, ...hint })).status, 200);
  assert.equal((await send({ client_id: CLIENT_ID, ...hint })).status, 400);
  assert.equal((await send({ token: "rt_x", ...hint })).status, 401);
});

Deno.test("an id token is exchanged for an API key only where the scenario has one", async () => {
  const body = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    client_id: CLIENT_ID,
    requested_token: "openai-api-key",
  };
  await using without = createSimulator();
  assert.equal((await postForm(without, `${ISSUER}/oauth/token`, body)).status, 400);
  assert.equal(without.requests[0]?.route, "api-key-exchange");
  await using having = createSimulator({ browser: { apiKey: "sk-from-exchange" } });
  const response = await postForm(having, `${ISSUER}/oauth/token`, body);
  assert.deepEqual(await response.json(), { access_token: "sk-from-exchange" });
});

Deno.test("nobody holds a personal access token here", async () => {
  await using simulator = createSimulator();
  const url = `${ISSUER}/api/accounts/v1/user-auth-credential/whoami`;
  const response = await simulator.fetch(url, { headers: { authorization: "Bearer at-x" } });
  assert.equal(response.status, 401);
});
