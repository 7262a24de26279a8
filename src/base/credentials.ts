/** What a sign-in is, and how it is kept: the shapes that every floor shares. */

/** That a sign-in was refused for good, noted beside it. */
export interface ReauthMark {
  /** The service's own code, such as `refresh_token_reused`. */
  readonly code: string;
  /** When, as an ISO 8601 instant. */
  readonly at: string;
  /**
   * The first 16 hex digits of the SHA-256 of the refresh token that was refused. A token that
   * anybody has replaced since no longer matches, and the mark no longer holds.
   */
  readonly for: string;
  /**
   * The same of the refresh token in the environment's secret that this sign-in came from, where
   * it did: another secret takes its place.
   */
  readonly from?: string;
}

/** A ChatGPT sign-in, in the shape of opencode's file with a few members of our own. */
export interface OAuthCredentials {
  /** The kind of sign-in. */
  readonly type: "oauth";
  /** The refresh token: single use, so never copied, only replaced. */
  readonly refresh: string;
  /** The access token. */
  readonly access: string;
  /** When the access token expires, in milliseconds since the epoch. */
  readonly expires: number;
  /** The workspace or personal account that requests are made for. */
  readonly accountId?: string;
  /** A member of opencode's shape that this package carries along unread. */
  readonly enterpriseUrl?: string;
  /** The issuer that granted it; absent means the production one. */
  readonly issuer?: string;
  /** The base URL in force when it was granted; absent means the production one. */
  readonly baseUrl?: string;
  /** Set when the refresh token was refused for good. */
  readonly reauth?: ReauthMark;
}

/** An API key, for the public API and its billing. */
export interface ApiKeyCredentials {
  /** The kind of sign-in. */
  readonly type: "api";
  /** The key. */
  readonly key: string;
  /** The base URL in force when it was stored; absent means the production one. */
  readonly baseUrl?: string;
}

/** A sign-in of either kind. */
export type Credentials = OAuthCredentials | ApiKeyCredentials;

/** What an update of a store decides: the credentials to keep, and a value for its caller. */
export interface StoreUpdate<T> {
  /** What the store shall hold from now on; `undefined` removes the entry. */
  readonly next: Credentials | undefined;
  /** What {@linkcode CredentialStore.update} returns. */
  readonly value: T;
}

/** The kinds of store that this package brings along. */
export type StoreOrigin = "file" | "memory" | "environment" | "codex-cli";

/**
 * Where a sign-in is kept.
 *
 * `update` takes a callback because a pair of get and set cannot say "hold the lock while the
 * network is asked for the next token", which is what keeps a single-use token from being lost.
 */
export interface CredentialStore {
  /** What kind of place it is, for messages and rules; absent for a store of the caller's own. */
  readonly origin?: StoreOrigin;
  /**
   * Whether a renewed sign-in can be kept here. `false` keeps a refresh token from being spent
   * for an answer that nobody could save. Absent means yes.
   */
  readonly renewable?: boolean;
  /**
   * The present credentials, without a lock.
   *
   * @returns The credentials, or `undefined` when there are none.
   */
  read(): Promise<Credentials | undefined>;
  /**
   * Changes the credentials with every other process kept out until `fn` has settled.
   *
   * `fn` sees the latest value. When it rejects nothing is changed. A `next` that is the very
   * object it was given changes nothing either.
   *
   * @param fn Decides what to keep.
   * @param options A signal that ends the wait for the lock.
   * @returns The callback's `value`, after the result is safely stored.
   */
  update<T>(
    fn: (current: Credentials | undefined) => Promise<StoreUpdate<T>>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<T>;
}
