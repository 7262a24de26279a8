/** What is told about a sign-in that cannot be used, side by side so that the words agree. */
import type { CredentialStore, StoreOrigin } from "../base/credentials.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { REFRESH_TOKEN_REUSED, type RefreshReason } from "../protocol/tokens.ts";

/** The error for a profile without a sign-in. */
export function notSignedIn(): CodexError {
  return new CodexError("not_signed_in", "Nobody is signed in", {
    hint: "Sign in with: codex login",
  });
}

/** The error for a request that began with one sign-in and would have to go on with another. */
export function signInChanged(): CodexError {
  return new CodexError("sign_in_rejected", "Another sign-in was stored meanwhile", {
    hint: "Run the command again to use that one",
  });
}

/** The error for an API key that the service answers with 401. */
export function keyRejected(): CodexError {
  return new CodexError("sign_in_rejected", "The API key was not accepted", {
    status: 401,
    hint: "Store another one with: codex login --with-api-key",
  });
}

/** The error for an account whose workspace is without Codex. */
export function noEntitlement(status?: number): CodexError {
  return new CodexError("plan_not_included", "This account has no Codex in this workspace", {
    status,
    hint: "Ask the workspace's administrator for access, or choose another account or " +
      "workspace with: codex login",
  });
}

/**
 * What to tell when a sign-in is over.
 *
 * @param code Why, as the service said.
 * @param origin What kind of store it is in.
 */
export function signInOver(code: string, origin?: StoreOrigin): CodexError {
  const anew = origin === "environment"
    ? "Give a new sign-in in CODEX_AUTH_JSON: it takes the place of this one"
    : "Sign in again with: codex login";
  return code === REFRESH_TOKEN_REUSED
    ? new CodexError(
      "sign_in_expired",
      "The sign-in is over: its refresh token works once, and was used before",
      {
        hint: `${anew}. A copy of the file elsewhere had used it, or a renewal that was cut off`,
      },
    )
    : new CodexError("sign_in_expired", `The sign-in is over (${code})`, { hint: anew });
}

/** The error for a sign-in of which only the access token is there. */
export function noRefreshToken(): CodexError {
  return new CodexError(
    "sign_in_expired",
    "This sign-in has no refresh token, so that it cannot be renewed",
    { hint: "Sign in again with: codex login" },
  );
}

/**
 * Says of a store that cannot be used why that matters: the token is worth nothing any more.
 *
 * @param error What the renewal ended with; anything but a store's error comes back unchanged.
 * @param why What is wrong with the access token.
 */
export function notKept(error: unknown, why: "has expired" | "was not accepted"): unknown {
  if (!isCodexError(error, "store_unavailable")) return error;
  const { message, hint, retryable } = error;
  return new CodexError(
    "store_unavailable",
    `The access token ${why} and cannot be renewed: ${message}`,
    { hint, retryable, cause: error },
  );
}

/**
 * The error for an access token that has expired, of a sign-in that nothing renews.
 *
 * @param store Where it is: whether that keeps a renewed one tells what is missing.
 */
export function expiredForGood(store: Pick<CredentialStore, "origin" | "renewable">): CodexError {
  return store.renewable === false ? notRenewable(store.origin) : noRefreshToken();
}

/**
 * The error for a sign-in that is to be renewed where a renewed one could not be kept.
 *
 * @param origin What kind of store it is in.
 * @param reason Why it was to be renewed.
 */
export function notRenewable(
  origin: StoreOrigin | undefined,
  reason: RefreshReason = "proactive_expiry",
): CodexError {
  const why = reason === "unauthorized_recovery" ? "was not accepted" : "has expired";
  const begun = reason === "forced" ? "" : `${why} and `;
  switch (origin) {
    case "environment":
      return new CodexError(
        "sign_in_expired",
        `The sign-in from the environment ${begun}is not renewed by itself`,
        {
          hint: "Give a fresh one, or a whole one in CODEX_AUTH_JSON and where the renewed one " +
            "goes with: --rotate-to FILE",
        },
      );
    case "codex-cli":
      return new CodexError(
        "sign_in_expired",
        `The sign-in borrowed from the official tool ${begun}is not renewed here`,
        { hint: "Run the official tool once, or sign in here with: codex login" },
      );
    default:
      return new CodexError(
        "sign_in_expired",
        `The sign-in ${begun}cannot be renewed, as its store keeps no renewed one`,
        { hint: "Sign in with a store that can be written" },
      );
  }
}
