import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DEFAULT_INTERVAL_SECONDS,
  deviceCodeRequest,
  devicePollRequest,
  readDeviceCode,
  readDeviceGrant,
  readDevicePending,
} from "../../src/protocol/device.ts";

const BODY = { device_auth_id: "dev_1", user_code: "ABCD-1234", interval: "5" };

Deno.test("deviceCodeRequest() and devicePollRequest() have the official client's members", () => {
  assert.equal(deviceCodeRequest(), '{"client_id":"app_EMoamEEZ73f0CkXaXp7hrann"}');
  const code = readDeviceCode(BODY);
  assert.ok(code);
  assert.equal(devicePollRequest(code), '{"device_auth_id":"dev_1","user_code":"ABCD-1234"}');
});

Deno.test("readDeviceCode() reads what the issuer sends", () => {
  assert.deepEqual(readDeviceCode({ ...BODY, expires_at: "2027-01-15T08:15:00Z", more: 1 }), {
    deviceAuthId: "dev_1",
    userCode: "ABCD-1234",
    intervalSeconds: 5,
    expiresAt: Date.parse("2027-01-15T08:15:00Z"),
  });
});

Deno.test("readDeviceCode() takes the other spelling of the user code", () => {
  assert.equal(readDeviceCode({ device_auth_id: "d", usercode: "U" })?.userCode, "U");
});

const INTERVALS: readonly (readonly [given: unknown, seconds: number])[] = [
  ["5", 5],
  [" 7 ", 7],
  ["0.5", 0.5],
  [3, 3],
  [undefined, DEFAULT_INTERVAL_SECONDS],
  [null, DEFAULT_INTERVAL_SECONDS],
  ["", DEFAULT_INTERVAL_SECONDS],
  ["  ", DEFAULT_INTERVAL_SECONDS],
  ["soon", DEFAULT_INTERVAL_SECONDS],
  ["0", DEFAULT_INTERVAL_SECONDS],
  [0, DEFAULT_INTERVAL_SECONDS],
  ["-5", DEFAULT_INTERVAL_SECONDS],
  [-5, DEFAULT_INTERVAL_SECONDS],
  ["1e999", DEFAULT_INTERVAL_SECONDS],
  [NaN, DEFAULT_INTERVAL_SECONDS],
  [true, DEFAULT_INTERVAL_SECONDS],
  [["5"], DEFAULT_INTERVAL_SECONDS],
];

for (const [interval, seconds] of INTERVALS) {
  Deno.test(`readDeviceCode() takes the interval ${JSON.stringify(interval)} as ${seconds}`, () => {
    assert.equal(readDeviceCode({ ...BODY, interval })?.intervalSeconds, seconds);
  });
}

Deno.test("readDeviceCode() takes no end from what is no date", () => {
  for (const expires_at of [undefined, null, "", "soon", 1_800_000_000, {}]) {
    const code = readDeviceCode({ ...BODY, expires_at });
    assert.ok(code);
    assert.equal(code.expiresAt, undefined);
  }
});

Deno.test("readDeviceCode() wants an id and a code that are not empty", () => {
  for (const bad of [undefined, null, "", 5, [], {}]) {
    assert.equal(readDeviceCode({ ...BODY, device_auth_id: bad }), undefined);
    assert.equal(readDeviceCode({ ...BODY, user_code: bad }), undefined);
    assert.equal(readDeviceCode(bad), undefined);
  }
});

Deno.test("readDeviceGrant() reads code and verifier, and leaves the challenge alone", () => {
  const grant = { authorizationCode: "ac_1", codeVerifier: "v" };
  const body = { authorization_code: "ac_1", code_verifier: "v" };
  assert.deepEqual(readDeviceGrant(body), grant);
  assert.deepEqual(readDeviceGrant({ ...body, code_challenge: "c", status: "success" }), grant);
});

Deno.test("readDeviceGrant() wants both, not empty", () => {
  for (const bad of [undefined, null, "", 5, [], {}]) {
    assert.equal(readDeviceGrant({ authorization_code: bad, code_verifier: "v" }), undefined);
    assert.equal(readDeviceGrant({ authorization_code: "c", code_verifier: bad }), undefined);
    assert.equal(readDeviceGrant(bad), undefined);
  }
});

Deno.test("the readers of the device flow never throw", () => {
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (body) => {
    readDeviceCode(body);
    readDeviceGrant(body);
  }));
});

const MEANINGS: Readonly<Record<ReturnType<typeof readDevicePending>, readonly string[]>> = {
  pending: [
    "authorization_pending",
    "deviceauth_authorization_pending",
    "deviceauth_authorization_unknown",
    "anything",
    "",
  ],
  slow_down: ["slow_down", "deviceauth_slow_down"],
  denied: [
    "access_denied",
    "authorization_denied",
    "authorization_declined",
    "deviceauth_authorization_denied",
  ],
  expired: ["expired_token", "authorization_expired", "deviceauth_authorization_expired"],
  disabled: ["authorization_disabled", "deviceauth_authorization_disabled"],
};

for (const [meaning, codes] of Object.entries(MEANINGS)) {
  Deno.test(`readDevicePending() takes ${codes.join(", ")} as ${meaning}`, () => {
    for (const code of codes) assert.equal(readDevicePending(code), meaning, code);
  });
}

Deno.test("readDevicePending() takes a refusal without a code as pending", () => {
  assert.equal(readDevicePending(undefined), "pending");
});
