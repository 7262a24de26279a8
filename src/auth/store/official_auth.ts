/**
 * The official tool's credential file, as 0.169.0 writes it. It is only ever read: that program
 * drops what it does not know, and its refresh token is its own.
 */
import type { Credentials } from "../../base/credentials.ts";
import { isObject, objectAt, stringAt } from "../../base/json.ts";
import { readClaims } from "../claims.ts";

/** What such a file holds. */
export type OfficialAuth =
  /** A ChatGPT sign-in, its refresh token included. */
  | { readonly kind: "chatgpt"; readonly credentials: Credentials }
  /** An API key. */
  | { readonly kind: "api-key"; readonly credentials: Credentials }
  /** Nothing: nobody is signed in. */
  | { readonly kind: "empty" }
  /** A sign-in of another kind, in words. */
  | { readonly kind: "other"; readonly what: string };

/**
 * The expiry of an access token that does not tell it: the last instant that a `Date` can hold, so
 * that the token is used until the service refuses it.
 */
export const UNKNOWN_EXPIRY_MS = 8.64e15;

const OTHER_KINDS: readonly (readonly [mode: string, member: string, what: string])[] = [
  ["personalAccessToken", "personal_access_token", "a personal access token"],
  ["bedrockApiKey", "bedrock_api_key", "a sign-in for Bedrock"],
  ["bedrockAccessKeys", "bedrock_access_keys", "a sign-in for Bedrock"],
  ["agentIdentity", "agent_identity", "an agent identity"],
];

/**
 * Reads such a file.
 *
 * @param value Its JSON, from anybody.
 * @returns What it holds; `undefined` when it is something else.
 */
export function readOfficialAuth(value: unknown): OfficialAuth | undefined {
  if (!isObject(value)) return undefined;
  const mode = stringAt(value, "auth_mode");
  const other = OTHER_KINDS.find(([kind, member]) =>
    mode === undefined ? (value[member] ?? null) !== null : mode === kind
  );
  if (other !== undefined) return { kind: "other", what: other[2] };
  const key = stringAt(value, "OPENAI_API_KEY");
  if (mode === "apikey" || (mode === undefined && key !== undefined)) {
    return key ? { kind: "api-key", credentials: { type: "api", key } } : { kind: "empty" };
  }
  if (mode !== undefined && mode !== "chatgpt") return { kind: "other", what: "another kind" };
  return readTokens(objectAt(value, "tokens"));
}

function readTokens(tokens: Record<string, unknown>): OfficialAuth {
  const access = stringAt(tokens, "access_token");
  if (!access) return { kind: "empty" };
  const claims = readClaims(access);
  const accountId = stringAt(tokens, "account_id") ?? claims.accountId;
  return {
    kind: "chatgpt",
    credentials: {
      type: "oauth",
      refresh: stringAt(tokens, "refresh_token") ?? "",
      access,
      expires: claims.expiresAt ?? UNKNOWN_EXPIRY_MS,
      ...(accountId === undefined ? {} : { accountId }),
    },
  };
}
