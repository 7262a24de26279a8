/** What a simulator is told at the start: plain JSON, so that a file can hold it. */
import type { Expectation } from "./expectation.ts";
import type { Fault } from "./faults.ts";
import type { Turn } from "./turns.ts";
import type { ModelEntry } from "./backend/catalogue.ts";

/** Everything that a simulator can be told at the start; each part has a default. */
export interface Scenario {
  /**
   * The instant at which the simulator's time stands still until it is moved, such as
   * `2027-01-15T08:00:00Z`. Absent means the machine's own time.
   */
  readonly now?: string;
  /** Part of every id and token; random by default, so that two simulators know each other not. */
  readonly seed?: string;
  /** Whether the simulator's store holds a sign-in at first; it does by default. */
  readonly signedIn?: boolean;
  /** Who signs in. */
  readonly account?: AccountSettings;
  /** What the issuer's tokens look like. */
  readonly tokens?: TokenSettings;
  /** How the device flow goes. */
  readonly device?: DeviceSettings;
  /** How the browser flow goes. */
  readonly browser?: BrowserSettings;
  /** How a refresh goes. */
  readonly refresh?: RefreshSettings;
  /** The account's models, each over the defaults; the service's own list by default. */
  readonly models?: readonly ModelEntry[];
  /** How strict the backend is. */
  readonly rules?: RuleSettings;
  /** How much of the allowance is used. */
  readonly limits?: LimitSettings;
  /** The keys that the public API takes, `sk-simulator` by default. */
  readonly apiKeys?: readonly string[];
  /** The turns of the model, in order. */
  readonly turns?: readonly Turn[];
  /** What the model says when no turn is left. */
  readonly reply?: string;
  /** What goes wrong, on any route. */
  readonly faults?: readonly Fault[];
  /** The requests that must come. Those of a route that none of them names are not looked at. */
  readonly expect?: readonly Expectation[];
  /** Whether they must come in their order, as by default (`strict`), or not (`any`). */
  readonly expectOrder?: "strict" | "any";
}

/** A workspace, or the personal account. */
export interface Workspace {
  /** Its id, which requests name in `chatgpt-account-id`. */
  readonly id: string;
  /** Its plan, such as `plus`, `pro` or `business`. */
  readonly plan: string;
  /** What a person reads. */
  readonly title?: string;
}

/** Who signs in. */
export interface AccountSettings {
  /** The e-mail address, `ada@example.com` by default. */
  readonly email?: string;
  /** The user's id. */
  readonly userId?: string;
  /** The plan of the only workspace, `plus` by default. */
  readonly plan?: string;
  /** The id of the only workspace. */
  readonly id?: string;
  /** Several workspaces; the first is signed in to. */
  readonly workspaces?: readonly Workspace[];
}

/** What the issuer's tokens look like. */
export interface TokenSettings {
  /** How long an access token lives; 864,000 (ten days) by default, as the real one. */
  readonly lifetimeSeconds?: number;
  /** Makes access tokens that are no JWT. */
  readonly opaqueAccess?: boolean;
  /** Claims to leave out, also members of the service's own claim, such as `exp` or `chatgpt_account_id`. */
  readonly omitClaims?: readonly string[];
  /** Members of the code exchange's answer to leave out, such as `refresh_token`. */
  readonly omitFields?: readonly string[];
}

/** How the device flow goes. */
export interface DeviceSettings {
  /** At which poll the code is granted, 2 by default; `page` waits for the device page. */
  readonly approveAfter?: number | "page";
  /** What comes then. */
  readonly outcome?: "approve" | "deny" | "expire";
  /** The status while nothing is decided; `alternate` changes with every poll. */
  readonly pendingStatus?: 403 | 404 | "alternate";
  /**
   * Seconds between two polls: a string as the service sends it, `1` by default; a number, which
   * stops the official client; or `null` for none. (The service says `5`.)
   */
  readonly interval?: string | number | null;
  /** How long a code lives, in seconds, 900 by default; `null` leaves the instant out. */
  readonly expiresIn?: number | null;
  /**
   * `true` makes the endpoint answer 404, as a server without device sign-in; `account` gives a
   * code that is never granted, as an account without it.
   */
  readonly disabled?: boolean | "account";
  /** Answers a poll that comes in less than half the interval with `slow_down`. */
  readonly slowDown?: boolean;
}

/** How the browser flow goes. */
export interface BrowserSettings {
  /**
   * What the authorize page does: it approves at once by default. `page` waits for a click in a
   * real browser, `never` shows a page without one.
   */
  readonly outcome?: "approve" | "deny" | "wrong-state" | "no-state" | "no-code" | "page" | "never";
  /** The error that `deny` sends, `access_denied` by default. */
  readonly error?: string;
  /** What `deny` says about it. */
  readonly description?: string;
  /** Lets the browser come back to any loopback port, and not only to the registered ones. */
  readonly anyPort?: boolean;
  /** Makes the exchange for an API key succeed with this key; it answers 400 by default. */
  readonly apiKey?: string;
}

/** How a refresh goes. */
export interface RefreshSettings {
  /** Whether a refresh gives a new refresh token; it does by default. */
  readonly rotate?: boolean;
  /** Whether a spent refresh token is refused; it is by default. */
  readonly detectReuse?: boolean;
  /** For how many seconds a spent refresh token is still taken, 0 by default. */
  readonly graceSeconds?: number;
  /** Whether a refused reuse ends the whole sign-in; it does not by default. */
  readonly revokeFamily?: boolean;
  /** Members of the answer to leave out, such as `id_token`. */
  readonly omitFields?: readonly string[];
  /** Another workspace that the new tokens are for. */
  readonly switchTo?: string;
}

/** How strict the backend is. */
export interface RuleSettings {
  /** Accepts only the newest access token of a sign-in; any unexpired one by default. */
  readonly newestTokenOnly?: boolean;
  /** Whether `chatgpt-account-id` must be there; it must by default. */
  readonly accountHeader?: "required" | "optional";
  /**
   * Whether the classic shape needs `instructions`; it does by default. (The official client
   * sends none since 0.169: a request with its `version` header is excused.)
   */
  readonly instructions?: "required" | "optional";
  /** Models that answer 404 to a request in the classic shape; `*` means every lite model. */
  readonly wantsLite?: readonly string[];
  /** Models that answer 404 to every program but the official one. */
  readonly wantsIdentity?: readonly string[];
  /** Models that ask for a newer version with 400. */
  readonly wantsNewer?: readonly string[];
  /** The largest body in bytes, as it was sent; larger ones get 413. */
  readonly maxBodyBytes?: number;
}

/** How much of the allowance is used. */
export interface LimitSettings {
  /** The short window: 5 hours. */
  readonly primary?: WindowSettings | null;
  /** The long window: 7 days. */
  readonly secondary?: WindowSettings | null;
  /** Bought credits. */
  readonly credits?: { readonly balance?: string; readonly unlimited?: boolean };
}

/** A window of the allowance. */
export interface WindowSettings {
  /** How much of it is used, in whole percent. */
  readonly usedPercent?: number;
  /** How long it is, in minutes. */
  readonly windowMinutes?: number;
  /** Seconds until it begins anew, counted from when the simulator was made. */
  readonly resetsIn?: number;
}
