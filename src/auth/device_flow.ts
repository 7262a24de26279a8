/**
 * Signing in with a code that the user types on another device.
 *
 * The official client takes a 429 or a 502 while polling for the end and a denial for patience;
 * here the first are waited out and the second is told where the issuer names it.
 */
import { backoff, retryAfterMs } from "../base/backoff.ts";
import { untilAborted } from "../base/abort.ts";
import { sleep } from "../base/clock.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { type Answer, hostOf } from "../base/http.ts";
import { parseJson } from "../base/json.ts";
import { isMissingEntitlement } from "../protocol/claims.ts";
import {
  DEVICE_CODE_SECONDS,
  type DeviceCode,
  deviceCodeRequest,
  type DeviceGrant,
  type DevicePending,
  devicePollRequest,
  readDeviceCode,
  readDeviceGrant,
  readDevicePending,
} from "../protocol/device.ts";
import { issuerEndpoints } from "../protocol/endpoints.ts";
import { readOAuthError } from "../protocol/tokens.ts";
import { type IssuerOptions, isTransient, post, refusal } from "./issuer.ts";
import type { AuthorizationCode } from "./token_endpoint.ts";

/** What the user needs to grant a device sign-in. */
export interface DevicePrompt {
  /** The page to open, on any device. */
  readonly url: string;
  /** The code to type there. */
  readonly code: string;
  /** When the code ends, as an ISO 8601 instant. */
  readonly expiresAt: string;
}

/** What a device flow tells while it runs. */
export interface DeviceFlowOptions extends IssuerOptions {
  /** Shows the code; called once. Nobody asks whether it was granted before this has settled. */
  readonly onCode: (prompt: DevicePrompt) => void | Promise<void>;
}

/** The bounds of the time between two polls, in milliseconds, whatever the issuer asks. */
const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 60_000;
/** The longest life of a code that is believed, in milliseconds. */
const MAX_LIFE_MS = 3_600_000;
/** How much slower after each `slow_down` (RFC 8628, 3.5). */
const SLOW_DOWN_MS = 5_000;
/** How long a request for a code, which nobody has seen yet, is tried again. */
const CODE_ATTEMPTS = 3;

/**
 * Runs the device flow up to an authorization code.
 *
 * @param options How to reach the issuer, and how to show the code.
 * @returns The code, to be exchanged once.
 * @throws CodexError `device_login_disabled` when the issuer has no such flow, `sign_in_rejected`
 * when the user or the issuer says no, `sign_in_expired` when the code ended unused, `network`.
 */
export async function deviceFlow(options: DeviceFlowOptions): Promise<AuthorizationCode> {
  const endpoints = issuerEndpoints(options.issuer);
  const code = await requestCode(options);
  const end = endOf(code, options.clock.now());
  const shown = options.onCode({
    url: endpoints.devicePage,
    code: code.userCode,
    expiresAt: new Date(end).toISOString(),
  });
  await untilAborted(shown, options.signal);
  options.signal?.throwIfAborted();
  const grant = await waitForGrant(code, end, options);
  return {
    code: grant.authorizationCode,
    codeVerifier: grant.codeVerifier,
    redirectUri: endpoints.deviceRedirect,
  };
}

/** When a code ends; an end that is past, or far away, comes from a clock that differs from ours. */
function endOf(code: DeviceCode, now: number): number {
  const life = (code.expiresAt ?? now) - now;
  return now + (life > 0 && life <= MAX_LIFE_MS ? life : DEVICE_CODE_SECONDS * 1000);
}

async function requestCode(options: IssuerOptions): Promise<DeviceCode> {
  const url = issuerEndpoints(options.issuer).deviceUserCode;
  for (let attempt = 1;; attempt++) {
    const answer = await post(url, deviceCodeRequest(), options);
    if (answer.status < 300) {
      const code = readDeviceCode(parseJson(answer.text));
      if (code !== undefined) return code;
      throw garbled("the request for a code", answer, url);
    }
    if (answer.status === 404) throw disabled();
    if (!isTransient(answer.status) || attempt === CODE_ATTEMPTS) {
      throw refusal("The request for a sign-in code", answer, url, []);
    }
    await sleep(options.clock, pollWait(answer, backoff(attempt), options), options.signal);
  }
}

