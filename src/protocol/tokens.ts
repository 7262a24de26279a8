/** The token endpoint on the wire: code exchange, refresh, revocation. */
import { numberAt, objectAt, stringAt } from "../base/json.ts";
import { CLIENT_ID } from "./endpoints.ts";

/** Why a refresh is made; the official client names it in the request since 0.169. */
export type RefreshReason =
  | "proactive_expiry"
  | "scheduled"
  | "unauthorized_recovery"
  | "forced";

/** What the token endpoint gives. */
export interface Tokens {
  /** Absent after a refresh that keeps the old one. */
  readonly accessToken: string | undefined;
  /** Absent after a refresh that does not rotate. */
  readonly refreshToken: string | undefined;
  /** Who signed in; never sent anywhere. */
  readonly idToken: string | undefined;
  /** Seconds that the access token lives, if the issuer said so. */
  readonly expiresIn: number | undefined;
}

/** The form that exchanges an authorization code, its members in the official client's order. */
export function codeExchangeBody(
  code: string,
  redirectUri: string,
  codeVerifier: string,
): URLSearchParams {
  return new URLSearchParams([
    ["grant_type", "authorization_code"],
    ["client_id", CLIENT_ID],
    ["code", code],
    ["redirect_uri", redirectUri],
    ["code_verifier", codeVerifier],
  ]);
}

/** The JSON that renews a sign-in, its members in the official client's order. */
export function refreshBody(refreshToken: string, reason: RefreshReason): string {
  return JSON.stringify({
    client_id: CLIENT_ID,
    grant_type: "refresh_token",
    refresh_reason: reason,
    refresh_token: refreshToken,
  });
}

/** The JSON that ends a sign-in. */
export function revokeBody(refreshToken: string): string {
  return JSON.stringify({
    token: refreshToken,
    token_type_hint: "refresh_token",
    client_id: CLIENT_ID,
  });
}

/** Reads the answer of the token endpoint; an empty token counts as absent. */
export function readTokens(body: unknown): Tokens {
  const token = (key: string) => stringAt(body, key) || undefined;
  return {
    accessToken: token("access_token"),
    refreshToken: token("refresh_token"),
    idToken: token("id_token"),
    expiresIn: numberAt(body, "expires_in"),
  };
}

/** An OAuth error, in any of the shapes that were seen. */
export interface OAuthError {
  /** The code, in lower case; an empty one counts as absent. */
  readonly code: string | undefined;
  /** What the server says about it; an empty text counts as absent. */
  readonly message: string | undefined;
}

/**
 * Reads an error of the issuer: `{error: {code, message}}`, `{error, error_description}` or a
 * `code` at the top.
 */
export function readOAuthError(body: unknown): OAuthError {
  const nested = objectAt(body, "error");
  const code = stringAt(nested, "code") || stringAt(body, "error") || stringAt(body, "code");
  const message = stringAt(body, "error_description") || stringAt(nested, "message") ||
    stringAt(body, "message");
  return { code: code?.toLowerCase() || undefined, message: message || undefined };
}

/** Codes with which a refresh token is refused for good, whatever the HTTP status. */
export const FINAL_REFRESH_CODES: ReadonlySet<string> = new Set([
  "refresh_token_expired",
  "refresh_token_reused",
  "refresh_token_invalidated",
  // Transient for the official client; by its name the token does not come back.
  "refresh_token_revoked",
  "invalid_grant",
]);

/** The code with which a refresh token that was already spent is refused. */
export const REFRESH_TOKEN_REUSED = "refresh_token_reused";
