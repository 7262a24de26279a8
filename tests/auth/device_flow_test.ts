import assert from "node:assert/strict";
import {
  deviceFlow,
  type DeviceFlowOptions,
  type DevicePrompt,
} from "../../src/auth/device_flow.ts";
import type { AuthorizationCode } from "../../src/auth/token_endpoint.ts";
import type { ErrorCode } from "../../src/base/errors.ts";
import codes from "../fixtures/auth/device_code.json" with { type: "json" };
import polls from "../fixtures/auth/device_poll.json" with { type: "json" };
import { ManualClock } from "../support/manual_clock.ts";
import { fail, type Handler, hang, json, ScriptedFetch, text } from "../support/scripted_fetch.ts";
import { assertSilent, DAY, failure, IDENTITY, MINUTE, NOW } from "./sign_ins.ts";

const ISSUER = "https://issuer.test";
const DEVICE_ID = "deviceauth_Sim_1";
const USER_CODE = "ABCD-12345";
const SECRETS = [DEVICE_ID, "ac_sim_1", "verifier-sim-0123"];

/** The answer with a code that asks for a poll every five seconds. */
function code(more: Readonly<Record<string, unknown>> = {}): Handler {
  return json({ device_auth_id: DEVICE_ID, user_code: USER_CODE, interval: "5", ...more });
}

const PENDING = json({ error: { code: "deviceauth_authorization_pending" } }, 403);
const GRANTED = json({
  authorization_code: "ac_sim_1",
  code_challenge: "unused",
  code_verifier: "verifier-sim-0123456789",
});
const GRANT: AuthorizationCode = {
  code: "ac_sim_1",
  codeVerifier: "verifier-sim-0123456789",
  redirectUri: `${ISSUER}/deviceauth/callback`,
};

/** A device flow against scripted answers. */
class Attempt {
  readonly clock = new ManualClock();
  readonly controller = new AbortController();
  readonly prompts: DevicePrompt[] = [];
  readonly net: ScriptedFetch;
  /** When each request was made, in seconds since the beginning. */
  readonly times: number[] = [];

  constructor(...handlers: readonly Handler[]) {
    this.net = new ScriptedFetch(...handlers.map((handler): Handler => (request) => {
      this.times.push((this.clock.now() - NOW) / 1000);
      return handler(request);
    }));
  }

  start(more: Partial<DeviceFlowOptions> = {}): Promise<AuthorizationCode> {
    return deviceFlow({
      issuer: ISSUER,
      fetch: this.net.fetch,
      clock: this.clock,
      identity: IDENTITY,
      signal: this.controller.signal,
      onCode: (prompt) => void this.prompts.push(prompt),
      ...more,
    });
  }

  /** Runs it to a grant. */
  async granted(): Promise<AuthorizationCode> {
    const grant = await this.clock.run(this.start());
    this.assertOver();
    return grant;
  }

  /** Runs it to a failure, which must tell no secret. */
  async refused(errorCode: ErrorCode): Promise<string> {
    const error = await this.clock.run(failure(this.start(), errorCode));
    assertSilent(error, SECRETS);
    this.assertOver();
    return error.message;
  }

  assertOver(): void {
    assert.equal(this.clock.pending, 0, "a timer was left");
    assert.equal(this.net.remaining, 0, "too few requests were made");
  }

  /** The seconds between the first poll and each that followed. */
  get pollTimes(): readonly number[] {
    const [first = 0] = this.times.slice(1);
    return this.times.slice(2).map((time) => time - first);
  }
}

