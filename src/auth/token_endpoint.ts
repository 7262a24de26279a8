/** The issuer's token endpoint: exchanging a code, renewing and ending a sign-in. */
import { backoff, retryAfterMs } from "../base/backoff.ts";
import { sleep } from "../base/clock.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { hostOf } from "../base/http.ts";
import { parseJson } from "../base/json.ts";
import { issuerEndpoints } from "../protocol/endpoints.ts";
import {
  codeExchangeBody,
  FINAL_REFRESH_CODES,
  readOAuthError,
  readTokens,
  refreshBody,
  type RefreshReason,
  revokeBody,
} from "../protocol/tokens.ts";
import { MAX_DATE_MS } from "./claims.ts";
import { type IssuerOptions, isTransient, post, refusal } from "./issuer.ts";

/** An authorization code with what it was bound to. */
export interface AuthorizationCode {
  /** The code; it can be exchanged once. */
  readonly code: string;
  /** The redirect address that it was asked with. */
  readonly redirectUri: string;
  /** The verifier of its challenge. */
  readonly codeVerifier: string;
}

/** The tokens of a new sign-in. */
export interface NewTokens {
  /** Sent with every request. */
  readonly accessToken: string;
  /** Renews the access token, once. */
  readonly refreshToken: string;
  /** Who signed in. */
  readonly idToken: string | undefined;
  /** Seconds that the access token lives, if the issuer said so. */
  readonly expiresIn: number | undefined;
}

/**
 * Exchanges an authorization code. It is tried once: a code that may have been spent is not sent
 * again.
 *
 * @param grant The code and what it is bound to.
 * @param options How to reach the issuer.
 * @returns The tokens.
 * @throws CodexError `sign_in_rejected`, `rate_limit`, `overloaded`, `network`.
 */
export async function exchangeCode(
  grant: AuthorizationCode,
  options: IssuerOptions,
): Promise<NewTokens> {
  const url = issuerEndpoints(options.issuer).token;
  const body = codeExchangeBody(grant.code, grant.redirectUri, grant.codeVerifier);
  const answer = await post(url, body, options);
  if (answer.status >= 300) {
    throw refusal("The sign-in", answer, url, [grant.code, grant.codeVerifier]);
  }
  const { accessToken, refreshToken, idToken, expiresIn } = readTokens(parseJson(answer.text));
  if (accessToken === undefined || refreshToken === undefined) {
    throw new CodexError(
      "sign_in_rejected",
      `${hostOf(url)} answered the sign-in with something other than tokens`,
      { status: answer.status, hint: "Try again with: codex login" },
    );
  }
  return { accessToken, refreshToken, idToken, expiresIn };
}

/** How a refresh ended, when the issuer answered clearly. */
export type RefreshOutcome =
  | {
    readonly kind: "renewed";
    readonly accessToken: string;
    /** Absent when the old one stays in use. */
    readonly refreshToken: string | undefined;
    readonly expiresIn: number | undefined;
  }
  /** Only the refresh token was replaced: it must be kept, and the refresh has failed. */
  | { readonly kind: "rotated"; readonly refreshToken: string; readonly error: CodexError }
  /** The refresh token will never be accepted again. */
  | { readonly kind: "refused"; readonly code: string };

/** How often a refresh is sent when the issuer is busy or the connection breaks. */
const REFRESH_ATTEMPTS = 3;
/** The longest wait between two of them; a longer `Retry-After` is the caller's to wait out. */
const MAX_WAIT_MS = 5_000;
/**
 * How long after the first one another is begun, in milliseconds. All of it is done under the
 * lock, and ends within the minute that other processes wait for that.
 */
const RESEND_WITHIN_MS = 15_000;

/**
 * Renews a sign-in.
 *
 * A connection that breaks leaves open whether the token was spent. It is sent again all the same:
 * when it was not spent nothing is lost, and when it was, only a second try can still be forgiven.
 * A clear but unusable answer is not asked for again, since it may have cost the token.
 *
 * @param refreshToken The single-use token.
 * @param reason What the request says as its reason.
 * @param options How to reach the issuer.
 * @returns The new tokens, or that it was refused for good.
 * @throws CodexError `network`, `overloaded` or `rate_limit` when it may work later.
 */
