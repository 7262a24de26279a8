import assert from "node:assert/strict";
import { createSimulator, deviceLogin, type Simulator } from "../../../testing.ts";
import { CLIENT_ID, codeOf, ISSUER, postForm, postJson } from "../client.ts";

const NOW = "2027-01-15T08:00:00Z";

async function begin(simulator: Simulator): Promise<Record<string, unknown>> {
  const url = `${ISSUER}/api/accounts/deviceauth/usercode`;
  const response = await postJson(simulator, url, { client_id: CLIENT_ID });
  assert.equal(response.status, 200);
  return await response.json();
}

async function poll(
  simulator: Simulator,
  { device_auth_id, user_code }: Record<string, unknown>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const url = `${ISSUER}/api/accounts/deviceauth/token`;
  const response = await postJson(simulator, url, { device_auth_id, user_code });
  return { status: response.status, body: await response.json() };
}

function exchange(simulator: Simulator, grant: Record<string, unknown>): Promise<Response> {
  return postForm(simulator, `${ISSUER}/oauth/token`, {
    grant_type: "authorization_code",
    client_id: CLIENT_ID,
    code: String(grant["authorization_code"]),
    redirect_uri: `${ISSUER}/deviceauth/callback`,
    code_verifier: String(grant["code_verifier"]),
  });
}

Deno.test("the device flow is granted at the second poll, and its code gives tokens", async () => {
  await using simulator = createSimulator({ now: NOW, signedIn: false });
  const code = await begin(simulator);
  assert.deepEqual(Object.keys(code), ["device_auth_id", "user_code", "interval", "expires_at"]);
  assert.equal(code["interval"], "1");
  assert.equal(code["expires_at"], "2027-01-15T08:15:00.000000+00:00");
  const pending = await poll(simulator, code);
  assert.equal(pending.status, 403);
  assert.equal(codeOf(pending.body), "deviceauth_authorization_pending");
  const granted = await poll(simulator, code);
  assert.equal(granted.status, 200);
  const members = ["authorization_code", "code_challenge", "code_verifier"];
  for (const name of members) assert.equal(typeof granted.body[name], "string", name);
  assert.deepEqual(await poll(simulator, code), granted, "a lost grant can be asked for again");
  const tokens = await (await exchange(simulator, granted.body)).json();
  for (const name of ["id_token", "access_token", "refresh_token"]) {
    assert.equal(typeof tokens[name], "string", name);
  }
  assert.deepEqual(simulator.requests.map(({ route, status }) => `${route} ${status}`), [
    "device-code 200",
    "device-poll 403",
    "device-poll 200",
    "device-poll 200",
    "token 200",
  ]);
});

Deno.test("the device flow ends as the scenario says", async () => {
  for (
    const [outcome, code] of [
      ["deny", "deviceauth_authorization_denied"],
      ["expire", "deviceauth_authorization_expired"],
    ] as const
  ) {
    await using simulator = createSimulator(deviceLogin({ outcome, approveAfter: 1 }));
    const polled = await poll(simulator, await begin(simulator));
    assert.equal(polled.status, 403);
    assert.equal(codeOf(polled.body), code);
  }
});

Deno.test("a device code ends by itself after its time", async () => {
  await using simulator = createSimulator({ now: NOW, ...deviceLogin({ approveAfter: 9 }) });
  const code = await begin(simulator);
  await simulator.clock.advance(899_999);
  assert.equal(codeOf((await poll(simulator, code)).body), "deviceauth_authorization_pending");
  await simulator.clock.advance(1);
  assert.equal(codeOf((await poll(simulator, code)).body), "deviceauth_authorization_expired");
});

Deno.test("a poll is pending by 403, by 404 or by both in turn", async () => {
  for (
    const [pendingStatus, statuses] of [
      [403, [403, 403, 403]],
      [404, [404, 404, 404]],
      ["alternate", [403, 404, 403]],
    ] as const
  ) {
    await using simulator = createSimulator(deviceLogin({ pendingStatus, approveAfter: 4 }));
    const code = await begin(simulator);
    for (const status of statuses) assert.equal((await poll(simulator, code)).status, status);
    assert.equal((await poll(simulator, code)).status, 200);
  }
});

Deno.test("the interval is written as the scenario says, or left out", async () => {
  for (const interval of ["5", 5, " 2 "]) {
    await using simulator = createSimulator(deviceLogin({ interval }));
    assert.equal((await begin(simulator))["interval"], interval);
  }
  await using simulator = createSimulator(deviceLogin({ interval: null, expiresIn: null }));
  assert.deepEqual(Object.keys(await begin(simulator)), ["device_auth_id", "user_code"]);
});

Deno.test("device sign-in is switched off for a server by 404, for an account by silence", async () => {
  await using server = createSimulator(deviceLogin({ disabled: true }));
  const url = `${ISSUER}/api/accounts/deviceauth/usercode`;
  assert.equal((await postJson(server, url, { client_id: CLIENT_ID })).status, 404);
  await using account = createSimulator(deviceLogin({ disabled: "account" }));
  const code = await begin(account);
  for (let time = 0; time < 5; time++) {
    assert.equal(codeOf((await poll(account, code)).body), "deviceauth_authorization_pending");
  }
});

Deno.test("a poll that comes too early is told to slow down, where that is switched on", async () => {
  await using simulator = createSimulator({
    now: NOW,
    ...deviceLogin({ slowDown: true, interval: "5", approveAfter: 3 }),
  });
  const code = await begin(simulator);
  assert.equal(codeOf((await poll(simulator, code)).body), "deviceauth_authorization_pending");
  assert.equal(codeOf((await poll(simulator, code)).body), "slow_down");
  await simulator.clock.advance(5000);
  assert.equal((await poll(simulator, code)).status, 200);
});

Deno.test("a poll must name a code that was given, by both its names", async () => {
  await using simulator = createSimulator(deviceLogin({ approveAfter: 1 }));
  const code = await begin(simulator);
  const other = await begin(simulator);
  const mixed = { ...code, user_code: other["user_code"] };
  for (const wrong of [mixed, {}, { ...code, device_auth_id: "deviceauth_x" }]) {
    const { status, body } = await poll(simulator, wrong);
    assert.equal(status, 403);
    assert.equal(codeOf(body), "deviceauth_authorization_unknown");
  }
});

Deno.test("a device code is only given to the public client", async () => {
  await using simulator = createSimulator();
  const url = `${ISSUER}/api/accounts/deviceauth/usercode`;
  assert.equal((await postJson(simulator, url, { client_id: "app_other" })).status, 400);
});

Deno.test("the device page decides in a browser, and shows nothing unescaped", async () => {
  await using simulator = createSimulator(deviceLogin({ approveAfter: "page" }));
  const page = `${ISSUER}/codex/device`;
  assert.match(await (await simulator.fetch(page)).text(), /<form method="post">/);
  const code = await begin(simulator);
  assert.equal((await poll(simulator, code)).status, 403);
  const typed = String(code["user_code"]).toLowerCase();
  const unknown = await postForm(simulator, page, { user_code: "<b>" });
  assert.equal(unknown.status, 400);
  assert.doesNotMatch(await unknown.text(), /<b>/);
  assert.equal((await postForm(simulator, page, { user_code: typed })).status, 200);
  assert.equal((await poll(simulator, code)).status, 200);

  const denied = await begin(simulator);
  const user_code = String(denied["user_code"]);
  await postForm(simulator, page, { user_code, decision: "deny" });
  assert.equal(codeOf((await poll(simulator, denied)).body), "deviceauth_authorization_denied");
});
