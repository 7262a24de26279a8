/** Hands out what a request needs to be accepted, and renews it when it is due. */
import { untilAborted } from "../base/abort.ts";
import type { Credentials, OAuthCredentials } from "../base/credentials.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import type { Addresses } from "../protocol/endpoints.ts";
import { ACCOUNT_HEADER } from "../protocol/headers.ts";
import type { RefreshReason } from "../protocol/tokens.ts";
import { readClaims } from "./claims.ts";
import { checkDestination } from "./destination.ts";
import { keyRejected, notKept, notSignedIn, signInChanged, signInOver } from "./errors.ts";
import { isDue, isLive, standingMark } from "./refresh.ts";
import { createRefresher, type RefresherOptions } from "./refresher.ts";

/** What a request needs to be accepted. */
export interface Authorization {
  /** A ChatGPT plan, or an API key with billing of its own. */
  readonly kind: "chatgpt" | "api";
  /** The only base URL that this may be sent to. */
  readonly baseUrl: string;
  /** The headers that carry it. */
  readonly headers: Readonly<Record<string, string>>;
  /** The account it is for, where one is known. */
  readonly accountId: string | undefined;
  /** The account's plan, where its token says so. */
  readonly plan: string | undefined;
  /** What must not appear in any message. */
  readonly secrets: readonly string[];
}

/** How to ask a {@linkcode Session}. */
export interface AuthorizeOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** The authorization that the service just answered with 401: another one is wanted. */
  readonly rejected?: Authorization | undefined;
}

