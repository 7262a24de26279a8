/** What a sign-in is got and kept with: a clock, a store and an issuer that the test drives. */
import type { Credentials, CredentialStore, OAuthCredentials } from "../../src/base/credentials.ts";
import type { Fetch } from "../../src/base/http.ts";
import type { Addresses } from "../../src/protocol/endpoints.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { type Handler, json, ScriptedFetch } from "../support/scripted_fetch.ts";
import { SharedStore } from "./shared_store.ts";
import { IDENTITY, PRODUCTION } from "./sign_ins.ts";

/** Why the caller of a test leaves. */
export const CANCELLED: Error = new Error("cancelled by the caller");

/** The answer with the tokens of a sign-in. */
export function tokens({ access, refresh }: OAuthCredentials): Handler {
  return json({ access_token: access, refresh_token: refresh });
}

/** What every function of this folder takes. */
export interface AuthParts {
  readonly store: CredentialStore;
  readonly addresses: Addresses;
  readonly fetch: Fetch;
  readonly clock: ManualClock;
  readonly identity: typeof IDENTITY;
}

/** One process, or several, with one store and one issuer. */
export class AuthDesk {
  readonly clock: ManualClock = new ManualClock();
  readonly controller: AbortController = new AbortController();
  readonly warnings: string[] = [];
  readonly onWarning = (message: string): void => void this.warnings.push(message);
  readonly net: ScriptedFetch;
  readonly shared: SharedStore;

  /** The store holds the sign-in; the handlers answer for the issuer, in order. */
  constructor(held: Credentials | undefined, ...handlers: readonly Handler[]) {
    this.shared = new SharedStore(held);
    this.net = new ScriptedFetch(...handlers);
  }

  /** What one more process works with. */
  parts(): AuthParts {
    return {
      store: this.shared.open(),
      addresses: PRODUCTION,
      fetch: this.net.fetch,
      clock: this.clock,
      identity: IDENTITY,
    };
  }
}
