import assert from "node:assert/strict";
import { browserLogin, createSimulator, type Scenario } from "../../../testing.ts";
import { challengeOf } from "../../../src/testing/jwt.ts";
import { claimsOf, CLIENT_ID, ISSUER, postForm } from "../client.ts";

const VERIFIER = "v".repeat(86);
const REDIRECT = "http://127.0.0.1:1455/auth/callback";

async function authorize(
  scenario: Scenario,
  changes: Record<string, string | undefined> = {},
): Promise<Response> {
  await using simulator = createSimulator(scenario);
  return await simulator.fetch(await address(changes), { redirect: "manual" });
}

async function address(changes: Record<string, string | undefined> = {}): Promise<URL> {
  const url = new URL(`${ISSUER}/oauth/authorize`);
  const query = {
    response_type: "code",
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT,
    code_challenge: await challengeOf(VERIFIER),
    code_challenge_method: "S256",
    state: "the-state",
    scope: "openid profile email offline_access",
    ...changes,
  };
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

function locationOf(response: Response): URL {
  assert.equal(response.status, 302);
  return new URL(response.headers.get("location") ?? "");
}

Deno.test("authorize sends the browser back with a code and the state, and the code is good", async () => {
  await using simulator = createSimulator();
  const answer = await simulator.fetch(await address(), { redirect: "manual" });
  const back = locationOf(answer);
  assert.equal(back.origin + back.pathname, REDIRECT);
  assert.equal(back.searchParams.get("state"), "the-state");
  const tokens = await postForm(simulator, `${ISSUER}/oauth/token`, {
    grant_type: "authorization_code",
    client_id: CLIENT_ID,
    code: back.searchParams.get("code") ?? "",
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
  });
  assert.equal(tokens.status, 200);
  await tokens.body?.cancel();
});

Deno.test("authorize knows four redirect addresses, and no other", async () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    for (const port of [1455, 1457]) {
      const redirect_uri = `http://${host}:${port}/auth/callback`;
      assert.ok(locationOf(await authorize({}, { redirect_uri })).href.startsWith(redirect_uri));
    }
  }
  for (
    const redirect_uri of [
      "http://127.0.0.1:1456/auth/callback",
      "http://127.0.0.1/auth/callback",
      "https://127.0.0.1:1455/auth/callback",
      "http://[::1]:1455/auth/callback",
      "http://127.0.0.1:1455/callback",
      "http://127.0.0.1:1455/auth/callback?x=1",
      "http://evil.example:1455/auth/callback",
      "not an address",
      undefined,
    ]
  ) {
    const answer = await authorize({}, { redirect_uri });
    assert.equal(answer.status, 400, redirect_uri);
    assert.equal(answer.headers.get("location"), null);
    await answer.body?.cancel();
  }
});

Deno.test("authorize takes any loopback port where the scenario allows it", async () => {
  const redirect_uri = "http://127.0.0.1:40123/auth/callback";
  const answer = await authorize(browserLogin({ anyPort: true }), { redirect_uri });
  assert.equal(locationOf(answer).port, "40123");
});

Deno.test("authorize refuses what a correct client does not send", async () => {
  for (
    const changes of [
      { client_id: "app_other" },
      { response_type: "token" },
      { code_challenge_method: "plain" },
      { code_challenge_method: undefined },
      { code_challenge: "short" },
      { code_challenge: undefined },
      { state: undefined },
      { scope: "profile" },
      { allowed_workspace_id: "acct-somebody-else" },
    ]
  ) {
    const answer = await authorize({}, changes);
    assert.equal(answer.status, 400, JSON.stringify(changes));
    await answer.body?.cancel();
  }
});

Deno.test("authorize goes wrong in the ways that the scenario says", async () => {
  const denied = locationOf(
    await authorize(browserLogin({ outcome: "deny", description: "missing_codex_entitlement" })),
  ).searchParams;
  assert.deepEqual(Object.fromEntries(denied), {
    error: "access_denied",
    error_description: "missing_codex_entitlement",
    state: "the-state",
  });
  const query = async (outcome: "wrong-state" | "no-state" | "no-code") =>
    locationOf(await authorize(browserLogin({ outcome }))).searchParams;
  assert.equal((await query("wrong-state")).get("state"), "another-state");
  assert.equal((await query("no-state")).has("state"), false);
  assert.equal((await query("no-code")).has("code"), false);
  const never = await authorize(browserLogin({ outcome: "never" }));
  assert.equal(never.status, 200);
  await never.body?.cancel();
});

Deno.test("authorize asks in a browser, and both links lead on", async () => {
  await using simulator = createSimulator(browserLogin({ outcome: "page" }));
  const url = await address({ originator: '"><script>' });
  const html = await (await simulator.fetch(url)).text();
  assert.doesNotMatch(html, /<script>/);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href = ""]) =>
    new URL(href.replaceAll("&#38;", "&").replaceAll("&#39;", "'"), ISSUER)
  );
  assert.equal(links.length, 2);
  const [approve = url, deny = url] = links;
  const yes = await simulator.fetch(approve, { redirect: "manual" });
  assert.ok(locationOf(yes).searchParams.has("code"));
  const no = await simulator.fetch(deny, { redirect: "manual" });
  assert.equal(locationOf(no).searchParams.get("error"), "access_denied");
});

Deno.test("authorize signs in to the workspace that is asked for", async () => {
  await using simulator = createSimulator({
    account: { workspaces: [{ id: "acct-1", plan: "plus" }, { id: "acct-2", plan: "business" }] },
  });
  const url = await address({ allowed_workspace_id: "acct-9,acct-2" });
  const back = locationOf(await simulator.fetch(url, { redirect: "manual" }));
  const response = await postForm(simulator, `${ISSUER}/oauth/token`, {
    grant_type: "authorization_code",
    client_id: CLIENT_ID,
    code: back.searchParams.get("code") ?? "",
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
  });
  const { id_token } = await response.json();
  const claim = Object(claimsOf(id_token)["https://api.openai.com/auth"]);
  assert.equal(claim.chatgpt_account_id, "acct-2");
  assert.equal(claim.chatgpt_plan_type, "business");
});
