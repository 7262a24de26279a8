import assert from "node:assert/strict";
import {
  expiredForGood,
  keyRejected,
  noEntitlement,
  notKept,
  notRenewable,
  notSignedIn,
  signInChanged,
  signInOver,
} from "../../src/auth/errors.ts";
import { CodexError, exitCodeFor, isCodexError } from "../../src/base/errors.ts";

/** One sentence without a full stop, a next step, and the exit status of a missing sign-in. */
function assertTells(error: CodexError): void {
  assert.match(error.message, /^[A-Z][^\n]*[^.\n]$/);
  assert.ok(error.hint);
  assert.equal(exitCodeFor(error), 3);
  assert.equal(error.retryable, false);
}

Deno.test("notSignedIn() names the command that signs in", () => {
  assertTells(notSignedIn());
  assert.equal(notSignedIn().code, "not_signed_in");
  assert.match(notSignedIn().hint ?? "", /codex login/);
});

Deno.test("keyRejected() names the way to store another key", () => {
  assertTells(keyRejected());
  assert.equal(keyRejected().code, "sign_in_rejected");
  assert.equal(keyRejected().status, 401);
  assert.match(keyRejected().hint ?? "", /codex login --with-api-key/);
});

Deno.test("signInChanged() asks for the command again", () => {
  assertTells(signInChanged());
  assert.equal(signInChanged().code, "sign_in_rejected");
});

Deno.test("noEntitlement() sends the user to the administrator", () => {
  const error = noEntitlement(403);
  assert.deepEqual([error.code, error.status, exitCodeFor(error)], ["plan_not_included", 403, 6]);
  assert.match(error.hint ?? "", /administrator/);
  assert.equal(noEntitlement().status, undefined);
});

Deno.test("signInOver() says that a token was used elsewhere, when it was", () => {
  const error = signInOver("refresh_token_reused");
  assertTells(error);
  assert.equal(error.code, "sign_in_expired");
  assert.match(error.message, /works once, and was used before/);
  assert.match(error.hint ?? "", /codex login.*copy of the file elsewhere.*cut off/);
});

Deno.test("signInOver() asks for another secret where the sign-in came from one", () => {
  for (const code of ["refresh_token_reused", "invalid_grant"]) {
    const error = signInOver(code, "environment");
    assertTells(error);
    assert.match(error.hint ?? "", /^Give a new sign-in in CODEX_AUTH_JSON/);
    assert.doesNotMatch(error.hint ?? "", /codex login/);
  }
});

Deno.test("expiredForGood() tells what is missing: a store that keeps, or the refresh token", () => {
  assert.match(expiredForGood({ origin: "codex-cli", renewable: false }).message, /borrowed/);
  for (const store of [{ origin: "file", renewable: true }, {}] as const) {
    const error = expiredForGood(store);
    assertTells(error);
    assert.match(error.message, /has no refresh token/);
    assert.match(error.hint ?? "", /codex login/);
  }
});

Deno.test("signInOver() names the service's own code otherwise", () => {
  for (const code of ["refresh_token_expired", "invalid_grant", "unauthorized"]) {
    const error = signInOver(code);
    assertTells(error);
    assert.equal(error.code, "sign_in_expired");
    assert.ok(error.message.includes(code));
    assert.match(error.hint ?? "", /codex login/);
  }
});

Deno.test("notKept() says of a store's failure what it costs, and nothing of another one", () => {
  const locked = new CodexError("store_unavailable", "The store is locked", {
    hint: "Wait",
    retryable: true,
  });
  for (const why of ["has expired", "was not accepted"] as const) {
    const error = notKept(locked, why);
    assert.ok(isCodexError(error, "store_unavailable"));
    assert.equal(
      error.message,
      `The access token ${why} and cannot be renewed: The store is locked`,
    );
    assert.deepEqual([error.hint, error.retryable, error.cause], ["Wait", true, locked]);
  }
  for (const other of [notSignedIn(), new Error("x"), "y", undefined]) {
    assert.equal(notKept(other, "has expired"), other);
  }
});

Deno.test("notRenewable() says for each store what renews its sign-in", () => {
  const environment = notRenewable("environment");
  assertTells(environment);
  assert.match(environment.message, /from the environment/);
  assert.match(environment.hint ?? "", /--rotate-to FILE/);
  const borrowed = notRenewable("codex-cli");
  assertTells(borrowed);
  assert.match(borrowed.message, /borrowed from the official tool/);
  assert.match(borrowed.hint ?? "", /Run the official tool once/);
  for (const origin of [undefined, "file", "memory"] as const) {
    const other = notRenewable(origin);
    assertTells(other);
    assert.match(other.message, /its store keeps no renewed one/);
  }
  for (const error of [environment, borrowed]) assert.equal(error.code, "sign_in_expired");
});

Deno.test("notRenewable() says why the sign-in was to be renewed", () => {
  for (const origin of ["environment", "codex-cli", "memory"] as const) {
    assert.match(notRenewable(origin, "proactive_expiry").message, / has expired and /);
    assert.match(notRenewable(origin, "unauthorized_recovery").message, / was not accepted and /);
    assert.doesNotMatch(notRenewable(origin, "forced").message, / and /);
  }
});
