/** The token endpoint: code exchange, API-key exchange, refresh; and revocation beside it. */
import { CLIENT_ID } from "../../protocol/endpoints.ts";
import { apiError, jsonAnswer, oauthError } from "../answers.ts";
import { field } from "../incoming.ts";
import type { Handler, World } from "../world.ts";
import type { IssuedTokens } from "./token_desk.ts";

/** `POST /oauth/token` with an authorization code. */
export const exchangeCode: Handler = async (incoming, world) => {
  const { form } = incoming;
  if (form === undefined) return oauthError(400, "invalid_request", "A form is expected");
  if (form.get("grant_type") !== "authorization_code") {
    return oauthError(400, "unsupported_grant_type", "The grant_type is not supported");
  }
  for (const name of ["client_id", "code", "redirect_uri", "code_verifier"]) {
    if (!form.get(name)) return oauthError(400, "invalid_request", `Missing parameter: ${name}`);
  }
  if (form.get("client_id") !== CLIENT_ID) return unknownClient();
  const redeemed = await world.codes.redeem(
    form.get("code") ?? "",
    form.get("redirect_uri") ?? "",
    form.get("code_verifier") ?? "",
  );
  if ("refused" in redeemed) return oauthError(400, "invalid_grant", redeemed.refused);
  const tokens = world.tokens.issue({ workspace: redeemed.workspace });
  return tokenAnswer(tokens, world, world.settings.tokens.omitFields);
};

/** `POST /oauth/token` with an id token, for an API key. */
export const exchangeApiKey: Handler = (_incoming, { settings }) => {
  const { apiKey } = settings.browser;
  if (apiKey === undefined) {
    return apiError(400, { message: "No organization is set up for this account" });
  }
  return jsonAnswer(200, { access_token: apiKey });
};

/** `POST /oauth/token` with a refresh token, as a form or as JSON. */
export const refreshTokens: Handler = (incoming, world) => {
  if (field(incoming, "client_id") !== CLIENT_ID) return unknownClient();
  const refreshToken = field(incoming, "refresh_token");
  if (!refreshToken) {
    return apiError(400, {
      message:
        "Invalid 'refresh_token': string too short. Expected a string with minimum length 1.",
      param: "refresh_token",
      code: "string_below_min_length",
    });
  }
  const result = world.tokens.refresh(refreshToken);
  if (result.state === "good") {
    return tokenAnswer(result.tokens, world, world.settings.refresh.omitFields);
  }
  const code = result.state === "reused" ? "refresh_token_reused" : "refresh_token_invalidated";
  return apiError(401, { message: REFUSALS[code], code });
};

const REFUSALS = {
  refresh_token_reused: "Your refresh token has already been used to generate a new access token." +
    " Please try signing in again.",
  refresh_token_invalidated: "Your session has ended. Please log in again.",
} as const;

/** `POST /oauth/revoke`. */
export const revoke: Handler = (incoming, { tokens }) => {
  const token = field(incoming, "token");
  if (!token) return oauthError(400, "invalid_request", "Missing parameter: token");
  const client = field(incoming, "client_id");
  // The official client leaves its id out when it revokes an access token.
  const needsClient = field(incoming, "token_type_hint") === "refresh_token";
  if (client !== CLIENT_ID && (needsClient || client !== undefined)) return unknownClient();
  tokens.revoke(token);
  return jsonAnswer(200, {});
};

/** `GET …/whoami`: nobody holds a personal access token here. */
export const whoami: Handler = () => apiError(401, { message: "Unauthorized" });

function tokenAnswer(
  tokens: IssuedTokens,
  { clock }: World,
  omitted: readonly string[],
): Response {
  const now = Math.floor(clock.now() / 1000);
  const body: Record<string, unknown> = {
    id_token: tokens.idToken,
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    token_type: "Bearer",
    expires_in: tokens.expiresIn,
    scope: "openid profile email offline_access",
    earliest_refresh_at: now + Math.floor(tokens.expiresIn / 2),
  };
  for (const name of omitted) delete body[name];
  return jsonAnswer(200, body);
}

function unknownClient(): Response {
  return oauthError(401, "invalid_client", "The client_id is not known");
}
