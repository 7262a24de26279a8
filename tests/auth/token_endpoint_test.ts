import assert from "node:assert/strict";
import type { IssuerOptions } from "../../src/auth/issuer.ts";
import {
  exchangeCode,
  type RefreshOutcome,
  refreshTokens,
  revoke,
} from "../../src/auth/token_endpoint.ts";
import type { ErrorCode } from "../../src/base/errors.ts";
import exchanges from "../fixtures/auth/code_exchange.json" with { type: "json" };
import refreshes from "../fixtures/auth/refresh.json" with { type: "json" };
import { ManualClock } from "../support/manual_clock.ts";
import { fail, type Handler, hang, json, ScriptedFetch, text } from "../support/scripted_fetch.ts";
import { assertSilent, failure, IDENTITY, NOW } from "./sign_ins.ts";

const ISSUER = "https://issuer.test";
const REFRESH = "rt_sim_seed";
const CODE = {
  code: "ac_sim_1",
  redirectUri: "http://127.0.0.1:8080/deviceauth/callback",
  codeVerifier: "verifier-sim-0123456789012345678901234567890123456789",
};

/** The token endpoint with scripted answers. */
class Endpoint {
  readonly clock = new ManualClock();
  readonly controller = new AbortController();
  readonly net: ScriptedFetch;
  /** When each request was made, in milliseconds since the beginning. */
  readonly times: number[] = [];

  constructor(...handlers: readonly Handler[]) {
    this.net = new ScriptedFetch(...handlers.map((handler): Handler => (request) => {
      this.times.push(this.clock.now() - NOW);
      return handler(request);
    }));
  }

  get options(): IssuerOptions {
    const { clock, controller: { signal } } = this;
    return { issuer: ISSUER, fetch: this.net.fetch, clock, identity: IDENTITY, signal };
  }

  async refresh(): Promise<RefreshOutcome> {
    const outcome = await this.clock.run(refreshTokens(REFRESH, "proactive_expiry", this.options));
    this.assertOver();
    return outcome;
  }

  async refreshFails(code: ErrorCode): Promise<string> {
    const work = refreshTokens(REFRESH, "proactive_expiry", this.options);
    const error = await this.clock.run(failure(work, code));
    assertSilent(error, [REFRESH]);
    this.assertOver();
    return error.message;
  }

  assertOver(): void {
    assert.equal(this.clock.pending, 0, "a timer was left");
    assert.equal(this.net.remaining, 0, "too few requests were made");
  }
}

function recorded(name: string): Handler {
  const row = refreshes.find((row) => row.case === name);
  assert.ok(row);
  return text(row.body, row.status);
}

const TOKENS = { access_token: "access-2", refresh_token: "rt_sim_2" };

// What each recorded answer to the exchange makes of us. The official client takes an empty
// refresh token, with which nobody can renew anything, and wants an id token, which nobody needs.
const AFTER_EXCHANGE: Readonly<Record<string, "tokens" | readonly [ErrorCode, string]>> = {
  tok_min: "tokens",
  tok_no_refresh: ["sign_in_rejected", "something other than tokens"],
  tok_no_id: "tokens",
  tok_opaque_access: "tokens",
  tok_empty_refresh: ["sign_in_rejected", "something other than tokens"],
  tok_bad_id: "tokens",
  tok_err_obj: ["sign_in_rejected", "The sign-in was refused: msg here (status 400)"],
  tok_err_str: ["sign_in_rejected", "The sign-in was refused: code expired (status 400)"],
  tok_err_code_only: ["sign_in_rejected", "The sign-in was refused: only_code (status 400)"],
  tok_err_empty: ["sign_in_rejected", "The sign-in was refused: no reason given (status 403)"],
  tok_err_html: ["overloaded", "issuer.test cannot answer at the moment (status 503)"],
};

