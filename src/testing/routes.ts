/** Which request is for what: the service's paths, read on their own, whatever host they came to. */

/** What a request asks for; faults and recorded requests go by these names. */
export type Route =
  | "device-code"
  | "device-poll"
  | "device-page"
  | "authorize"
  | "token"
  | "api-key-exchange"
  | "refresh"
  | "revoke"
  | "whoami"
  | "models"
  | "responses"
  | "websocket"
  | "usage"
  | "accounts-check"
  | "chat-completions"
  | "api-models"
  | "api-responses"
  | "api-websocket"
  | "unknown";

/** The names, to be told to whoever asks for another one. */
export const ROUTE_NAMES: readonly Route[] = [
  "device-code",
  "device-poll",
  "device-page",
  "authorize",
  "token",
  "api-key-exchange",
  "refresh",
  "revoke",
  "whoami",
  "models",
  "responses",
  "websocket",
  "usage",
  "accounts-check",
  "chat-completions",
  "api-models",
  "api-responses",
  "api-websocket",
  "unknown",
];

type Key = `${"GET" | "POST"} ${string}`;

const ROUTES: Readonly<Record<Key, Route>> = {
  "POST /api/accounts/deviceauth/usercode": "device-code",
  "POST /api/accounts/deviceauth/token": "device-poll",
  "GET /codex/device": "device-page",
  "POST /codex/device": "device-page",
  "GET /oauth/authorize": "authorize",
  "POST /oauth/token": "token",
  "POST /oauth/revoke": "revoke",
  "GET /api/accounts/v1/user-auth-credential/whoami": "whoami",
  "GET /backend-api/codex/models": "models",
  "POST /backend-api/codex/responses": "responses",
  "GET /backend-api/codex/responses": "websocket",
  "GET /backend-api/wham/usage": "usage",
  "GET /backend-api/wham/accounts/check": "accounts-check",
  "POST /backend-api/codex/chat/completions": "chat-completions",
  "GET /v1/models": "api-models",
  "POST /v1/responses": "api-responses",
  "GET /v1/responses": "api-websocket",
};

/**
 * Names the route of a request.
 *
 * @param method The request's method.
 * @param path The path of its address.
 * @param grantType For the token endpoint, which serves three kinds of request.
 */
export function routeOf(method: string, path: string, grantType?: string): Route {
  const key = `${method} ${path}`;
  const route = isKey(key) ? ROUTES[key] : undefined;
  if (route === "token" && grantType === "refresh_token") return "refresh";
  if (route === "token" && grantType?.endsWith(":token-exchange")) return "api-key-exchange";
  if (route === undefined && /^GET \/v1\/models\/[^/]+$/.test(key)) return "api-models";
  return route ?? "unknown";
}

function isKey(key: string): key is Key {
  return Object.hasOwn(ROUTES, key);
}