async function waitForGrant(
  code: DeviceCode,
  end: number,
  options: IssuerOptions,
): Promise<DeviceGrant> {
  const { clock, signal } = options;
  const url = issuerEndpoints(options.issuer).deviceToken;
  const secrets = [code.deviceAuthId, code.userCode];
  let interval = clamp(code.intervalSeconds * 1000);
  for (;;) {
    const last = clock.now() >= end;
    let wait = interval;
    const answer = await poll(url, code, options);
    if (answer !== undefined) {
      const verdict = readPoll(answer);
      if (typeof verdict === "object") return verdict;
      if (verdict === "slow_down") interval = clamp(interval + SLOW_DOWN_MS);
      else if (verdict === "refused") throw refusal("The sign-in", answer, url, secrets);
      else if (verdict === "garbled") throw garbled("the sign-in", answer, url);
      else if (verdict !== "pending") throw ended(verdict);
      wait = pollWait(answer, interval, options);
    }
    if (last) throw ended("expired");
    // One more poll at the very end: the user may have granted it in the last seconds.
    await sleep(clock, Math.max(0, Math.min(wait, end - clock.now())), signal);
  }
}

/** Polls once; a connection that fails counts as no answer, as the code stays good meanwhile. */
async function poll(
  url: string,
  code: DeviceCode,
  options: IssuerOptions,
): Promise<Answer | undefined> {
  try {
    return await post(url, devicePollRequest(code), options);
  } catch (error) {
    if (isCodexError(error, "network") && error.retryable) return undefined;
    throw error;
  }
}

function readPoll(answer: Answer): DeviceGrant | DevicePending | "refused" | "garbled" {
  const body = parseJson(answer.text);
  if (answer.status < 300) return readDeviceGrant(body) ?? "garbled";
  const { code, message } = readOAuthError(body);
  if (isTransient(answer.status)) return answer.status === 429 ? "slow_down" : "pending";
  if (isMissingEntitlement(`${code} ${message}`)) return "refused";
  const pending = readDevicePending(code);
  // 403 and 404 are pending whatever they say; elsewhere only a code that says so is.
  if (answer.status === 403 || answer.status === 404 || pending !== "pending") return pending;
  return code?.includes("pending") ? "pending" : "refused";
}

function pollWait(answer: Answer, otherwise: number, options: IssuerOptions): number {
  const asked = retryAfterMs(answer.headers.get("retry-after"), options.clock.now());
  return Math.min(Math.max(asked ?? 0, otherwise), MAX_INTERVAL_MS);
}

function clamp(interval: number): number {
  return Math.min(Math.max(interval, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
}

function garbled(what: string, answer: Answer, url: string): CodexError {
  return new CodexError("sign_in_rejected", `${hostOf(url)} answered ${what} with something else`, {
    status: answer.status,
    hint: "Sign in another way: codex login --browser",
  });
}

function disabled(): CodexError {
  return new CodexError(
    "device_login_disabled",
    "Signing in with a code is not switched on for this issuer or account",
    {
      hint: "Switch it on at https://chatgpt.com/#settings/Security, or run: codex login --browser",
    },
  );
}

function ended(why: "denied" | "expired" | "disabled"): CodexError {
  switch (why) {
    case "denied":
      return new CodexError("sign_in_rejected", "The sign-in was denied on the other device", {
        hint: "Try again with: codex login --headless",
      });
    case "disabled":
      return disabled();
    case "expired":
      return new CodexError("sign_in_expired", "The sign-in code ended before it was granted", {
        hint: "Get a new one with: codex login --headless. If the page refused the code, " +
          "device sign-in may be switched off for the account: codex login --browser",
      });
  }
}