for (const { case: name, request, status, body } of exchanges) {
  const expected = AFTER_EXCHANGE[name];
  Deno.test(`exchangeCode() makes one request, and of the answer ${name} ${expected}`, async () => {
    assert.ok(expected);
    const endpoint = new Endpoint(text(body, status));
    const work = exchangeCode(CODE, endpoint.options);
    if (expected === "tokens") {
      const sent = JSON.parse(body);
      assert.deepEqual(await work, {
        accessToken: sent.access_token,
        refreshToken: sent.refresh_token,
        idToken: sent.id_token,
        expiresIn: undefined,
      });
    } else {
      const error = await failure(work, expected[0]);
      assert.ok(error.message.includes(expected[1]), error.message);
      assert.equal(error.status, status);
      assertSilent(error, [CODE.code, CODE.codeVerifier]);
    }
    endpoint.assertOver();
    assert.equal(endpoint.net.request(0).body, request);
  });
}

Deno.test("exchangeCode() sends a form to the token endpoint under our own name", async () => {
  const endpoint = new Endpoint(json({ ...TOKENS, expires_in: 864_000, scope: "x", more: [] }));
  assert.equal((await exchangeCode(CODE, endpoint.options)).expiresIn, 864_000);
  const { method, url, headers, redirect } = endpoint.net.request(0);
  assert.deepEqual([method, url.href, redirect], ["POST", `${ISSUER}/oauth/token`, "manual"]);
  assert.deepEqual([...headers], [
    ["accept", "application/json"],
    ["content-type", "application/x-www-form-urlencoded"],
    ["originator", "codex_test"],
    ["user-agent", IDENTITY["user-agent"]],
  ]);
});

Deno.test("exchangeCode() never sends a code twice", async () => {
  const answers: readonly (readonly [Handler, ErrorCode])[] = [
    [fail(), "network"],
    [hang(), "network"],
    [text("", 302, { location: "https://elsewhere.test/" }), "network"],
    [text("", 429, { "retry-after": "0" }), "rate_limit"],
    [text("", 500), "overloaded"],
    [text("not json"), "sign_in_rejected"],
    [json({}), "sign_in_rejected"],
    [json(null), "sign_in_rejected"],
  ];
  for (const [handler, code] of answers) {
    const endpoint = new Endpoint(handler);
    await endpoint.clock.run(failure(exchangeCode(CODE, endpoint.options), code));
    assert.equal(endpoint.net.requests.length, 1);
    endpoint.assertOver();
  }
});

Deno.test("exchangeCode() tells neither code nor verifier, whatever the issuer repeats", async () => {
  const words = `${CODE.code} and ${CODE.codeVerifier}`;
  for (const echo of [{ error: words }, { error: { message: words } }, { message: words }]) {
    const endpoint = new Endpoint(json(echo, 400));
    const error = await failure(exchangeCode(CODE, endpoint.options), "sign_in_rejected");
    assertSilent(error, [CODE.code, CODE.codeVerifier]);
  }
});

Deno.test("exchangeCode() rejects with the reason of an abort", async () => {
  const endpoint = new Endpoint(hang());
  const work = assert.rejects(exchangeCode(CODE, endpoint.options), (error) => error === "no");
  await endpoint.clock.advance(1000);
  endpoint.controller.abort("no");
  await work;
  endpoint.assertOver();
});

// What each recorded answer to a refresh makes of us: a final code, an error at once, or `later`
// for one that is worth another try.
const AFTER_REFRESH: Readonly<Record<string, string>> = {
  expired_401: "refresh_token_expired",
  reused_401: "refresh_token_reused",
  reused_403: "refresh_token_reused",
  invalidated_401: "refresh_token_invalidated",
  expired_500: "refresh_token_expired",
  error_string: "refresh_token_expired",
  code_toplevel_upper: "refresh_token_expired",
  invalid_grant_400: "invalid_grant",
  unknown_401: "zzz",
  empty_401: "unauthorized",
  unknown_400: "error sign_in_rejected: The refresh was refused: zmsg (status 400)",
  forbidden_403: "error sign_in_rejected: The service does not answer from this country or region",
  rate_429: "later",
  server_500: "later",
  not_json_200: "error overloaded: issuer.test answered the refresh with something other than " +
    "an access token",
  empty_200: "error overloaded: issuer.test answered the refresh with something other than " +
    "an access token",
  once_500_then_ok: "later",
};