Deno.test("deviceFlow() makes the official client's requests under our own name", async () => {
  const recordedPoll = polls.find((row) => row.case === "granted");
  const attempt = new Attempt(json({ ...PROMPT_BODY, interval: "1" }), PENDING, GRANTED);
  assert.deepEqual(await attempt.granted(), GRANT);
  assert.deepEqual(attempt.net.requests.map(({ method, url }) => `${method} ${url.pathname}`), [
    "POST /api/accounts/deviceauth/usercode",
    "POST /api/accounts/deviceauth/token",
    "POST /api/accounts/deviceauth/token",
  ]);
  assert.equal(attempt.net.request(0).body, codes[0]?.request);
  assert.equal(attempt.net.request(1).body, recordedPoll?.request);
  assert.equal(attempt.net.request(2).body, recordedPoll?.request);
  for (const { headers } of attempt.net.requests) {
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("originator"), "codex_test");
    assert.equal(headers.get("user-agent"), IDENTITY["user-agent"]);
  }
});

const PROMPT_BODY = { device_auth_id: "deviceauth_sim_1", user_code: USER_CODE };

Deno.test("deviceFlow() shows page, code and end once, and polls at once", async () => {
  const expires_at = "2027-01-15T08:10:00.000000+00:00";
  const attempt = new Attempt(code({ expires_at }), GRANTED);
  await attempt.granted();
  assert.deepEqual(attempt.prompts, [{
    url: "https://issuer.test/codex/device",
    code: USER_CODE,
    expiresAt: "2027-01-15T08:10:00.000Z",
  }]);
  assert.deepEqual(attempt.times, [0, 0]);
});

Deno.test("deviceFlow() keeps the issuer's path", async () => {
  const attempt = new Attempt(code(), GRANTED);
  const grant = await attempt.clock.run(attempt.start({ issuer: `${ISSUER}/a/b` }));
  assert.equal(grant.redirectUri, "https://issuer.test/a/b/deviceauth/callback");
  assert.equal(attempt.prompts[0]?.url, "https://issuer.test/a/b/codex/device");
  assert.equal(attempt.net.request(1).url.pathname, "/a/b/api/accounts/deviceauth/token");
});

Deno.test("deviceFlow() waits with the first poll until the code was shown", async () => {
  const shown = Promise.withResolvers<void>();
  const attempt = new Attempt(code(), GRANTED);
  const flow = attempt.start({ onCode: () => shown.promise });
  await attempt.clock.advance(MINUTE);
  assert.equal(attempt.net.requests.length, 1);
  shown.resolve();
  assert.deepEqual(await attempt.clock.run(flow), GRANT);
});

Deno.test("deviceFlow() ends when the code cannot be shown", async () => {
  const attempt = new Attempt(code());
  const flow = attempt.start({ onCode: () => Promise.reject(new Error("no screen")) });
  await assert.rejects(attempt.clock.run(flow), /no screen/);
  await attempt.clock.advance(MINUTE);
  attempt.assertOver();
});

// What each recorded answer to the request for a code makes of us: seconds between polls, or an
// error. The official client stops at most of these.
const AFTER_CODE: Readonly<Record<string, number | ErrorCode>> = {
  uc_404: "device_login_disabled",
  uc_403: "sign_in_rejected",
  uc_401: "sign_in_rejected",
  uc_429: "rate_limit",
  uc_500: "overloaded",
  uc_interval_number: 1,
  uc_interval_absent: 5,
  uc_interval_null: 5,
  uc_interval_padded_alias: 1,
  uc_no_device_auth_id: "sign_in_rejected",
};

for (const { case: name, status, body } of codes) {
  const expected = AFTER_CODE[name];
  Deno.test(`deviceFlow() makes ${expected} of the answer ${name}`, async () => {
    assert.ok(expected);
    const answer = text(body, status);
    if (typeof expected === "number") {
      const attempt = new Attempt(answer, PENDING, PENDING, GRANTED);
      await attempt.granted();
      assert.deepEqual(attempt.pollTimes, [expected, 2 * expected]);
      assert.equal(attempt.prompts[0]?.code, USER_CODE);
    } else {
      const again = status === 429 || status >= 500 ? [answer, answer] : [];
      const attempt = new Attempt(answer, ...again);
      await attempt.refused(expected);
      assert.deepEqual(attempt.prompts, []);
    }
  });
}

