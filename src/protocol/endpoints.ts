/**
 * Where the service lives. Every production address of the package stands in this file.
 *
 * Seen in the official client 0.169.0 against a recording server unless a line says otherwise.
 */
import { CodexError } from "../base/errors.ts";

/** Grants, renews and ends sign-ins. */
export const ISSUER = "https://auth.openai.com";

/** Serves models with a ChatGPT sign-in. */
export const BASE_URL = "https://chatgpt.com/backend-api/codex";

/** Serves models with an API key. */
export const API_BASE_URL = "https://api.openai.com/v1";

/** The public OAuth client of the official CLI; it has no secret. */
export const CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann";

/** The ports on which the issuer lets a browser come back, in the order to try them. */
export const CALLBACK_PORTS: readonly number[] = [1455, 1457];

/** The path on which the browser comes back. */
export const CALLBACK_PATH = "/auth/callback";

/** The scope of the browser flow. The official client adds two for its connectors; opencode does without them. */
export const SCOPE = "openid profile email offline_access";

/** The three places that a client talks to. None ends with a slash. */
export interface Addresses {
  /** The issuer. */
  readonly issuer: string;
  /** The model backend for ChatGPT sign-ins. */
  readonly baseUrl: string;
  /** The public API for keys. */
  readonly apiBaseUrl: string;
}

/** The production addresses. */
export const PRODUCTION: Addresses = {
  issuer: ISSUER,
  baseUrl: BASE_URL,
  apiBaseUrl: API_BASE_URL,
};

/** The environment variables that point elsewhere. */
export const ADDRESS_VARIABLES: Readonly<Record<keyof Addresses, string>> = {
  issuer: "CODEX_ISSUER_URL",
  baseUrl: "CODEX_BASE_URL",
  apiBaseUrl: "CODEX_API_BASE_URL",
};

/**
 * The addresses in force.
 *
 * @param override Reads an override by its member; an empty one counts as absent.
 * @param nameOf What to call an override in a message.
 * @returns Production addresses, with the overrides in their places.
 * @throws CodexError `invalid_usage` for an override that is neither https nor http to a literal
 * loopback address, or that carries a user, a query or a fragment.
 */
export function resolveAddresses(
  override: (member: keyof Addresses) => string | URL | undefined,
  nameOf: (member: keyof Addresses) => string = (member) => ADDRESS_VARIABLES[member],
): Addresses {
  const resolve = (member: keyof Addresses): string => {
    const value = override(member);
    return value === undefined || value === ""
      ? PRODUCTION[member]
      : checkedAddress(String(value), nameOf(member));
  };
  return {
    issuer: resolve("issuer"),
    baseUrl: resolve("baseUrl"),
    apiBaseUrl: resolve("apiBaseUrl"),
  };
}

function checkedAddress(text: string, name: string): string {
  const url = URL.parse(text);
  // The value itself stays out of the message: it may hold a password.
  const refuse = (why: string): CodexError =>
    new CodexError("invalid_usage", `${name} ${why}`, {
      hint: `Leave ${name} out, or give an https address or http://127.0.0.1:PORT`,
    });
  if (url === null) throw refuse("is not an absolute address");
  if (url.username !== "" || url.password !== "") throw refuse("must not carry a user or password");
  if (url.search !== "" || url.hash !== "") throw refuse("must not carry a query or fragment");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw refuse("must be https, or http to a literal loopback address");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** Whether a host is a loopback address in digits; a name such as `localhost` can point anywhere. */
export function isLoopback(hostname: string): boolean {
  return hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The addresses of an issuer. */
export interface IssuerEndpoints {
  /** The page that asks the user, in the browser flow. */
  readonly authorize: string;
  /** Code exchange and refresh. */
  readonly token: string;
  /** Ends a sign-in. */
  readonly revoke: string;
  /** Gives a device code. */
  readonly deviceUserCode: string;
  /** Tells whether a device code was granted. */
  readonly deviceToken: string;
  /** The page on which the user enters a device code. */
  readonly devicePage: string;
  /** The redirect address to name when a device code is exchanged. */
  readonly deviceRedirect: string;
}

/** The addresses of an issuer. */
export function issuerEndpoints(issuer: string): IssuerEndpoints {
  return {
    authorize: `${issuer}/oauth/authorize`,
    token: `${issuer}/oauth/token`,
    revoke: `${issuer}/oauth/revoke`,
    deviceUserCode: `${issuer}/api/accounts/deviceauth/usercode`,
    deviceToken: `${issuer}/api/accounts/deviceauth/token`,
    devicePage: `${issuer}/codex/device`,
    deviceRedirect: `${issuer}/deviceauth/callback`,
  };
}

/** The address on which the browser comes back. The official client names the IP literal. */
export function callbackUrl(port: number): string {
  return `http://127.0.0.1:${port}${CALLBACK_PATH}`;
}

/** Where model requests go: the same path on the ChatGPT backend and on the public API. */
export function responsesUrl(baseUrl: string): string {
  return `${baseUrl}/responses`;
}

/** Where the account's models are listed; the version decides which of them the backend names. */
export function modelsUrl(baseUrl: string, clientVersion: string): string {
  return `${baseUrl}/models?client_version=${encodeURIComponent(clientVersion)}`;
}

/** Where the allowance of a ChatGPT plan is told: beside the base, without its trailing `/codex`. */
export function usageUrl(baseUrl: string): string {
  return `${baseUrl.replace(/\/codex$/, "")}/wham/usage`;
}
