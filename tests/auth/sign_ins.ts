/** Sign-ins, tokens and failures for the tests of this folder. */
import assert from "node:assert/strict";
import type { OAuthCredentials } from "../../src/base/credentials.ts";
import { type CodexError, type ErrorCode, isCodexError } from "../../src/base/errors.ts";
import { AUTH_CLAIM } from "../../src/protocol/claims.ts";
import { type Addresses, PRODUCTION } from "../../src/protocol/endpoints.ts";

/** What a `ManualClock` says at first. */
export const NOW: number = Date.parse("2027-01-15T08:00:00Z");

export const MINUTE = 60_000;
export const DAY: number = 24 * 60 * MINUTE;

/** Addresses of a loopback stand-in. */
export const STAND_IN: Addresses = {
  issuer: "http://127.0.0.1:8080",
  baseUrl: "http://127.0.0.1:8080/backend-api/codex",
  apiBaseUrl: "http://127.0.0.1:8080/v1",
};

/** Headers that name nobody real. */
export const IDENTITY = { originator: "codex_test", "user-agent": "codex_test/0 (none; none)" };

/** A token whose payload is this text, whatever it is. */
export function tokenOf(payload: string): string {
  const part = (text: string) =>
    new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
  return [part('{"alg":"RS256","typ":"JWT"}'), part(payload), part("signed by nobody")].join(".");
}

/** A token with these claims. */
export function token(claims: Readonly<Record<string, unknown>>): string {
  return tokenOf(JSON.stringify(claims));
}

/** An access token as the issuer makes them, with a name of its own. */
export function accessToken(name: string, expires: number, account = "acct-1"): string {
  return token({
    jti: name,
    exp: expires / 1000,
    [AUTH_CLAIM]: { chatgpt_account_id: account, chatgpt_plan_type: "plus" },
  });
}

/** A production sign-in whose access token ends at an instant. */
export function signIn(
  name: string,
  expires: number,
  more: Partial<OAuthCredentials> = {},
): OAuthCredentials {
  return {
    type: "oauth",
    refresh: `rt_secret_${name}`,
    access: accessToken(name, expires),
    expires,
    accountId: "acct-1",
    ...more,
  };
}

/** Waits for a failure with this code. */
export async function failure(work: Promise<unknown>, code: ErrorCode): Promise<CodexError> {
  const outcome: unknown = await work.then((value) => ({ value }), (error) => error);
  if (isCodexError(outcome, code)) return outcome;
  if (outcome instanceof Error) throw outcome;
  assert.fail(`expected ${code}, got ${JSON.stringify(outcome)}`);
}

/** Fails when anything that a caller may print holds one of these. */
export function assertSilent(error: CodexError, secrets: readonly string[]): void {
  const told = [error.message, error.hint, JSON.stringify(error), String(error)].join("\n");
  for (const secret of secrets) {
    assert.ok(!told.toLowerCase().includes(secret.toLowerCase()), `told a secret: ${told}`);
  }
}

export { PRODUCTION };