const INTERVALS: readonly (readonly [given: unknown, seconds: number])[] = [
  ["7", 7],
  [" 7 ", 7],
  [7, 7],
  ["2.5", 2.5],
  ["", 5],
  [" ", 5],
  ["soon", 5],
  ["0", 5],
  [0, 5],
  [-3, 5],
  ["1e999", 5],
  [{}, 5],
  // Neither a flood of requests nor a wait that outlives the user's patience.
  ["0.001", 1],
  ["1e-300", 1],
  ["3600", 60],
  [1e300, 60],
];

for (const [interval, seconds] of INTERVALS) {
  Deno.test(`deviceFlow() polls every ${seconds} s for ${JSON.stringify(interval)}`, async () => {
    const attempt = new Attempt(code({ interval }), PENDING, PENDING, GRANTED);
    await attempt.granted();
    assert.deepEqual(attempt.pollTimes, [seconds, 2 * seconds]);
  });
}

Deno.test("deviceFlow() refuses an answer without what it needs", async () => {
  for (
    const body of [
      { user_code: "U" },
      { device_auth_id: DEVICE_ID },
      { device_auth_id: "", user_code: "U" },
      { device_auth_id: DEVICE_ID, user_code: 5 },
      [],
      null,
    ]
  ) {
    const attempt = new Attempt(json(body));
    const message = await attempt.refused("sign_in_rejected");
    assert.equal(message, "issuer.test answered the request for a code with something else");
  }
  await new Attempt(text("<html>welcome")).refused("sign_in_rejected");
});

Deno.test("deviceFlow() names the browser where device sign-in is not switched on", async () => {
  const attempt = new Attempt(json({ error: { code: "not_found" } }, 404));
  const error = await attempt.clock.run(failure(attempt.start(), "device_login_disabled"));
  assert.match(error.hint ?? "", /codex login --browser/);
});

Deno.test("deviceFlow() asks again for a code while the issuer is busy", async () => {
  const attempt = new Attempt(
    text("", 503),
    text("", 429, { "retry-after": "7" }),
    code(),
    GRANTED,
  );
  assert.deepEqual(await attempt.granted(), GRANT);
  const [, second = 0, third = 0] = attempt.times;
  assert.ok(second > 0 && second < 1, `${second}`);
  assert.equal(third, second + 7);
  assert.equal(attempt.prompts.length, 1);
});

Deno.test("deviceFlow() tells at the third time that the issuer is busy", async () => {
  const attempt = new Attempt(text("", 502), text("", 502), text("", 503));
  assert.match(await attempt.refused("overloaded"), /status 503/);
});

Deno.test("deviceFlow() tells at once that the issuer cannot be reached for a code", async () => {
  await new Attempt(fail()).refused("network");
  const attempt = new Attempt(hang());
  assert.match(await attempt.refused("network"), /within 30 s/);
});

// What each recorded answer to a poll makes of us.
const AFTER_POLL: Readonly<Record<string, "again" | "granted" | ErrorCode>> = {
  poll_400: "sign_in_rejected",
  poll_401: "sign_in_rejected",
  poll_410: "sign_in_rejected",
  poll_429: "again",
  poll_500: "again",
  poll_403_denied_body: "sign_in_rejected",
  poll_200_without_challenge: "granted",
  pending_403: "again",
  pending_404: "again",
  granted: "granted",
};

for (const { case: name, status, body } of polls) {
  const expected = AFTER_POLL[name];
  Deno.test(`deviceFlow() makes ${expected} of the poll ${name}`, async () => {
    assert.ok(expected);
    const answer = text(body, status);
    if (expected === "again") {
      assert.deepEqual(await new Attempt(code(), answer, GRANTED).granted(), GRANT);
    } else if (expected === "granted") {
      const grant = await new Attempt(code(), answer).granted();
      assert.equal(grant.redirectUri, GRANT.redirectUri);
      assert.ok(body.includes(grant.code) && body.includes(grant.codeVerifier));
    } else {
      await new Attempt(code(), answer).refused(expected);
    }
  });
}

