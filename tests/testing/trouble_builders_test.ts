import assert from "node:assert/strict";
import {
  createSimulator,
  fault,
  garbage,
  httpError,
  rateLimited,
  raw,
  type Turn,
  unauthorized,
  usageLimit,
} from "../../testing.ts";
import { ask, codeOf } from "./client.ts";

const NOW = "2027-01-15T08:00:00Z";

async function answerTo(turn: Turn): Promise<Response> {
  await using simulator = createSimulator({ now: NOW, turns: [turn], account: { plan: "pro" } });
  return await ask(simulator);
}

Deno.test("usageLimit() says in the body and in the headers until when", async () => {
  const response = await answerTo(usageLimit({ resetsIn: 600 }));
  assert.equal(response.status, 429);
  const resetsAt = Date.parse(NOW) / 1000 + 600;
  assert.equal(response.headers.get("x-codex-primary-used-percent"), "100");
  assert.equal(response.headers.get("x-codex-primary-reset-at"), String(resetsAt));
  assert.match(response.headers.get("x-request-id") ?? "", /^req_/);
  assert.deepEqual(await response.json(), {
    error: {
      type: "usage_limit_reached",
      message: "The usage limit has been reached",
      plan_type: "pro",
      resets_at: resetsAt,
      resets_in_seconds: 600,
      eligible_promo: null,
    },
  });
});

Deno.test("usageLimit() names another plan, or none, and leaves the instant out", async () => {
  const other = await (await answerTo(usageLimit({ plan: "team" }))).json();
  assert.equal(other.error.plan_type, "team");
  const response = await answerTo({ type: "usage-limit", plan: null });
  assert.equal(response.headers.has("x-codex-primary-reset-at"), false);
  assert.deepEqual((await response.json()).error, {
    type: "usage_limit_reached",
    message: "The usage limit has been reached",
    eligible_promo: null,
  });
});

Deno.test("rateLimited() says when to come back, if it is told to", async () => {
  for (const retryAfter of [2, "Fri, 15 Jan 2027 08:00:05 GMT"]) {
    const response = await answerTo(rateLimited({ retryAfter }));
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), String(retryAfter));
    assert.equal(codeOf(await response.json()), "rate_limit_exceeded");
  }
  assert.equal((await answerTo(rateLimited())).headers.has("retry-after"), false);
});

Deno.test("unauthorized() refuses as often as it says, with the code that it is given", async () => {
  await using simulator = createSimulator({ turns: [unauthorized({ times: 2 })] });
  for (const status of [401, 401, 200]) {
    const response = await ask(simulator);
    assert.equal(response.status, status);
    if (status === 401) assert.equal(codeOf(await response.json()), "token_expired");
    else await response.body?.cancel();
  }
  const revoked = await answerTo(unauthorized({ code: "token_revoked" }));
  assert.equal(codeOf(await revoked.json()), "token_revoked");
});

Deno.test("httpError() sends text as text, data as JSON, and nothing as nothing", async () => {
  const text = await answerTo(httpError(502, "<html>", { headers: { "cf-ray": "r" } }));
  assert.equal(text.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(text.headers.get("cf-ray"), "r");
  assert.equal(await text.text(), "<html>");
  const data = await answerTo(httpError(400, { detail: "no" }));
  assert.deepEqual(await data.json(), { detail: "no" });
  assert.equal(await (await answerTo(httpError(500))).text(), "");
});

Deno.test("a status that HTTP gives no body goes without one, however it comes about", async () => {
  for (const status of [204, 205, 304]) {
    await using simulator = createSimulator({
      turns: [httpError(status), httpError(status, ""), raw("", { status, reset: true })],
      faults: [fault("usage", { status, cutAfterBytes: 0 })],
    });
    const { baseUrl, issuer } = await simulator.listen();
    for (let turn = 0; turn < 3; turn++) {
      const response = await ask(simulator, undefined, { fetch, baseUrl: baseUrl.href });
      assert.deepEqual([response.status, await response.text()], [status, ""]);
    }
    const usage = await fetch(new URL("/backend-api/wham/usage", issuer));
    assert.deepEqual([usage.status, await usage.text()], [status, ""]);
  }
});

Deno.test("garbage() has no event in it, and is not even UTF-8", async () => {
  const response = await answerTo(garbage());
  assert.equal(response.status, 200);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  const text = new TextDecoder().decode(bytes);
  assert.doesNotMatch(text, /"type":"/);
  const page = await answerTo(garbage({ kind: "html" }));
  assert.equal(page.headers.get("content-type"), "text/html");
  await page.body?.cancel();
  assert.deepEqual(await (await answerTo(garbage({ kind: "json" }))).json(), {
    object: "response",
  });
});