for (const { case: name, request, status, body } of refreshes) {
  const expected = AFTER_REFRESH[name];
  if (expected === undefined) continue;
  Deno.test(`refreshTokens() makes of the answer ${name}: ${expected}`, async () => {
    const answer = text(body, status);
    if (expected === "later") {
      const endpoint = new Endpoint(answer, recorded("renewed"));
      assert.equal((await endpoint.refresh()).kind, "renewed");
    } else if (expected.startsWith("error ")) {
      const endpoint = new Endpoint(answer);
      const [code, ...message] = expected.slice(6).split(": ");
      assert.ok(code === "overloaded" || code === "sign_in_rejected");
      assert.equal(await endpoint.refreshFails(code), message.join(": "));
    } else {
      const endpoint = new Endpoint(answer);
      assert.deepEqual(await endpoint.refresh(), { kind: "refused", code: expected });
      assert.equal(endpoint.net.request(0).body, request);
    }
  });
}

Deno.test("refreshTokens() knows an answer for every recorded failure", () => {
  const names = refreshes.map((row) => row.case);
  assert.deepEqual(names, [...Object.keys(AFTER_REFRESH), "renewed", "not_rotated"]);
});

Deno.test("refreshTokens() sends the official client's JSON under our own name", async () => {
  const endpoint = new Endpoint(recorded("renewed"));
  await endpoint.refresh();
  const { method, url, headers, body, redirect } = endpoint.net.request(0);
  assert.deepEqual([method, url.href, redirect], ["POST", `${ISSUER}/oauth/token`, "manual"]);
  assert.equal(body, refreshes[0]?.request);
  assert.deepEqual([...headers], [
    ["accept", "application/json"],
    ["content-type", "application/json"],
    ["originator", "codex_test"],
    ["user-agent", IDENTITY["user-agent"]],
  ]);
});

Deno.test("refreshTokens() names its reason", async () => {
  for (const reason of ["proactive_expiry", "unauthorized_recovery", "forced"] as const) {
    const endpoint = new Endpoint(json(TOKENS));
    await refreshTokens(REFRESH, reason, endpoint.options);
    assert.match(endpoint.net.request(0).body, new RegExp(`"refresh_reason":"${reason}"`));
  }
});

Deno.test("refreshTokens() gives the new tokens, rotated or not", async () => {
  assert.deepEqual(await new Endpoint(json({ ...TOKENS, expires_in: 60 })).refresh(), {
    kind: "renewed",
    accessToken: "access-2",
    refreshToken: "rt_sim_2",
    expiresIn: 60,
  });
  const kept = await new Endpoint(recorded("not_rotated")).refresh();
  assert.ok(kept.kind === "renewed");
  assert.equal(kept.refreshToken, undefined);
});

Deno.test("refreshTokens() hands on a refresh token that comes without an access token", async () => {
  for (const access_token of [undefined, null, "", 5]) {
    const outcome = await new Endpoint(json({ ...TOKENS, access_token })).refresh();
    assert.ok(outcome.kind === "rotated");
    assert.equal(outcome.refreshToken, "rt_sim_2");
    assert.equal(outcome.error.code, "overloaded");
    assert.equal(outcome.error.retryable, false);
    assertSilent(outcome.error, [REFRESH, "rt_sim_2"]);
  }
});

Deno.test("refreshTokens() takes the final codes at any status", async () => {
  const codes = [
    "refresh_token_expired",
    "refresh_token_reused",
    "refresh_token_invalidated",
    "refresh_token_revoked",
    "invalid_grant",
  ];
  for (const code of codes) {
    for (const status of [400, 401, 403, 404, 429, 500, 503]) {
      for (const body of [{ error: { code } }, { error: code }, { code: code.toUpperCase() }]) {
        const outcome = await new Endpoint(json(body, status)).refresh();
        assert.deepEqual(outcome, { kind: "refused", code });
      }
    }
  }
});