Deno.test("deviceFlow() takes 403 and 404 for pending whatever they say", async () => {
  const bodies = [
    "",
    "<html>",
    "null",
    "[]",
    '{"error":{"code":"deviceauth_authorization_unknown"}}',
    '{"error":"authorization_pending"}',
    '{"error":{"code":"something_new","message":"Not today"}}',
  ];
  for (const status of [403, 404]) {
    const pending = bodies.map((body) => text(body, status));
    const attempt = new Attempt(code(), ...pending, GRANTED);
    assert.deepEqual(await attempt.granted(), GRANT);
    assert.deepEqual(attempt.pollTimes, bodies.map((_, index) => 5 * (index + 1)));
  }
});

Deno.test("deviceFlow() takes pending and slow_down at 400 as RFC 8628 has them", async () => {
  const pending = json({ error: "authorization_pending" }, 400);
  const slowDown = json({ error: "slow_down" }, 400);
  const attempt = new Attempt(code(), pending, slowDown, GRANTED);
  await attempt.granted();
  assert.deepEqual(attempt.pollTimes, [5, 15]);
});

const ENDS: readonly (readonly [code: string, becomes: ErrorCode, says: RegExp])[] = [
  ["access_denied", "sign_in_rejected", /denied on the other device/],
  ["authorization_declined", "sign_in_rejected", /denied on the other device/],
  ["deviceauth_authorization_denied", "sign_in_rejected", /denied on the other device/],
  ["expired_token", "sign_in_expired", /ended before it was granted/],
  ["deviceauth_authorization_expired", "sign_in_expired", /ended before it was granted/],
  ["deviceauth_authorization_disabled", "device_login_disabled", /not switched on/],
  ["missing_codex_entitlement", "plan_not_included", /no Codex in this workspace/],
];

for (const [named, becomes, says] of ENDS) {
  Deno.test(`deviceFlow() ends with ${becomes} at ${named}, whatever the status`, async () => {
    for (const status of [400, 401, 403, 404, 410]) {
      const end = json({ error: { code: named } }, status);
      const attempt = new Attempt(code(), PENDING, end);
      assert.match(await attempt.refused(becomes), says);
    }
  });
}

Deno.test("deviceFlow() quotes why a poll was refused", async () => {
  const refused = json({ error: { message: "Poll boom", code: "poll_boom" } }, 400);
  assert.equal(
    await new Attempt(code(), refused).refused("sign_in_rejected"),
    "The sign-in was refused: Poll boom (status 400)",
  );
});

Deno.test("deviceFlow() refuses a grant without code or verifier, and does not ask again", async () => {
  for (
    const body of [
      {},
      { authorization_code: "ac_sim_1" },
      { code_verifier: "verifier-sim-0123456789" },
      { authorization_code: "", code_verifier: "verifier-sim-0123456789" },
      { authorization_code: ["ac_sim_1"], code_verifier: "verifier-sim-0123456789" },
    ]
  ) {
    const message = await new Attempt(code(), json(body)).refused("sign_in_rejected");
    assert.equal(message, "issuer.test answered the sign-in with something else");
  }
});

Deno.test("deviceFlow() slows down by five seconds for each 429, and stays slow", async () => {
  const attempt = new Attempt(code(), text("", 429), PENDING, text("", 429), PENDING, GRANTED);
  await attempt.granted();
  assert.deepEqual(attempt.pollTimes, [10, 20, 35, 50]);
});

