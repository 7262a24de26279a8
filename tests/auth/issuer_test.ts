import assert from "node:assert/strict";
import { type IssuerOptions, isTransient, post, refusal } from "../../src/auth/issuer.ts";
import type { Answer } from "../../src/base/http.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { fail, hang, json, ScriptedFetch, text } from "../support/scripted_fetch.ts";
import { assertSilent, failure, IDENTITY } from "./sign_ins.ts";

const URL_ = "https://issuer.test/oauth/token";

function setUp(net: ScriptedFetch, clock = new ManualClock()): IssuerOptions {
  return { issuer: "https://issuer.test", fetch: net.fetch, clock, identity: IDENTITY };
}

function answer(status: number, body: unknown): Answer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: new Headers(), text };
}

/** What a refusal says. */
function told(status: number, body: unknown, secrets: readonly string[] = []): string {
  return refusal("The sign-in", answer(status, body), URL_, secrets).message;
}

Deno.test("post() sends JSON with our own name on it", async () => {
  const net = new ScriptedFetch(json({ a: 1 }));
  const { status, text } = await post(URL_, '{"b":2}', setUp(net));
  assert.deepEqual([status, text], [200, '{"a":1}']);
  const { method, url, body, headers, redirect } = net.request(0);
  assert.deepEqual([method, url.href, body, redirect], ["POST", URL_, '{"b":2}', "manual"]);
  assert.deepEqual([...headers], [
    ["accept", "application/json"],
    ["content-type", "application/json"],
    ["originator", "codex_test"],
    ["user-agent", "codex_test/0 (none; none)"],
  ]);
});

Deno.test("post() sends a form as a form", async () => {
  const net = new ScriptedFetch(json({}));
  await post(URL_, new URLSearchParams([["a", "1 &"], ["b", "é"]]), setUp(net));
  assert.equal(net.request(0).body, "a=1+%26&b=%C3%A9");
  assert.equal(
    net.request(0).headers.get("content-type"),
    "application/x-www-form-urlencoded",
  );
});

Deno.test("post() gives every status to its caller but a redirect", async () => {
  for (const status of [200, 400, 401, 403, 404, 429, 500, 503]) {
    const net = new ScriptedFetch(text("x", status));
    assert.equal((await post(URL_, "{}", setUp(net))).status, status);
  }
  const net = new ScriptedFetch(text("", 307, { location: "https://elsewhere.test/x" }));
  const error = await failure(post(URL_, "{}", setUp(net)), "network");
  assert.match(error.message, /redirect to elsewhere.test/);
  assert.equal(error.retryable, false);
  assert.equal(net.requests.length, 1);
});

Deno.test("post() gives up after 30 s and leaves no timer", async () => {
  const clock = new ManualClock();
  const waiting = failure(post(URL_, "{}", setUp(new ScriptedFetch(hang()), clock)), "network");
  await clock.advance(29_999);
  assert.equal(clock.pending, 1);
  await clock.advance(1);
  assert.match((await waiting).message, /No answer from issuer.test within 30 s/);
  assert.equal(clock.pending, 0);
});

Deno.test("post() tells a connection that fails, and rejects with the reason of an abort", async () => {
  const clock = new ManualClock();
  await failure(post(URL_, "{}", setUp(new ScriptedFetch(fail()), clock)), "network");
  const controller = new AbortController();
  const options = { ...setUp(new ScriptedFetch(hang()), clock), signal: controller.signal };
  const aborted = assert.rejects(post(URL_, "{}", options), (error) => error === "enough");
  await clock.advance(1000);
  controller.abort("enough");
  await aborted;
  assert.equal(clock.pending, 0);
});

Deno.test("isTransient() tells later from no", () => {
  for (const later of [408, 425, 429, 500, 502, 503, 504, 529]) assert.ok(isTransient(later));
  for (const no of [200, 304, 400, 401, 403, 404, 409, 410, 422]) assert.ok(!isTransient(no));
});

