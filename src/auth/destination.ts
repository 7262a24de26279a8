/** Where a sign-in may go: to those who granted it, and to nobody else. */
import type { Credentials, OAuthCredentials } from "../base/credentials.ts";
import { CodexError } from "../base/errors.ts";
import { type Addresses, PRODUCTION } from "../protocol/endpoints.ts";

/**
 * Refuses to send a sign-in anywhere but where it belongs: its issuer, and the base URL that was
 * in force when it was granted. Members that are absent mean the production addresses.
 *
 * @param credentials The sign-in.
 * @param addresses The addresses in force.
 * @throws CodexError `sign_in_rejected` naming both addresses.
 */
export function checkDestination(credentials: Credentials, addresses: Addresses): void {
  for (const [own, asked] of pairs(credentials, addresses)) {
    if (own !== asked) {
      throw new CodexError(
        "sign_in_rejected",
        `This sign-in belongs to ${own} and is not sent to ${asked}`,
        { hint: "Unset the CODEX_*_URL overrides, or sign in there with: codex login" },
      );
    }
  }
}

function pairs(
  credentials: Credentials,
  addresses: Addresses,
): readonly (readonly [own: string, asked: string])[] {
  if (credentials.type === "api") {
    return [[base(credentials) ?? PRODUCTION.apiBaseUrl, addresses.apiBaseUrl]];
  }
  return [
    [issuerOf(credentials), addresses.issuer],
    [base(credentials) ?? PRODUCTION.baseUrl, addresses.baseUrl],
  ];
}

/** The addresses in force have no final slash; what another program stored may have one. */
function base({ baseUrl }: Credentials): string | undefined {
  return baseUrl?.replace(/\/$/, "");
}

/** Who granted a sign-in, and so the only one who may be asked to end it. */
export function issuerOf(credentials: OAuthCredentials): string {
  return credentials.issuer ?? PRODUCTION.issuer;
}

/** The members that a new ChatGPT sign-in carries to say where it belongs; none in production. */
export function homeOf(addresses: Addresses): { issuer?: string; baseUrl?: string } {
  return addresses.issuer === PRODUCTION.issuer && addresses.baseUrl === PRODUCTION.baseUrl
    ? {}
    : { issuer: addresses.issuer, baseUrl: addresses.baseUrl };
}
