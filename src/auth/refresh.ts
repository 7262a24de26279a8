/** When a sign-in is due for a refresh, and what is kept of the refresh's outcome: all pure but for one hash. */
import type { OAuthCredentials, ReauthMark } from "../base/credentials.ts";
import { MAX_DATE_MS, readClaims } from "./claims.ts";

/** How long before its expiry an access token is renewed, in milliseconds (official client: 290 s yes, 310 s no). */
export const REFRESH_MARGIN_MS = 300_000;

/** How long a token lives when neither it nor the issuer says so (opencode's figure), in milliseconds. */
const DEFAULT_LIFETIME_MS = 3_600_000;

/** Whether an access token is to be renewed before it is used. */
export function isDue(credentials: OAuthCredentials, now: number): boolean {
  return credentials.expires - now <= REFRESH_MARGIN_MS;
}

/** Whether an access token can still be sent. */
export function isLive(credentials: OAuthCredentials, now: number): boolean {
  return credentials.expires > now;
}

/**
 * When an access token expires: as it says itself, else as the issuer said, else in an hour.
 *
 * @param accessToken The token.
 * @param expiresIn Seconds, as the issuer said; what cannot be a lifetime counts as not said.
 * @param now The present instant in milliseconds since the epoch.
 * @returns Milliseconds since the epoch.
 */
export function expiryOf(accessToken: string, expiresIn: number | undefined, now: number): number {
  const said = now + (expiresIn ?? 0) * 1000;
  const usable = said > now && said <= MAX_DATE_MS;
  return readClaims(accessToken).expiresAt ?? (usable ? said : now + DEFAULT_LIFETIME_MS);
}

/** The first 16 hex digits of the SHA-256 of a refresh token: names it without telling it. */
export async function fingerprint(refreshToken: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(refreshToken));
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** The mark that holds for a sign-in: one made for its present refresh token. */
export async function standingMark(
  credentials: OAuthCredentials,
): Promise<ReauthMark | undefined> {
  const { reauth, refresh } = credentials;
  return reauth !== undefined && reauth.for === await fingerprint(refresh) ? reauth : undefined;
}

/** The sign-in with a renewed token, everything else of it kept, the mark lifted. */
export function renewed(
  credentials: OAuthCredentials,
  accessToken: string,
  refreshToken: string | undefined,
  expires: number,
): OAuthCredentials {
  const { reauth: _, ...kept } = credentials;
  return { ...kept, access: accessToken, refresh: refreshToken ?? credentials.refresh, expires };
}

/** The sign-in with the note that its refresh token was refused for good. */
export async function marked(
  credentials: OAuthCredentials,
  code: string,
  now: number,
): Promise<OAuthCredentials> {
  const mark = {
    code,
    at: new Date(now).toISOString(),
    for: await fingerprint(credentials.refresh),
  };
  return { ...credentials, reauth: mark };
}