export async function refreshTokens(
  refreshToken: string,
  reason: RefreshReason,
  options: IssuerOptions,
): Promise<RefreshOutcome> {
  const { clock, signal } = options;
  const end = clock.now() + RESEND_WITHIN_MS;
  for (let attempt = 1;; attempt++) {
    const result = await tryRefresh(refreshToken, reason, options);
    if (result.kind !== "failed") return result;
    const { error, retryAfter } = result;
    const wait = retryAfter ?? backoff(attempt, { first: 500, max: MAX_WAIT_MS });
    const late = clock.now() + wait > end;
    if (!error.retryable || attempt === REFRESH_ATTEMPTS || wait > MAX_WAIT_MS || late) throw error;
    await sleep(clock, wait, signal);
  }
}

/** No usable answer, and when the issuer wants to be asked again. */
interface Failure {
  readonly kind: "failed";
  readonly error: CodexError;
  readonly retryAfter?: number | undefined;
}

async function tryRefresh(
  refreshToken: string,
  reason: RefreshReason,
  options: IssuerOptions,
): Promise<RefreshOutcome | Failure> {
  const url = issuerEndpoints(options.issuer).token;
  let answer;
  try {
    answer = await post(url, refreshBody(refreshToken, reason), options);
  } catch (error) {
    if (isCodexError(error, "network")) return { kind: "failed", error };
    throw error;
  }
  const body = parseJson(answer.text);
  if (answer.status < 300) return readRenewed(body, url, answer.status);
  const { code } = readOAuthError(body);
  if (code !== undefined && FINAL_REFRESH_CODES.has(code)) return { kind: "refused", code };
  if (answer.status === 401) return { kind: "refused", code: nameOf(code, refreshToken) };
  const error = refusal("The refresh", answer, url, [refreshToken]);
  if (!isTransient(answer.status)) return { kind: "failed", error };
  const now = options.clock.now();
  const retryAfter = retryAfterMs(answer.headers.get("retry-after"), now);
  return { kind: "failed", error: postponed(error, now, retryAfter), retryAfter };
}

/** Names the instant that the issuer wants to be left alone until, where that is not in a moment. */
function postponed(error: CodexError, now: number, retryAfter: number = 0): CodexError {
  const then = now + retryAfter;
  if (retryAfter <= MAX_WAIT_MS || then > MAX_DATE_MS) return error;
  const { code, message, status } = error;
  const resetsAt = new Date(then).toISOString();
  return new CodexError(code, message, { status, resetsAt, hint: "Try again then" });
}

/** A code that is shown and stored: a name as errors have them, and nothing that repeats a token. */
function nameOf(code: string | undefined, refreshToken: string): string {
  const isName = code !== undefined && /^[a-z_]{1,64}$/.test(code);
  return isName && code !== refreshToken.toLowerCase() ? code : "unauthorized";
}

function readRenewed(
  body: unknown,
  url: string,
  status: number,
): RefreshOutcome | Failure {
  const { accessToken, refreshToken, expiresIn } = readTokens(body);
  if (accessToken !== undefined) {
    return { kind: "renewed", accessToken, refreshToken, expiresIn };
  }
  // `{}` is taken for a success by the official client, which then asks without end.
  const error = new CodexError(
    "overloaded",
    `${hostOf(url)} answered the refresh with something other than an access token`,
    { status, retryable: false, hint: "Try again in a minute, or sign in with: codex login" },
  );
  return refreshToken === undefined
    ? { kind: "failed", error }
    : { kind: "rotated", refreshToken, error };
}

/** How long the end of a sign-in may take, in milliseconds. */
const REVOKE_TIMEOUT_MS = 10_000;

/**
 * Ends a sign-in at the issuer.
 *
 * @param refreshToken Its refresh token.
 * @param options How to reach the issuer.
 * @returns Whether the issuer confirmed it.
 */
export async function revoke(refreshToken: string, options: IssuerOptions): Promise<boolean> {
  const url = issuerEndpoints(options.issuer).revoke;
  const limit = new AbortController();
  const cancel = options.clock.after(REVOKE_TIMEOUT_MS, () => limit.abort());
  const signal = AbortSignal.any([limit.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const answer = await post(url, revokeBody(refreshToken), { ...options, signal });
    return answer.status < 300;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return false;
  } finally {
    cancel();
  }
}
