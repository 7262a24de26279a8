/** Functions that write down how a sign-in goes. Each gives a part of a {@linkcode Scenario}. */
import { apiErrorBody } from "./answers.ts";
import { type Fault, fault } from "./faults.ts";
import type { BrowserSettings, DeviceSettings, RefreshSettings, Scenario } from "./scenario.ts";

/**
 * How the browser flow goes.
 *
 * @param settings What the authorize page does.
 * @returns A part of a scenario.
 *
 * @example The user declines in the browser
 * ```ts
 * import { browserLogin, createSimulator } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({
 *   ...browserLogin({ outcome: "deny", description: "The user declined" }),
 *   signedIn: false,
 * });
 * ```
 */
export function browserLogin(settings: BrowserSettings = {}): Pick<Scenario, "browser"> {
  return { browser: settings };
}

/**
 * How the device flow goes.
 *
 * @param settings At which poll it is decided, what comes then, and how the interval is written.
 * @returns A part of a scenario.
 *
 * @example Granted at the third poll, without a pause between two polls
 * ```ts
 * import { createSimulator, deviceLogin } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({
 *   ...deviceLogin({ approveAfter: 3, interval: "0" }),
 *   signedIn: false,
 * });
 * ```
 */
export function deviceLogin(settings: DeviceSettings = {}): Pick<Scenario, "device"> {
  return { device: settings };
}

/**
 * How a refresh goes: rotation, reuse, grace.
 *
 * @param settings Whether refresh tokens are rotated, and what happens to a spent one.
 * @returns A part of a scenario.
 *
 * @example A spent refresh token ends the sign-in
 * ```ts
 * import { createSimulator, refreshRotates } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({
 *   ...refreshRotates({ detectReuse: true, revokeFamily: true }),
 * });
 * ```
 */
export function refreshRotates(settings: RefreshSettings = {}): Pick<Scenario, "refresh"> {
  return { refresh: settings };
}

/** A code with which a refresh fails. */
export type RefreshFailure =
  | "refresh_token_expired"
  | "refresh_token_reused"
  | "refresh_token_invalidated"
  | "refresh_token_revoked"
  | "invalid_grant"
  | "token_expired"
  | "app_session_terminated"
  | "unsupported_country_region_territory";

/** The status of each, and what the service says. */
const REFRESH_FAILURES: Readonly<Record<RefreshFailure, readonly [number, string]>> = {
  refresh_token_expired: [401, "Your refresh token has expired. Please log in again."],
  refresh_token_reused: [401, "Your refresh token has already been used. Please log in again."],
  refresh_token_invalidated: [401, "Your session has ended. Please log in again."],
  refresh_token_revoked: [400, "Your refresh token was revoked."],
  invalid_grant: [400, "The refresh token is not valid"],
  token_expired: [403, "The token has expired"],
  app_session_terminated: [403, "The session was terminated"],
  unsupported_country_region_territory: [403, "Country, region, or territory not supported"],
};

/**
 * A refresh that is refused.
 *
 * @param code Why.
 * @param options How often, and after how many that succeed.
 * @returns The fault.
 *
 * @example The sign-in is over
 * ```ts
 * import { createSimulator, refreshFails } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({
 *   faults: [refreshFails("refresh_token_expired", { times: "always" })],
 * });
 * ```
 */
export function refreshFails(
  code: RefreshFailure,
  options: Pick<Fault, "times" | "skip"> = {},
): Fault {
  const [status, message] = REFRESH_FAILURES[code];
  const body = code === "invalid_grant"
    ? { error: code, error_description: message }
    : apiErrorBody({ message, code, ...(status === 403 ? { type: "request_forbidden" } : {}) });
  return fault("refresh", { status, body, ...options });
}
