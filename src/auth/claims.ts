/**
 * Who a token is about. Signatures are not checked, here as in the official client: the tokens come
 * straight from the issuer over TLS, and what they say is shown and sent, never trusted.
 */
import { decodeJwt } from "jose/jwt/decode";
import { arrayAt, type JsonObject, numberAt, objectAt, stringAt } from "../base/json.ts";
import { AUTH_CLAIM, AUTH_MEMBERS, PROFILE_CLAIM } from "../protocol/claims.ts";

/** The last millisecond that a `Date` can hold; beyond it a sum may even be no JSON number. */
export const MAX_DATE_MS = 8.64e15;

/** What a token says about its owner. */
export interface Claims {
  /** The account that requests are made for. */
  readonly accountId: string | undefined;
  /** The plan, in the service's own word, lower case. */
  readonly plan: string | undefined;
  /** The address of the person. */
  readonly email: string | undefined;
  /** The organizations that the person belongs to, where the token lists them. */
  readonly workspaces: readonly Workspace[];
  /** When the token expires, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
}

/** An organization that a token names. */
export interface Workspace {
  /** Its id. */
  readonly id: string;
  /** Its name, where the token has one. */
  readonly title: string | undefined;
}

/**
 * Reads a token.
 *
 * @param token A JSON Web Token, or anything else: an opaque token says nothing.
 * @returns What it says.
 */
export function readClaims(token: string | undefined): Claims {
  const payload = decode(token);
  const auth = objectAt(payload, AUTH_CLAIM);
  return {
    accountId: textAt(auth, AUTH_MEMBERS.accountId) ?? textAt(payload, AUTH_MEMBERS.accountId),
    plan: textAt(auth, AUTH_MEMBERS.plan)?.toLowerCase(),
    email: textAt(payload, "email") ?? textAt(objectAt(payload, PROFILE_CLAIM), "email"),
    workspaces: arrayAt(auth, "organizations").flatMap((entry) => {
      const id = textAt(entry, "id");
      return id === undefined ? [] : [{ id, title: textAt(entry, "title") }];
    }),
    expiresAt: instantAt(payload, "exp"),
  };
}

/** A member as a string that is not empty: an empty one says nothing. */
function textAt(value: unknown, key: string): string | undefined {
  return stringAt(value, key) || undefined;
}

/** A member in seconds as milliseconds, where it is an instant that a `Date` can hold. */
function instantAt(value: unknown, key: string): number | undefined {
  const ms = (numberAt(value, key) ?? NaN) * 1000;
  return Math.abs(ms) <= MAX_DATE_MS ? ms : undefined;
}

/**
 * Reads an id token with an access token to fall back on, member by member.
 *
 * The expiry is the access token's alone.
 */
export function readIdentity(idToken: string | undefined, accessToken: string): Claims {
  const id = readClaims(idToken);
  const access = readClaims(accessToken);
  return {
    accountId: id.accountId ?? access.accountId,
    plan: id.plan ?? access.plan,
    email: id.email ?? access.email,
    workspaces: id.workspaces.length > 0 ? id.workspaces : access.workspaces,
    expiresAt: access.expiresAt,
  };
}

function decode(token: string | undefined): JsonObject {
  if (token === undefined) return {};
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}
