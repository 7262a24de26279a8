/**
 * One refresh at a time: within the process one promise, across processes one lock.
 *
 * A refresh token works once. So whoever holds the lock reads the file again and takes what
 * another process has stored; nothing is spent before its successor's place is proven; and once a
 * token has been sent, no abort keeps the answer from being saved.
 */
import { type Clock, sleep } from "../base/clock.ts";
import type {
  Credentials,
  CredentialStore,
  OAuthCredentials,
  StoreOrigin,
  StoreUpdate,
} from "../base/credentials.ts";
import { type CodexError, isCodexError } from "../base/errors.ts";
import type { Fetch } from "../base/http.ts";
import { SharedWork } from "../base/shared_work.ts";
import type { Addresses } from "../protocol/endpoints.ts";
import { REFRESH_TOKEN_REUSED, type RefreshReason } from "../protocol/tokens.ts";
import { checkDestination } from "./destination.ts";
import { noRefreshToken, notRenewable, notSignedIn, signInChanged, signInOver } from "./errors.ts";
import { expiryOf, isLive, marked, renewed, standingMark } from "./refresh.ts";

/** What a {@linkcode Refresher} is made of. */
export interface RefresherOptions {
  /** Where the sign-in is kept. */
  readonly store: CredentialStore;
  /** The addresses in force. */
  readonly addresses: Addresses;
  /** Sends requests. */
  readonly fetch: Fetch;
  /** Measures time. */
  readonly clock: Clock;
  /** Headers that say who we are. */
  readonly identity: Readonly<Record<string, string>>;
  /** Told what went wrong without ending the work. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Renews a sign-in. */
export interface Refresher {
  /**
   * Renews a sign-in, or takes the one that somebody else has renewed meanwhile.
   *
   * @param stale The sign-in that is due or was rejected.
   * @param reason Why.
   * @param signal Ends the caller's wait, and the refresh itself while nothing has been spent.
   */
  renew(
    stale: OAuthCredentials,
    reason: RefreshReason,
    signal: AbortSignal | undefined,
  ): Promise<OAuthCredentials>;
  /** Settles when no spent token is on its way. */
  settled(): Promise<void>;
}

/** How long to wait for a program without our lock to store what it got, and how often to look. */
const WINNER_WAIT_MS = 5_000;
const WINNER_LOOK_MS = 250;

/** Makes a {@linkcode Refresher}. */
export function createRefresher(options: RefresherOptions): Refresher {
  /** The refresh to join, by the access token that is to be replaced. */
  const current = new Map<string, SharedWork<OAuthCredentials>>();
  /** Every refresh, also one that nobody waits for any more and that another has replaced. */
  const underWay = new Set<SharedWork<OAuthCredentials>>();

  function start(stale: OAuthCredentials, reason: RefreshReason): SharedWork<OAuthCredentials> {
    // Once the token was sent, the signal has no effect.
    const started = new SharedWork((signal) => renewUnderLock(stale, reason, signal, options));
    current.set(stale.access, started);
    underWay.add(started);
    started.settled().then(() => {
      underWay.delete(started);
      if (current.get(stale.access) === started) current.delete(stale.access);
    });
    return started;
  }

  return {
    async renew(stale, reason, signal) {
      signal?.throwIfAborted();
      const known = current.get(stale.access);
      return await (known && !known.isGivenUp ? known : start(stale, reason)).join(signal);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all([...underWay].map((work) => work.settled()));
    },
  };
}

async function renewUnderLock(
  stale: OAuthCredentials,
  reason: RefreshReason,
  signal: AbortSignal,
  options: RefresherOptions,
): Promise<OAuthCredentials> {
  const { store, onWarning } = options;
  if (store.renewable === false) throw notRenewable(store.origin, reason);
  await refuseMarked(stale, store.origin);
  let outcome: Outcome;
  try {
    outcome = await store.update(async (current): Promise<StoreUpdate<Outcome>> => {
      if (current?.type !== "oauth") return { next: current, value: gone(current) };
      const successor = successorOf(stale, current, options);
      if (successor !== undefined) return { next: current, value: successor };
      await refuseMarked(current, store.origin);
      // From here on the signal counts no more: what is spent must be saved.
      signal.throwIfAborted();
      return await spend(current, reason, options);
    }, { signal });
  } catch (error) {
    // The store may have a good one all the same: the new one, which it could not save and holds
    // for this process alone, or one that a program without our lock has put there.
    if (!isCodexError(error, "store_unavailable")) throw error;
    const held = await store.read().catch(() => stale);
    if (held?.type !== "oauth") throw gone(held);
    if (held.access === stale.access) throw error;
    checkDestination(held, options.addresses);
    if (!isLive(held, options.clock.now())) throw signInChanged();
    onWarning?.(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`);
    return held;
  }
  if (isCodexError(outcome)) throw outcome;
  return outcome;
}

type Outcome = OAuthCredentials | CodexError;

/**
 * What the store holds now, if it is what somebody else has renewed since. One that is due all the
 * same has a short life, and the next one would be no better: it is used while it lasts.
 */
function successorOf(
  stale: OAuthCredentials,
  current: OAuthCredentials,
  { addresses, clock }: RefresherOptions,
): OAuthCredentials | undefined {
  checkDestination(current, addresses);
  return current.access !== stale.access && isLive(current, clock.now()) ? current : undefined;
}

/** The error for a sign-in that is no longer there. */
function gone(current: Credentials | undefined): CodexError {
  return current === undefined ? notSignedIn() : signInChanged();
}

async function spend(
  current: OAuthCredentials,
  reason: RefreshReason,
  options: RefresherOptions,
): Promise<StoreUpdate<Outcome>> {
  const { addresses, fetch, clock, identity } = options;
  const { issuer } = addresses;
  const { refreshTokens } = await import("./token_endpoint.ts");
  const result = await refreshTokens(current.refresh, reason, { issuer, fetch, clock, identity });
  if (result.kind === "renewed") {
    const expires = expiryOf(result.accessToken, result.expiresIn, clock.now());
    const next = renewed(current, result.accessToken, result.refreshToken, expires);
    return { next, value: next };
  }
  if (result.kind === "rotated") {
    const next = renewed(current, current.access, result.refreshToken, current.expires);
    return { next, value: result.error };
  }
  // Made before the last look, so that nothing comes between that and the decision.
  const over = await marked(current, result.code, clock.now());
  const patience = result.code === REFRESH_TOKEN_REUSED ? WINNER_WAIT_MS : 0;
  const seen = await waitForWinner(current, patience, options);
  if (seen?.type !== "oauth") return { next: current, value: gone(seen) };
  if (seen.refresh !== current.refresh) {
    checkDestination(seen, addresses);
    return { next: current, value: seen };
  }
  return { next: over, value: signInOver(result.code, options.store.origin) };
}

/**
 * Looks whether a program that takes no lock stores the successor of the token it has spent.
 *
 * @returns What the store holds in the end.
 */
async function waitForWinner(
  current: OAuthCredentials,
  patience: number,
  { store, clock }: RefresherOptions,
): Promise<Credentials | undefined> {
  const end = clock.now() + patience;
  for (;;) {
    // Such a program may be in the middle of writing, so a damaged or empty store is no answer yet.
    const seen = await store.read().catch(() => current);
    const isWinner = seen?.type === "oauth" && seen.refresh !== current.refresh;
    if (isWinner || clock.now() >= end) return seen;
    await sleep(clock, WINNER_LOOK_MS);
  }
}

async function refuseMarked(
  credentials: OAuthCredentials,
  origin: StoreOrigin | undefined,
): Promise<void> {
  if (credentials.refresh === "") throw noRefreshToken();
  const mark = await standingMark(credentials);
  if (mark !== undefined) throw signInOver(mark.code, origin);
}