Deno.test("deviceFlow() slows down by five seconds when it is told to, up to a minute", async () => {
  const slowDown = json({ error: { code: "slow_down" } }, 403);
  const many = Array.from({ length: 13 }, () => slowDown);
  const expires_at = "2027-01-15T08:59:00Z";
  const attempt = new Attempt(code({ expires_at }), ...many, fail(), GRANTED);
  await attempt.granted();
  const pauses = attempt.pollTimes.map((time, index, all) => time - (all[index - 1] ?? 0));
  assert.deepEqual(pauses, [10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 60, 60, 60]);
});

const RETRY_AFTER: readonly (readonly [header: string, seconds: number])[] = [
  ["30", 30],
  ["Fri, 15 Jan 2027 08:00:42 GMT", 42],
  ["0", 10],
  ["Fri, 15 Jan 2027 07:00:00 GMT", 10],
  ["later", 10],
  ["86400", 60],
];

for (const [header, seconds] of RETRY_AFTER) {
  Deno.test(`deviceFlow() waits ${seconds} s after a 429 with Retry-After: ${header}`, async () => {
    const busy = text("", 429, { "retry-after": header });
    const attempt = new Attempt(code(), busy, GRANTED);
    await attempt.granted();
    assert.deepEqual(attempt.pollTimes, [seconds]);
  });
}

Deno.test("deviceFlow() waits out a failing issuer at the usual pace, or as it asks", async () => {
  const attempt = new Attempt(
    code(),
    text("", 500),
    text("<html>", 502),
    text("", 503, { "retry-after": "20" }),
    json({ error: { code: "access_denied" } }, 504),
    text("", 408),
    GRANTED,
  );
  assert.deepEqual(await attempt.granted(), GRANT);
  assert.deepEqual(attempt.pollTimes, [5, 10, 30, 35, 40]);
});

Deno.test("deviceFlow() goes on when the connection is lost while it polls", async () => {
  const attempt = new Attempt(code(), fail(), fail("connection reset"), hang(), GRANTED);
  assert.deepEqual(await attempt.granted(), GRANT);
  // The third poll is given up after 30 s.
  assert.deepEqual(attempt.pollTimes, [5, 10, 45]);
});

Deno.test("deviceFlow() follows no redirect, and ends at one", async () => {
  const elsewhere = text("", 307, { location: "https://elsewhere.test/" });
  assert.match(await new Attempt(code(), elsewhere).refused("network"), /elsewhere.test/);
  assert.match(await new Attempt(elsewhere).refused("network"), /elsewhere.test/);
});

Deno.test("deviceFlow() polls a last time when the code ends", async () => {
  const expires_at = "2027-01-15T08:00:12Z";
  const pending = Array.from({ length: 4 }, () => PENDING);
  const attempt = new Attempt(code({ expires_at }), ...pending);
  const error = await attempt.clock.run(failure(attempt.start(), "sign_in_expired"));
  assert.deepEqual(attempt.times, [0, 0, 5, 10, 12]);
  assert.match(error.hint ?? "", /codex login --headless.*codex login --browser/);
  attempt.assertOver();
});

Deno.test("deviceFlow() takes a grant that comes with the last poll", async () => {
  const attempt = new Attempt(
    code({ expires_at: "2027-01-15T08:00:07Z" }),
    PENDING,
    PENDING,
    GRANTED,
  );
  assert.deepEqual(await attempt.granted(), GRANT);
  assert.deepEqual(attempt.times, [0, 0, 5, 7]);
});

Deno.test("deviceFlow() ends in time when the issuer asks for more patience than is left", async () => {
  const busy = text("", 429, { "retry-after": "60" });
  const attempt = new Attempt(code({ expires_at: "2027-01-15T08:00:07Z" }), busy, busy);
  await attempt.refused("sign_in_expired");
  assert.deepEqual(attempt.times, [0, 0, 7]);
});

Deno.test("deviceFlow() ends in time when nobody can be reached any more", async () => {
  const attempt = new Attempt(code({ expires_at: "2027-01-15T08:00:07Z" }), fail(), hang());
  await attempt.refused("sign_in_expired");
});

