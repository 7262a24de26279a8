/** The options that every function of the library takes. */
import type { Clock } from "../base/clock.ts";
import type { CredentialStore } from "../base/credentials.ts";

/** Where requests go, with which sign-in, and through what. All have defaults. */
export interface ClientOptions {
  /** Where the sign-in is kept; the command's own file unless given. */
  readonly store?: CredentialStore | undefined;
  /** The profile of the default store; `CODEX_PROFILE`, else `default`. */
  readonly profile?: string | undefined;
  /** Sends requests; the platform's `fetch` unless given. */
  readonly fetch?: ((input: string, init?: RequestInit) => Promise<Response>) | undefined;
  /** Measures time; the machine's own unless given. */
  readonly clock?: Clock | undefined;
  /** The issuer; `CODEX_ISSUER_URL`, else the production one. */
  readonly issuer?: string | URL | undefined;
  /** The model backend; `CODEX_BASE_URL`, else the production one. */
  readonly baseUrl?: string | URL | undefined;
  /** The public API for keys; `CODEX_API_BASE_URL`, else the production one. */
  readonly apiBaseUrl?: string | URL | undefined;
  /** The name under which requests are made; `CODEX_ORIGINATOR`, else `codex_deno`. */
  readonly originator?: string | undefined;
  /** Cancels whatever is under way. */
  readonly signal?: AbortSignal | undefined;
  /** Told what went wrong without ending the work; nothing is ever printed. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