Deno.test("refreshTokens() takes any 401 for final, and keeps no code that is no name", async () => {
  const strange = [`token ${REFRESH} is unknown`, REFRESH, "a\u001b[2Jb", "x".repeat(65), "", "5"];
  for (const code of strange) {
    const outcome = await new Endpoint(json({ error: { code } }, 401)).refresh();
    assert.deepEqual(outcome, { kind: "refused", code: "unauthorized" });
  }
  const page = await new Endpoint(text("<html>", 401)).refresh();
  assert.deepEqual(page, { kind: "refused", code: "unauthorized" });
});

Deno.test("refreshTokens() does not ask again where the answer was clear", async () => {
  for (const status of [400, 403, 404, 409, 422]) {
    const endpoint = new Endpoint(json({ error: { code: "app_session_terminated" } }, status));
    await endpoint.refreshFails("sign_in_rejected");
    assert.equal(endpoint.net.requests.length, 1);
  }
  const elsewhere = text("", 307, { location: "https://elsewhere.test/" });
  assert.match(await new Endpoint(elsewhere).refreshFails("network"), /elsewhere.test/);
});

Deno.test("refreshTokens() tells no token, of whatever kind, whatever the issuer repeats", async () => {
  const secret = "Unusual Token/1=";
  for (const echo of [{ error: `no ${secret}` }, { error: { message: `no ${secret}` } }]) {
    const { options } = new Endpoint(json(echo, 400));
    const error = await failure(refreshTokens(secret, "forced", options), "sign_in_rejected");
    assertSilent(error, [secret]);
  }
});

const BUSY: readonly (readonly [what: string, Handler, ErrorCode])[] = [
  ["429", text("", 429), "rate_limit"],
  ["408", text("", 408), "overloaded"],
  ["500", json({ error: { code: "zzz" } }, 500), "overloaded"],
  ["502", text("<html>", 502), "overloaded"],
  ["a refused connection", fail(), "network"],
  ["a dropped connection", fail("connection closed before message completed"), "network"],
];

for (const [what, busy, code] of BUSY) {
  Deno.test(`refreshTokens() asks three times at most after ${what}, each time later`, async () => {
    const endpoint = new Endpoint(busy, busy, busy);
    await endpoint.refreshFails(code);
    const [first = 0, second = 0, third = 0] = endpoint.times;
    assert.equal(first, 0);
    assert.ok(second >= 250 && second <= 500, `${second}`);
    assert.ok(third - second >= 500 && third - second <= 1000, `${third - second}`);
    assert.equal(new Set(endpoint.net.requests.map(({ body }) => body)).size, 1);
  });

  Deno.test(`refreshTokens() goes on after ${what}`, async () => {
    const endpoint = new Endpoint(busy, busy, json(TOKENS));
    assert.equal((await endpoint.refresh()).kind, "renewed");
  });
}

Deno.test("refreshTokens() honours a Retry-After of up to five seconds", async () => {
  const headers = ["5", "Fri, 15 Jan 2027 08:00:05 GMT"];
  for (const header of headers) {
    const endpoint = new Endpoint(text("", 429, { "retry-after": header }), json(TOKENS));
    await endpoint.refresh();
    assert.deepEqual(endpoint.times, [0, 5000]);
  }
  const atOnce = new Endpoint(text("", 503, { "retry-after": "0" }), json(TOKENS));
  await atOnce.refresh();
  assert.deepEqual(atOnce.times, [0, 0]);
});

Deno.test("refreshTokens() leaves a longer Retry-After to its caller", async () => {
  for (const header of ["5.001", "6", "86400", "Fri, 15 Jan 2027 08:00:06 GMT"]) {
    const endpoint = new Endpoint(text("", 429, { "retry-after": header }));
    await endpoint.refreshFails("rate_limit");
    assert.deepEqual(endpoint.times, [0]);
  }
});

Deno.test("refreshTokens() says until when the issuer wants to be left alone", async () => {
  const fails = async (retryAfter: string) => {
    const { options } = new Endpoint(text("", 503, { "retry-after": retryAfter }));
    return await failure(refreshTokens(REFRESH, "proactive_expiry", options), "overloaded");
  };
  const later = await fails("600");
  assert.equal(later.resetsAt, "2027-01-15T08:10:00.000Z");
  assert.equal(later.hint, "Try again then");
  assert.equal((await fails("9".repeat(30))).resetsAt, undefined, "no date that there is");
});

