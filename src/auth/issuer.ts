/** What every request to the issuer needs. */
import type { Clock } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import { type Answer, exchange, type Fetch, hostOf, isPage } from "../base/http.ts";
import { parseJson } from "../base/json.ts";
import { redact } from "../base/redact.ts";
import { isMissingEntitlement } from "../protocol/claims.ts";
import { readOAuthError } from "../protocol/tokens.ts";
import { noEntitlement } from "./errors.ts";

/** How to reach an issuer. */
export interface IssuerOptions {
  /** Its address. */
  readonly issuer: string;
  /** Sends requests. */
  readonly fetch: Fetch;
  /** Measures time. */
  readonly clock: Clock;
  /** Headers that say who we are. */
  readonly identity: Readonly<Record<string, string>>;
  /** Cancels. */
  readonly signal?: AbortSignal | undefined;
}

/** How long one request to the issuer may take. */
const TIMEOUT_MS = 30_000;

/**
 * Posts to the issuer.
 *
 * @param url One of its addresses.
 * @param body JSON text, or a form.
 * @param options How to reach it.
 * @returns The answer, whatever its status.
 * @throws CodexError `network`.
 */
export function post(
  url: string,
  body: string | URLSearchParams,
  options: IssuerOptions,
): Promise<Answer> {
  const headers = {
    ...options.identity,
    accept: "application/json",
    "content-type": typeof body === "string"
      ? "application/json"
      : "application/x-www-form-urlencoded",
  };
  const { fetch, clock, signal } = options;
  return exchange(url, { method: "POST", headers, body: String(body) }, {
    fetch,
    clock,
    signal,
    timeoutMs: TIMEOUT_MS,
  });
}

/** Whether an answer says "later" rather than "no". */
export function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Says in words why the issuer refused.
 *
 * @param what What was refused, as the beginning of a sentence, such as "The sign-in".
 * @param answer The issuer's answer.
 * @param url Where it came from.
 * @param secrets What must not appear.
 * @returns `overloaded` or `rate_limit` for what may pass, `network` for a web page in place of a
 * reason, `plan_not_included` when the workspace is without Codex, `sign_in_rejected` for the rest.
 */
export function refusal(
  what: string,
  answer: Answer,
  url: string,
  secrets: readonly string[],
): CodexError {
  const { status } = answer;
  if (isTransient(status)) {
    return new CodexError(
      status === 429 ? "rate_limit" : "overloaded",
      `${hostOf(url)} cannot answer at the moment (status ${status})`,
      { status, hint: "Try again in a minute" },
    );
  }
  if (isPage(answer)) return blocked(url, status);
  const { code, message } = readOAuthError(parseJson(answer.text));
  if (isMissingEntitlement(`${code} ${message}`)) return noEntitlement(status);
  if (code === "unsupported_country_region_territory") {
    return new CodexError(
      "sign_in_rejected",
      "The service does not answer from this country or region",
      { status, hint: "Check which way the connection takes: HTTPS_PROXY is honoured" },
    );
  }
  const said = quoted(message ?? code ?? "", secrets) || "no reason given";
  return new CodexError("sign_in_rejected", `${what} was refused: ${said} (status ${status})`, {
    status,
    hint: "Try again with: codex login",
  });
}

/** As with a model request: what stands in front of the issuer says nothing against a sign-in. */
function blocked(url: string, status: number): CodexError {
  return new CodexError(
    "network",
    `The request was blocked in front of ${hostOf(url)} (status ${status})`,
    {
      status,
      retryable: false,
      hint: "Try from another network: a VPN, proxy or region may be blocked",
    },
  );
}

/** What the issuer said, fit to be quoted: short, on one line, without secrets. */
function quoted(text: string, secrets: readonly string[]): string {
  // A code has been put into lower case, whatever it repeats.
  const hidden = secrets.flatMap((secret) => [secret, secret.toLowerCase()]);
  const printable = redact(text, hidden).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  return printable.trim().slice(0, 300);
}