const LIVES: readonly (readonly [what: string, expires_at: unknown, seconds: number])[] = [
  ["absent", undefined, 900],
  ["unparsable", "in a while", 900],
  ["a number", NOW / 1000 + 60, 900],
  ["past", "2027-01-15T07:59:59Z", 900],
  ["right now", "2027-01-15T08:00:00Z", 900],
  ["a century away", "2127-01-15T08:00:00Z", 900],
  ["a little over an hour away", "2027-01-15T09:00:01Z", 900],
  ["an hour away", "2027-01-15T09:00:00Z", 3600],
  ["a minute away", "2027-01-15T08:01:00+00:00", 60],
];

for (const [what, expires_at, seconds] of LIVES) {
  Deno.test(`deviceFlow() gives the user ${seconds} s where the end is ${what}`, async () => {
    const count = seconds / 60 + 1;
    const pending = Array.from({ length: count }, () => PENDING);
    const attempt = new Attempt(code({ interval: "60", expires_at }), ...pending);
    await attempt.refused("sign_in_expired");
    assert.equal(attempt.prompts[0]?.expiresAt, new Date(NOW + seconds * 1000).toISOString());
    assert.equal(attempt.times.at(-1), seconds);
  });
}

const CANCELLED = new Error("cancelled by the caller");

const STEPS: readonly (readonly [step: string, after: number, ...handlers: Handler[]])[] = [
  ["while it asks for a code", 1000, hang()],
  ["between two requests for a code", 1000, text("", 503, { "retry-after": "20" })],
  ["while it polls", 1000, code(), hang()],
  ["between two polls", 1000, code(), PENDING],
  ["while it waits out a 429", 20_000, code(), text("", 429, { "retry-after": "50" })],
  ["in a later poll", 11_000, code(), PENDING, PENDING, hang()],
];

for (const [step, after, ...handlers] of STEPS) {
  Deno.test(`deviceFlow() ends with the caller's reason, and leaves no timer, ${step}`, async () => {
    const attempt = new Attempt(...handlers);
    const flow = assert.rejects(attempt.start(), (error) => error === CANCELLED);
    await attempt.clock.advance(after);
    attempt.controller.abort(CANCELLED);
    await flow;
    attempt.assertOver();
    await attempt.clock.advance(DAY);
    assert.equal(attempt.net.requests.length, handlers.length);
  });
}

Deno.test("deviceFlow() does not poll when it was cancelled while the code was shown", async () => {
  const attempt = new Attempt(code());
  const flow = attempt.start({ onCode: () => attempt.controller.abort(CANCELLED) });
  await assert.rejects(attempt.clock.run(flow), (error) => error === CANCELLED);
  assert.equal(attempt.net.requests.length, 1);
  attempt.assertOver();
});

Deno.test("deviceFlow() asks for nothing when it is cancelled beforehand", async () => {
  const attempt = new Attempt();
  attempt.controller.abort(CANCELLED);
  await assert.rejects(attempt.clock.run(attempt.start()), (error) => error === CANCELLED);
  assert.deepEqual(attempt.prompts, []);
});

Deno.test("deviceFlow() tells neither code nor id, whatever the issuer repeats", async () => {
  const echoes = [
    { error_description: `${DEVICE_ID} with ${USER_CODE} is no good` },
    { error: { message: `${DEVICE_ID} with ${USER_CODE} is no good` } },
    { error: `${DEVICE_ID} with ${USER_CODE}` },
    { code: `${DEVICE_ID} with ${USER_CODE}` },
  ];
  for (const echo of echoes) {
    const attempt = new Attempt(code(), json(echo, 400));
    const error = await attempt.clock.run(failure(attempt.start(), "sign_in_rejected"));
    assertSilent(error, [DEVICE_ID, USER_CODE]);
  }
});