Deno.test("refusal() is a matter of time for what may pass", () => {
  for (const status of [408, 425, 500, 502, 503, 504]) {
    const error = refusal("The sign-in", answer(status, "<html>"), URL_, []);
    assert.equal(error.code, "overloaded");
    assert.equal(error.message, `issuer.test cannot answer at the moment (status ${status})`);
    assert.deepEqual([error.retryable, error.status], [true, status]);
  }
  const error = refusal("The sign-in", answer(429, { error: "slow_down" }), URL_, []);
  assert.deepEqual([error.code, error.retryable, error.status], ["rate_limit", true, 429]);
});

Deno.test("refusal() takes a web page for something in front of the issuer, and not for its word", () => {
  for (const page of [answer(403, "<!DOCTYPE html>"), answer(404, " <html lang=en>")]) {
    const error = refusal("The refresh", page, URL_, []);
    assert.deepEqual([error.code, error.retryable, error.status], ["network", false, page.status]);
    assert.match(
      error.message,
      /^The request was blocked in front of issuer\.test \(status 40[34]\)$/,
    );
  }
  const headers = new Headers({ "content-type": "text/html; charset=utf-8" });
  assert.equal(refusal("It", { status: 403, headers, text: "No" }, URL_, []).code, "network");
});

Deno.test("refusal() says what the issuer said, the description first", () => {
  const all = { error: { code: "c", message: "inner" }, error_description: "outer", code: "d" };
  assert.equal(told(400, all), "The sign-in was refused: outer (status 400)");
  assert.equal(
    told(400, { error: { code: "c", message: "inner" } }),
    told(400, { message: "inner" }),
  );
  assert.equal(
    told(400, { error: "only_code" }),
    "The sign-in was refused: only_code (status 400)",
  );
  assert.equal(
    told(422, { error: { code: "Inner" } }),
    "The sign-in was refused: inner (status 422)",
  );
  for (const body of ["", "not json", "null", [], { error: 5 }, { error: { message: "" } }]) {
    assert.equal(told(403, body), "The sign-in was refused: no reason given (status 403)");
  }
  const error = refusal("The sign-in", answer(400, all), URL_, []);
  assert.deepEqual([error.code, error.retryable, error.status], ["sign_in_rejected", false, 400]);
});

Deno.test("refusal() tells a country that is not served from everything else", () => {
  const code = "unsupported_country_region_territory";
  for (const body of [{ error: { code, message: "m" } }, { error: code }, { code }]) {
    const error = refusal("The sign-in", answer(403, body), URL_, []);
    assert.equal(error.code, "sign_in_rejected");
    assert.match(error.message, /does not answer from this country or region/);
    assert.match(error.hint ?? "", /HTTPS_PROXY/);
  }
});

Deno.test("refusal() tells a workspace without Codex from everything else, however it is put", () => {
  const bodies = [
    { error: "access_denied", error_description: "x Missing_Codex_Entitlement y" },
    { error: { code: "missing_codex_entitlement", message: "m" } },
    { code: "MISSING_CODEX_ENTITLEMENT" },
  ];
  for (const body of bodies) {
    const error = refusal("The sign-in", answer(403, body), URL_, []);
    assert.deepEqual([error.code, error.status], ["plan_not_included", 403]);
    assert.match(error.hint ?? "", /administrator/);
  }
});

Deno.test("refusal() tells no secret, not even one that comes back in lower case", () => {
  const secret = "Weird Secret/With=Signs";
  for (
    const body of [
      { error_description: `no ${secret} here` },
      { error: { message: `no ${secret} here` } },
      { error: `no ${secret} here` },
      { code: `no ${secret} here` },
      { error_description: `no ${encodeURIComponent(secret)} here` },
      { error: { code: "c", message: "token eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln" } },
    ]
  ) {
    const error = refusal("The sign-in", answer(400, body), URL_, [secret]);
    assertSilent(error, [secret, "eyJhbGciOiJub25lIn0", encodeURIComponent(secret)]);
    assert.match(error.message, /\*\*\*/);
  }
});

Deno.test("refusal() keeps what it quotes short, on one line and without control characters", () => {
  assert.ok(told(400, { error_description: "x".repeat(1_000_000) }).length < 400);
  assert.equal(
    told(400, { error_description: "\n a\r\nb\u001b[2J\u0007c\u202ed\u2028e \n" }),
    "The sign-in was refused: a b [2J c d e (status 400)",
  );
  assert.equal(told(400, { error: "\n" }), "The sign-in was refused: no reason given (status 400)");
});
