/** Every token that the simulator gave out, and what became of it. */
import type { Clock } from "../../base/clock.ts";
import type { OAuthCredentials } from "../../base/credentials.ts";
import { AUTH_CLAIM, AUTH_MEMBERS, PROFILE_CLAIM } from "../../protocol/claims.ts";
import { CLIENT_ID, ISSUER } from "../../protocol/endpoints.ts";
import type { Ids } from "../ids.ts";
import { jwt } from "../jwt.ts";
import type { Workspace } from "../scenario.ts";
import type { Settings } from "../settings.ts";

/** What the token endpoint gives. */
export interface IssuedTokens {
  /** Who signed in. */
  readonly idToken: string;
  /** What the backend takes. */
  readonly accessToken: string;
  /** What the next refresh takes. */
  readonly refreshToken: string;
  /** Seconds that the access token lives. */
  readonly expiresIn: number;
}

/** One sign-in: all the tokens that come from one code. */
interface Family {
  workspace: Workspace;
  revoked: boolean;
  newestAccess: string;
}

interface Access {
  readonly family: Family;
  readonly expiresAt: number;
}

interface Refresh {
  readonly family: Family;
  spentAt: number | undefined;
}

/** What an access token is worth. */
export type AccessState =
  | { readonly state: "good"; readonly workspace: Workspace }
  | { readonly state: "unknown" | "expired" | "revoked" | "superseded" };

/** What a refresh token is worth. */
export type RefreshResult =
  | { readonly state: "good"; readonly tokens: IssuedTokens }
  | { readonly state: "unknown" | "reused" | "revoked" };

/** How long one set of tokens differs from the others. */
export interface IssueOptions {
  /** The workspace, the first by default. */
  readonly workspace?: Workspace;
  /** Seconds that the access token lives; may be negative. */
  readonly lifetimeSeconds?: number;
}

/** Gives out tokens, and knows them again. */
export class TokenDesk {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #access = new Map<string, Access>();
  readonly #refresh = new Map<string, Refresh>();

