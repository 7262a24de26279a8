import assert from "node:assert/strict";
import fc from "fast-check";
import {
  codeExchangeBody,
  FINAL_REFRESH_CODES,
  readOAuthError,
  readTokens,
  REFRESH_TOKEN_REUSED,
  refreshBody,
  revokeBody,
} from "../../src/protocol/tokens.ts";

Deno.test("codeExchangeBody() is the official client's form, in its order", () => {
  assert.equal(
    codeExchangeBody("ac_1/x", "http://127.0.0.1:1455/auth/callback", "v~1").toString(),
    "grant_type=authorization_code&client_id=app_EMoamEEZ73f0CkXaXp7hrann&code=ac_1%2Fx" +
      "&redirect_uri=http%3A%2F%2F127.0.0.1%3A1455%2Fauth%2Fcallback&code_verifier=v%7E1",
  );
});

Deno.test("refreshBody() is the official client's JSON, in its order", () => {
  assert.equal(
    refreshBody("rt_1", "proactive_expiry"),
    '{"client_id":"app_EMoamEEZ73f0CkXaXp7hrann","grant_type":"refresh_token",' +
      '"refresh_reason":"proactive_expiry","refresh_token":"rt_1"}',
  );
});

Deno.test("revokeBody() is the official client's JSON, in its order", () => {
  assert.equal(
    revokeBody("rt_1"),
    '{"token":"rt_1","token_type_hint":"refresh_token",' +
      '"client_id":"app_EMoamEEZ73f0CkXaXp7hrann"}',
  );
});

Deno.test("readTokens() reads what the issuer sends", () => {
  const body = {
    access_token: "a",
    refresh_token: "r",
    id_token: "i",
    token_type: "Bearer",
    expires_in: 864_000,
    scope: "openid",
  };
  assert.deepEqual(readTokens(body), {
    accessToken: "a",
    refreshToken: "r",
    idToken: "i",
    expiresIn: 864_000,
  });
});

Deno.test("readTokens() counts an empty token and one of another kind as absent", () => {
  const nothing = {
    accessToken: undefined,
    refreshToken: undefined,
    idToken: undefined,
    expiresIn: undefined,
  };
  for (const bad of ["", null, undefined, 5, [], {}]) {
    const body = { access_token: bad, refresh_token: bad, id_token: bad };
    assert.deepEqual(readTokens(body), nothing);
    assert.deepEqual(readTokens(bad), nothing);
  }
  assert.deepEqual(readTokens({ expires_in: "3600" }), nothing);
});

const ERRORS:
  readonly (readonly [body: unknown, code: string | undefined, message: string | undefined])[] = [
    [{ error: "invalid_grant" }, "invalid_grant", undefined],
    [{ error: "access_denied", error_description: "No" }, "access_denied", "No"],
    [{ error: { code: "Refresh_Token_Reused", message: "Used" } }, "refresh_token_reused", "Used"],
    [{ error: { message: "Only words", code: null } }, undefined, "Only words"],
    [{ error: { message: "" }, code: "at_the_top" }, "at_the_top", undefined],
    [{ code: "at_the_top", message: "Words" }, "at_the_top", "Words"],
    [{ error: { code: "inner" }, error_description: "Outer" }, "inner", "Outer"],
    [{ error: "", code: "at_the_top" }, "at_the_top", undefined],
    [{ error: ["invalid_grant"] }, undefined, undefined],
    [{ error: 5, message: 6 }, undefined, undefined],
    [{}, undefined, undefined],
    ["invalid_grant", undefined, undefined],
    [null, undefined, undefined],
    [undefined, undefined, undefined],
  ];

for (const [body, code, message] of ERRORS) {
  Deno.test(`readOAuthError() reads ${JSON.stringify(body)}`, () => {
    assert.deepEqual(readOAuthError(body), { code, message });
  });
}

Deno.test("the readers of the token endpoint never throw", () => {
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (body) => {
    readTokens(body);
    readOAuthError(body);
  }));
});

Deno.test("FINAL_REFRESH_CODES holds what ends a sign-in, and nothing that may pass", () => {
  const final = [
    "refresh_token_expired",
    REFRESH_TOKEN_REUSED,
    "refresh_token_invalidated",
    "refresh_token_revoked",
    "invalid_grant",
  ];
  for (const code of final) assert.ok(FINAL_REFRESH_CODES.has(code), code);
  const passing = [
    "token_expired",
    "app_session_terminated",
    "rate_limit_exceeded",
    "server_error",
  ];
  for (const code of passing) assert.ok(!FINAL_REFRESH_CODES.has(code), code);
});