Deno.test("refreshTokens() begins no other try once it has taken fifteen seconds", async () => {
  // All of it happens under a lock that other processes wait for.
  const slow = (ms: number): Handler => () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    endpoint.clock.after(ms, () => resolve(new Response("", { status: 503 })));
    return promise;
  };
  let endpoint = new Endpoint(slow(13_000), hang());
  await endpoint.refreshFails("network");
  assert.equal(endpoint.times.length, 2);
  endpoint = new Endpoint(slow(15_000));
  await endpoint.refreshFails("overloaded");
  endpoint = new Endpoint(hang());
  assert.match(await endpoint.refreshFails("network"), /within 30 s/);
});

Deno.test("refreshTokens() tells a failure that may pass as one, and a broken answer as none", async () => {
  const retryable = async (...handlers: Handler[]) => {
    const { clock, options } = new Endpoint(...handlers);
    const work = refreshTokens(REFRESH, "forced", options);
    const error: unknown = await clock.run(work.catch((error) => error));
    assert.ok(error instanceof Error && "retryable" in error);
    return error.retryable;
  };
  assert.equal(await retryable(fail(), fail(), fail()), true);
  assert.equal(await retryable(text("", 429, { "retry-after": "60" })), true);
  assert.equal(await retryable(json({})), false);
  assert.equal(await retryable(json({}, 400)), false);
});

Deno.test("refreshTokens() rejects with the reason of an abort, asking or waiting", async () => {
  for (const handlers of [[hang()], [text("", 503, { "retry-after": "5" })]]) {
    const endpoint = new Endpoint(...handlers);
    const work = refreshTokens(REFRESH, "forced", endpoint.options);
    const rejected = assert.rejects(work, (error) => error === "no");
    await endpoint.clock.advance(1000);
    endpoint.controller.abort("no");
    await rejected;
    endpoint.assertOver();
  }
});

Deno.test("revoke() sends the official client's JSON, and is content with any success", async () => {
  for (const answer of [json({}), text(""), text("gone", 202)]) {
    const endpoint = new Endpoint(answer);
    assert.equal(await revoke("rt_1", endpoint.options), true);
    const { method, url, body, headers } = endpoint.net.request(0);
    assert.deepEqual([method, url.href], ["POST", `${ISSUER}/oauth/revoke`]);
    assert.equal(
      body,
      '{"token":"rt_1","token_type_hint":"refresh_token",' +
        '"client_id":"app_EMoamEEZ73f0CkXaXp7hrann"}',
    );
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("originator"), "codex_test");
    endpoint.assertOver();
  }
});

Deno.test("revoke() says no to everything else, and asks once", async () => {
  const answers = [
    text("", 400),
    json({ error: { message: "x" } }, 500),
    text("", 429, { "retry-after": "0" }),
    text("", 302, { location: "https://elsewhere.test/" }),
    fail(),
  ];
  for (const answer of answers) {
    const endpoint = new Endpoint(answer);
    assert.equal(await endpoint.clock.run(revoke("rt_1", endpoint.options)), false);
    assert.equal(endpoint.net.requests.length, 1);
    endpoint.assertOver();
  }
});

Deno.test("revoke() gives up after ten seconds", async () => {
  const endpoint = new Endpoint(hang());
  let said: boolean | undefined;
  const work = revoke("rt_1", endpoint.options).then((value) => said = value);
  await endpoint.clock.advance(9_999);
  assert.equal(said, undefined);
  await endpoint.clock.advance(1);
  assert.equal(await work, false);
  endpoint.assertOver();
});

Deno.test("revoke() rejects with the reason of an abort, and leaves no timer", async () => {
  const endpoint = new Endpoint(hang());
  const work = assert.rejects(revoke("rt_1", endpoint.options), (error) => error === "no");
  await endpoint.clock.advance(1000);
  endpoint.controller.abort("no");
  await work;
  endpoint.assertOver();
});

Deno.test("revoke() works without a signal", async () => {
  const endpoint = new Endpoint(json({}));
  assert.equal(await revoke("rt_1", { ...endpoint.options, signal: undefined }), true);
});
