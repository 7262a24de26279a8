/** Who is signed in, in words that may be shown: an account never holds a secret. */
import type { Credentials, OAuthCredentials } from "../base/credentials.ts";
import { MAX_DATE_MS, readClaims, type Workspace } from "./claims.ts";
import { issuerOf } from "./destination.ts";
import { isDue, isLive, standingMark } from "./refresh.ts";

/**
 * What a sign-in is good for:
 *
 * - `valid`: the access token is good;
 * - `renews`: the access token is old, the next use renews it;
 * - `expired`: the access token is old and this store keeps no renewed one;
 * - `over`: the refresh token was refused for good, a new sign-in is needed.
 */
export type AccountState = "valid" | "renews" | "expired" | "over";

/** Who is signed in. */
export interface Account {
  /** A ChatGPT plan, or an API key. */
  readonly method: "chatgpt" | "api-key";
  /** What the sign-in is good for. */
  readonly state: AccountState;
  /** The account that requests are made for. */
  readonly accountId?: string;
  /** The plan, in the service's own word. */
  readonly plan?: string;
  /** The address of the person, where the token tells it. */
  readonly email?: string;
  /** The organizations that the token names. */
  readonly workspaces?: readonly Workspace[];
  /** When the access token expires, as an ISO 8601 instant; absent where nobody knows. */
  readonly expiresAt?: string;
  /** Why it is over, as the service said. */
  readonly reason?: string;
  /** Who granted it; absent for an API key. */
  readonly issuer?: string;
}

/**
 * Tells who a sign-in belongs to, without asking anybody.
 *
 * @param credentials The sign-in.
 * @param now The present instant in milliseconds since the epoch.
 * @param renewable Whether a renewed sign-in could be kept.
 */
export async function describeAccount(
  credentials: Credentials,
  now: number,
  renewable: boolean = true,
): Promise<Account> {
  if (credentials.type === "api") return { method: "api-key", state: "valid" };
  const claims = readClaims(credentials.access);
  const mark = await standingMark(credentials);
  const accountId = credentials.accountId || claims.accountId;
  const canRenew = renewable && credentials.refresh !== "";
  return {
    method: "chatgpt",
    state: mark === undefined ? stateOf(credentials, now, canRenew) : "over",
    ...(accountId === undefined ? {} : { accountId }),
    ...(claims.plan === undefined ? {} : { plan: claims.plan }),
    ...(claims.email === undefined ? {} : { email: claims.email }),
    ...(claims.workspaces.length === 0 ? {} : { workspaces: claims.workspaces }),
    ...expiryMember(credentials.expires),
    ...(mark === undefined ? {} : { reason: mark.code }),
    issuer: issuerOf(credentials),
  };
}

function stateOf(credentials: OAuthCredentials, now: number, renewable: boolean): AccountState {
  if (renewable) return isDue(credentials, now) ? "renews" : "valid";
  return isLive(credentials, now) ? "valid" : "expired";
}

// A foreign file may say anything, and the last instant of all stands for one that nobody knows.
function expiryMember(expires: number): { expiresAt?: string } {
  return Math.abs(expires) < MAX_DATE_MS ? { expiresAt: new Date(expires).toISOString() } : {};
}