/** A sign-in in use. */
export interface Session {
  /**
   * What the next request needs.
   *
   * @param options A signal, and the authorization that was rejected, if one was.
   * @returns It, with an access token that is not about to expire.
   * @throws CodexError `not_signed_in`, `sign_in_expired`, `sign_in_rejected`,
   * `store_unavailable` or `network`.
   */
  authorize(options?: AuthorizeOptions): Promise<Authorization>;
  /**
   * Renews the access token when it is due, or whatever its age.
   *
   * @param options `force` renews a good one too.
   * @returns The sign-in, and whether it was renewed.
   * @throws CodexError `invalid_usage` for an API key, which has nothing to renew.
   */
  refresh(
    options?: { readonly force?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly credentials: OAuthCredentials; readonly renewed: boolean }>;
  /** Settles, never rejects, when no refresh is under way that has already spent its token. */
  settled(): Promise<void>;
}

/** What a {@linkcode Session} is made of. */
export type SessionOptions = RefresherOptions;

/** How long a token that is still good is used before its renewal is tried again, in milliseconds. */
const PUT_OFF_MS = 30_000;

const CLOCK_IS_OFF = "By this machine's clock the new access token has expired already, " +
  "so it is renewed at every use. Compare the clock with the server's: codex doctor";

/**
 * Opens a session on a store. Nothing is read before the first call.
 *
 * @param options What it is made of.
 */
export function createSession(options: SessionOptions): Session {
  const { store, addresses, clock, onWarning } = options;
  const refresher = createRefresher(options);
  /** The access token that could not be renewed, and when it is tried again. */
  let putOff: { readonly access: string; readonly until: number } | undefined;
  /** The access token that was old by this machine's clock when it was given out. */
  let bornOld: string | undefined;
  /** Whether it was told that the clock is off. */
  let toldClock = false;
  /** The refresh token that was told to be over. */
  let toldOver: string | undefined;

  async function current(signal: AbortSignal | undefined): Promise<Credentials> {
    signal?.throwIfAborted();
    const credentials = await untilAborted(store.read(), signal);
    if (credentials === undefined) throw notSignedIn();
    checkDestination(credentials, addresses);
    return credentials;
  }

  async function usable(
    credentials: OAuthCredentials,
    signal: AbortSignal | undefined,
  ): Promise<OAuthCredentials> {
    const now = clock.now();
    // Another one would be as old: whether it is good is for the service to say.
    if (credentials.access === bornOld) return credentials;
    if (isLive(credentials, now)) {
      // Where nothing can be done about it, nothing is said while the token is still good.
      if (store.renewable === false) return credentials;
      if (await isToldOver(credentials) || !isDue(credentials, now)) return credentials;
      // One request asks several times, and a busy issuer shall not be asked as often.
      if (isPutOff(credentials)) return credentials;
    }
    try {
      return noted(await refresher.renew(credentials, "proactive_expiry", signal));
    } catch (error) {
      signal?.throwIfAborted();
      if (!isLive(credentials, clock.now())) throw notKept(error, "has expired");
      if (isCodexError(error, "not_signed_in")) throw error;
      // Another caller has waited for the same failure, and told it.
      if (isPutOff(credentials)) return credentials;
      // The margin is there so that a failure is not yet the end: the token is still good.
      putOff = { access: credentials.access, until: clock.now() + PUT_OFF_MS };
      if (isCodexError(error, "sign_in_expired")) tellOver(credentials, error);
      else onWarning?.(`The sign-in could not be renewed yet: ${messageOf(error)}`);
      return credentials;
    }
  }

  function isPutOff({ access }: OAuthCredentials): boolean {
    return putOff?.access === access && clock.now() < putOff.until;
  }

  async function recovered(
    credentials: OAuthCredentials,
    signal: AbortSignal | undefined,
  ): Promise<OAuthCredentials> {
    try {
      return noted(await refresher.renew(credentials, "unauthorized_recovery", signal));
    } catch (error) {
      throw notKept(error, "was not accepted");
    }
  }

  /** Notes a token that is old the moment it is given out, which tells of a clock that is off. */
  function noted(credentials: OAuthCredentials): OAuthCredentials {
    const { access } = credentials;
    if (!isDue(credentials, clock.now()) || access === bornOld) return credentials;
    bornOld = access;
    if (!toldClock && !isLive(credentials, clock.now())) {
      toldClock = true;
      onWarning?.(CLOCK_IS_OFF);
    }
    return credentials;
  }

  /** Whether a sign-in is marked as over; it is told once. */
  async function isToldOver(credentials: OAuthCredentials): Promise<boolean> {
    const mark = await standingMark(credentials);
    if (mark !== undefined) tellOver(credentials, signInOver(mark.code, store.origin));
    return mark !== undefined;
  }

  function tellOver({ refresh }: OAuthCredentials, { message, hint }: CodexError): void {
    if (toldOver === refresh) return;
    toldOver = refresh;
    onWarning?.(`${message}; its access token is used while it lasts. ${hint}`);
  }

  return {
    async authorize({ signal, rejected } = {}) {
      const credentials = await current(signal);
      if (credentials.type === "api") {
        const authorization = forApiKey(credentials.key, addresses);
        if (isSame(authorization, rejected)) throw keyRejected();
        return sameOwner(authorization, rejected);
      }
      const authorization = forChatGpt(credentials, addresses);
      const chosen = isSame(authorization, rejected)
        ? await recovered(credentials, signal)
        : await usable(credentials, signal);
      return sameOwner(forChatGpt(chosen, addresses), rejected);
    },

    async refresh({ force = false, signal } = {}) {
      const credentials = await current(signal);
      if (credentials.type === "api") {
        throw new CodexError("invalid_usage", "An API key has nothing to refresh", {
          hint: "See who is signed in with: codex status",
        });
      }
      if (!force && !isDue(credentials, clock.now())) return { credentials, renewed: false };
      const reason: RefreshReason = force ? "forced" : "proactive_expiry";
      const next = noted(await refresher.renew(credentials, reason, signal));
      return { credentials: next, renewed: next.access !== credentials.access };
    },

    settled: () => refresher.settled(),
  };
}

function forChatGpt(credentials: OAuthCredentials, addresses: Addresses): Authorization {
  const claims = readClaims(credentials.access);
  const accountId = credentials.accountId || claims.accountId;
  return {
    kind: "chatgpt",
    baseUrl: addresses.baseUrl,
    headers: {
      authorization: bearer(credentials.access),
      ...(accountId === undefined ? {} : { [ACCOUNT_HEADER]: headerValue(accountId) }),
    },
    accountId,
    plan: claims.plan,
    secrets: [credentials.access, credentials.refresh],
  };
}

function forApiKey(key: string, addresses: Addresses): Authorization {
  return {
    kind: "api",
    baseUrl: addresses.apiBaseUrl,
    headers: { authorization: bearer(key) },
    accountId: undefined,
    plan: undefined,
    secrets: [key],
  };
}

function bearer(token: string): string {
  return `Bearer ${headerValue(token)}`;
}

/** A header takes visible ASCII; anything else would read as a failure of the network. */
function headerValue(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new CodexError(
    "sign_in_rejected",
    "The stored sign-in cannot be sent: it holds characters that no sign-in has",
    { hint: "Sign in again with: codex login" },
  );
}

function isSame(one: Authorization, other: Authorization | undefined): boolean {
  return one.headers["authorization"] === other?.headers["authorization"];
}

/** Lets a request go on only with what it began with: the same account, and the same way to pay. */
function sameOwner(next: Authorization, rejected: Authorization | undefined): Authorization {
  if (rejected === undefined) return next;
  const [one, other] = [next.accountId, rejected.accountId];
  // Not every program stores the account, so one that is not known tells nothing.
  const switched = one !== undefined && other !== undefined && one !== other;
  if (switched || next.kind !== rejected.kind) throw signInChanged();
  return next;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