  /** Makes a desk that has given out nothing. */
  constructor(settings: Settings, clock: Clock, ids: Ids) {
    this.#settings = settings;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** Signs in: the first tokens of a new family. */
  issue(options: IssueOptions = {}): IssuedTokens {
    const workspace = options.workspace ?? this.#settings.workspaces[0];
    const family: Family = { workspace, revoked: false, newestAccess: "" };
    return this.#issueFor(family, this.#newRefresh(family), options.lifetimeSeconds);
  }

  /** Spends a refresh token. */
  refresh(refreshToken: string): RefreshResult {
    const { rotate, detectReuse, graceSeconds, revokeFamily, switchTo } = this.#settings.refresh;
    const held = this.#refresh.get(refreshToken);
    if (held === undefined) return { state: "unknown" };
    if (held.family.revoked) return { state: "revoked" };
    const isGraced = graceSeconds > 0 && held.spentAt !== undefined &&
      this.#clock.now() <= held.spentAt + graceSeconds * 1000;
    if (held.spentAt !== undefined && detectReuse && !isGraced) {
      if (revokeFamily) held.family.revoked = true;
      return { state: "reused" };
    }
    const other = this.#settings.workspaces.find(({ id }) => id === switchTo);
    if (switchTo !== undefined) {
      held.family.workspace = other ?? { ...held.family.workspace, id: switchTo };
    }
    if (!rotate) return { state: "good", tokens: this.#issueFor(held.family, refreshToken) };
    held.spentAt ??= this.#clock.now();
    return { state: "good", tokens: this.#issueFor(held.family, this.#newRefresh(held.family)) };
  }

  /** Ends the sign-in that a token of either kind belongs to; an unknown one is no mistake. */
  revoke(token: string): void {
    const family = (this.#refresh.get(token) ?? this.#access.get(token))?.family;
    if (family !== undefined) family.revoked = true;
  }

  /** What an access token is worth now. */
  inspect(accessToken: string): AccessState {
    const held = this.#access.get(accessToken);
    if (held === undefined) return { state: "unknown" };
    if (held.family.revoked) return { state: "revoked" };
    if (held.expiresAt <= this.#clock.now()) return { state: "expired" };
    if (this.#settings.rules.newestTokenOnly && held.family.newestAccess !== accessToken) {
      return { state: "superseded" };
    }
    return { state: "good", workspace: held.family.workspace };
  }

  /** Tokens in the shape in which a store keeps them. */
  credentials(tokens: IssuedTokens): OAuthCredentials {
    const expiresAt = this.#access.get(tokens.accessToken)?.expiresAt ?? 0;
    const workspace = this.#access.get(tokens.accessToken)?.family.workspace;
    return {
      type: "oauth",
      refresh: tokens.refreshToken,
      access: tokens.accessToken,
      expires: expiresAt,
      ...(workspace === undefined ? {} : { accountId: workspace.id }),
    };
  }

  #newRefresh(family: Family): string {
    const token = this.#ids.make("rt");
    this.#refresh.set(token, { family, spentAt: undefined });
    return token;
  }

  #issueFor(
    family: Family,
    refreshToken: string,
    lifetimeSeconds: number = this.#settings.tokens.lifetimeSeconds,
  ): IssuedTokens {
    const seconds = Math.floor(this.#clock.now() / 1000);
    const expiresAt = seconds + lifetimeSeconds;
    const accessToken = this.#settings.tokens.opaqueAccess
      ? this.#ids.make("opaque")
      : jwt(this.#accessClaims(family.workspace, seconds, expiresAt));
    family.newestAccess = accessToken;
    this.#access.set(accessToken, { family, expiresAt: expiresAt * 1000 });
    return {
      idToken: jwt(this.#idClaims(family.workspace, seconds)),
      accessToken,
      refreshToken,
      expiresIn: lifetimeSeconds,
    };
  }

  #accessClaims(workspace: Workspace, now: number, exp: number): Record<string, unknown> {
    const { email } = this.#settings;
    return this.#without({
      iss: ISSUER,
      aud: ["https://api.openai.com/v1"],
      client_id: CLIENT_ID,
      sub: `auth0|${this.#settings.userId}`,
      iat: now,
      nbf: now,
      exp,
      jti: this.#ids.make("jti"),
      scp: ["openid", "profile", "email", "offline_access"],
      [AUTH_CLAIM]: this.#authClaim(workspace),
      [PROFILE_CLAIM]: this.#without({ email, email_verified: true }),
    });
  }

  #idClaims(workspace: Workspace, now: number): Record<string, unknown> {
    return this.#without({
      iss: ISSUER,
      aud: [CLIENT_ID],
      sub: `auth0|${this.#settings.userId}`,
      email: this.#settings.email,
      email_verified: true,
      iat: now,
      exp: now + 3600,
      [AUTH_CLAIM]: this.#authClaim(workspace),
    });
  }

  #authClaim(workspace: Workspace): Record<string, unknown> {
    const { userId, workspaces } = this.#settings;
    return this.#without({
      [AUTH_MEMBERS.accountId]: workspace.id,
      [AUTH_MEMBERS.plan]: workspace.plan,
      [AUTH_MEMBERS.userId]: userId,
      user_id: userId,
      chatgpt_account_user_id: `${userId}__${workspace.id}`,
      chatgpt_compute_residency: "no_constraint",
      organizations: workspaces.map(({ id, title }, index) => ({
        id: `org-${id}`,
        is_default: index === 0,
        role: "owner",
        title: title ?? "Personal",
      })),
      completed_platform_onboarding: true,
      is_org_owner: true,
    });
  }

  #without(claims: Record<string, unknown>): Record<string, unknown> {
    const { omitClaims } = this.#settings.tokens;
    return Object.fromEntries(
      Object.entries(claims).filter(([name]) => !omitClaims.includes(name)),
    );
  }
}
