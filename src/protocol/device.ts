/** The device flow on the wire (official client 0.169.0, and two public clients for the rest). */
import { numberAt, stringAt } from "../base/json.ts";
import { CLIENT_ID } from "./endpoints.ts";

/** Seconds between two polls when the issuer names none; the real one was seen to send 5. */
export const DEFAULT_INTERVAL_SECONDS = 5;

/** How long a device code lives when the issuer names no end, in seconds. */
export const DEVICE_CODE_SECONDS = 900;

/** A device code, as the issuer gives it. */
export interface DeviceCode {
  /** Names the attempt in every poll; secret. */
  readonly deviceAuthId: string;
  /** What the user types. */
  readonly userCode: string;
  /** Seconds between two polls. */
  readonly intervalSeconds: number;
  /** When the code ends, in milliseconds since the epoch, if the issuer said so. */
  readonly expiresAt: number | undefined;
}

/** What a granted device code gives: an authorization code with the verifier made for it. */
export interface DeviceGrant {
  /** To be exchanged once. */
  readonly authorizationCode: string;
  /** The code verifier, which the server makes in this flow. */
  readonly codeVerifier: string;
}

/** The body that asks for a device code. */
export function deviceCodeRequest(): string {
  return JSON.stringify({ client_id: CLIENT_ID });
}

/** The body of a poll. */
export function devicePollRequest(code: DeviceCode): string {
  return JSON.stringify({ device_auth_id: code.deviceAuthId, user_code: code.userCode });
}

/**
 * Reads a device code. The interval is a string on the wire (a number kills the official client);
 * a number is taken too, and anything unusable counts as absent.
 *
 * @param body The parsed answer.
 * @returns The code, or `undefined` when a required member is missing.
 */
export function readDeviceCode(body: unknown): DeviceCode | undefined {
  const deviceAuthId = stringAt(body, "device_auth_id");
  const userCode = stringAt(body, "user_code") ?? stringAt(body, "usercode");
  if (!deviceAuthId || !userCode) return undefined;
  const expiresAt = Date.parse(stringAt(body, "expires_at") ?? "");
  return {
    deviceAuthId,
    userCode,
    intervalSeconds: readInterval(body),
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
  };
}

function readInterval(body: unknown): number {
  const text = stringAt(body, "interval")?.trim();
  const seconds = text ? Number(text) : numberAt(body, "interval");
  return seconds !== undefined && seconds > 0 && Number.isFinite(seconds)
    ? seconds
    : DEFAULT_INTERVAL_SECONDS;
}

/**
 * Reads a granted code. The challenge that the official client also demands is not used by anybody.
 *
 * @param body The parsed answer.
 * @returns The grant, or `undefined` when a required member is missing.
 */
export function readDeviceGrant(body: unknown): DeviceGrant | undefined {
  const authorizationCode = stringAt(body, "authorization_code");
  const codeVerifier = stringAt(body, "code_verifier");
  return authorizationCode && codeVerifier ? { authorizationCode, codeVerifier } : undefined;
}

/** What a poll that was not granted means. */
export type DevicePending = "pending" | "slow_down" | "denied" | "expired" | "disabled";

/**
 * Reads a refusal of a poll by its code. 403 and 404 mean pending to the official client whatever
 * they say, so a denied or expired code looks pending to it for a quarter of an hour. Codes of
 * RFC 8628 and those that other clients handle are told apart here; any other is pending.
 *
 * @param code The error code in the body, if any.
 */
export function readDevicePending(code: string | undefined): DevicePending {
  switch (code?.replace(/^deviceauth_/, "")) {
    case "slow_down":
      return "slow_down";
    case "access_denied":
    case "authorization_denied":
    case "authorization_declined":
      return "denied";
    case "expired_token":
    case "authorization_expired":
      return "expired";
    // The name is not verified: the real service was only seen to answer "pending" here.
    case "authorization_disabled":
      return "disabled";
    default:
      return "pending";
  }
}
