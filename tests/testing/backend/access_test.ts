import assert from "node:assert/strict";
import { createSimulator, type Simulator } from "../../../testing.ts";
import { admission, BACKEND, codeOf, refresh } from "../client.ts";

async function usage(
  simulator: Simulator,
  headers: Record<string, string>,
): Promise<{ status: number; body: unknown }> {
  const response = await simulator.fetch(`${BACKEND}/wham/usage`, { headers });
  return { status: response.status, body: await response.json() };
}

Deno.test("the backend takes only access tokens that the simulator gave out", async () => {
  await using simulator = createSimulator();
  const account = { "chatgpt-account-id": "acct-simulator-0001" };
  assert.equal((await usage(simulator, account)).status, 401);
  for (const authorization of ["Bearer made-up", "Basic eDp5", "Bearer ", "made-up"]) {
    assert.equal((await usage(simulator, { ...account, authorization })).status, 401);
  }
  assert.equal((await usage(simulator, admission(simulator))).status, 200);
});

Deno.test("the backend refuses an access token from the instant on at which it expires", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    tokens: { lifetimeSeconds: 60 },
  });
  const headers = admission(simulator);
  await simulator.clock.advance(59_999);
  assert.equal((await usage(simulator, headers)).status, 200);
  await simulator.clock.advance(1);
  const { status, body } = await usage(simulator, headers);
  assert.equal(status, 401);
  assert.equal(codeOf(body), "token_expired");
  assert.equal(Reflect.get(Object(body), "status"), 401);
});

Deno.test("the backend takes only the newest token of a sign-in where that is switched on", async () => {
  for (const newestTokenOnly of [true, false]) {
    await using simulator = createSimulator({ rules: { newestTokenOnly } });
    const made = simulator.signIn();
    const headers = {
      authorization: `Bearer ${made.access}`,
      "chatgpt-account-id": made.accountId ?? "",
    };
    const other = admission(simulator);
    const renewed = (await refresh(simulator, made.refresh)).body["access_token"];
    const old = await usage(simulator, headers);
    assert.equal(old.status, newestTokenOnly ? 401 : 200);
    if (newestTokenOnly) assert.equal(codeOf(old.body), "token_invalidated");
    const fresh = { ...headers, authorization: `Bearer ${renewed}` };
    assert.equal((await usage(simulator, fresh)).status, 200);
    assert.equal((await usage(simulator, other)).status, 200, "another sign-in is not concerned");
  }
});

Deno.test("the backend wants the account named, and one that the user is a member of", async () => {
  await using simulator = createSimulator({
    account: { workspaces: [{ id: "acct-1", plan: "plus" }, { id: "acct-2", plan: "team" }] },
  });
  const { authorization = "" } = admission(simulator);
  assert.equal((await usage(simulator, { authorization })).status, 401);
  const as = (id: string) => usage(simulator, { authorization, "chatgpt-account-id": id });
  assert.equal(Reflect.get(Object((await as("acct-2")).body), "plan_type"), "team");
  assert.equal((await as("acct-3")).status, 403);
  await using lax = createSimulator({ rules: { accountHeader: "optional" } });
  const bearer = admission(lax)["authorization"] ?? "";
  assert.equal((await usage(lax, { authorization: bearer })).status, 200);
});
