import assert from "node:assert/strict";
import { fetchLimits } from "../../src/responses/usage.ts";
import { fail, hang, json, ScriptedFetch, text } from "../support/scripted_fetch.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { API_KEY, CHATGPT, codexErrorOf, FakeSession, TOKEN } from "./fakes.ts";

const BODY = {
  plan_type: "plus",
  rate_limit: {
    primary_window: {
      used_percent: 37,
      limit_window_seconds: 18_000,
      reset_at: 1_900_000_000,
    },
  },
};

function deps(net: ScriptedFetch, session = new FakeSession()) {
  const identity = { originator: "codex_test", "user-agent": "codex_test/0.1.0" };
  return { session, fetch: net.fetch, clock: new ManualClock(), identity };
}

Deno.test("fetchLimits() asks beside the base URL, as the account, and shows the answer", async () => {
  const net = new ScriptedFetch(json(BODY));
  assert.deepEqual(await fetchLimits(deps(net)), {
    plan: "plus",
    primary: { usedPercent: 37, windowSeconds: 18_000, resetsAt: "2030-03-17T17:46:40.000Z" },
  });
  const { method, url, headers } = net.request(0);
  assert.equal(`${method} ${url}`, "GET https://chat.test/backend-api/wham/usage");
  assert.equal(headers.get("authorization"), `Bearer ${TOKEN}`);
  assert.equal(headers.get("chatgpt-account-id"), "acct-1");
  assert.equal(headers.get("user-agent"), "codex_test/0.1.0");
});

Deno.test("fetchLimits() has the sign-in renewed once after a 401", async () => {
  const other = { ...CHATGPT, headers: { authorization: "Bearer another-token" } };
  const session = new FakeSession(CHATGPT, other);
  const net = new ScriptedFetch(json({}, 401), json(BODY));
  await fetchLimits(deps(net, session));
  assert.equal(session.asked[1]?.rejected, CHATGPT);
  assert.equal(net.request(1).headers.get("authorization"), "Bearer another-token");
  const twice = new ScriptedFetch(json({}, 401), json({}, 401));
  assert.equal((await codexErrorOf(fetchLimits(deps(twice)))).code, "sign_in_rejected");
});

Deno.test("fetchLimits() refuses an API key, which has no plan", async () => {
  const net = new ScriptedFetch();
  const error = await codexErrorOf(fetchLimits(deps(net, new FakeSession(API_KEY))));
  assert.equal(error.code, "invalid_usage");
  assert.equal(net.requests.length, 0);
});

Deno.test("fetchLimits() tells every failure in our codes", async () => {
  const codeOf = async (net: ScriptedFetch) => (await codexErrorOf(fetchLimits(deps(net)))).code;
  assert.equal(await codeOf(new ScriptedFetch(json({ detail: "x" }, 403))), "invalid_request");
  assert.equal(await codeOf(new ScriptedFetch(text("<html>", 503))), "overloaded");
  assert.equal(await codeOf(new ScriptedFetch(json({ something: "else" }))), "overloaded");
  assert.equal(await codeOf(new ScriptedFetch(fail())), "network");
});

Deno.test("fetchLimits() ends with the signal's reason, and by itself after 15 s", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const aborted = fetchLimits(deps(new ScriptedFetch(hang())), { signal });
  await assert.rejects(aborted, reason);
  const slow = deps(new ScriptedFetch(hang()));
  const ended = codexErrorOf(fetchLimits(slow));
  await slow.clock.advance(15_000);
  assert.equal((await ended).code, "network");
});
