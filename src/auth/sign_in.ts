/**
 * The end of every sign-in: verify, save, read back. Until the new sign-in is saved the old one
 * stays as it is, whatever happens.
 */
import type { Credentials, CredentialStore } from "../base/credentials.ts";
import { CodexError } from "../base/errors.ts";
import { type Addresses, PRODUCTION } from "../protocol/endpoints.ts";
import { type Account, describeAccount } from "./account.ts";
import { type Claims, readIdentity } from "./claims.ts";
import { homeOf } from "./destination.ts";
import type { IssuerOptions } from "./issuer.ts";
import { expiryOf } from "./refresh.ts";
import { type AuthorizationCode, exchangeCode, type NewTokens } from "./token_endpoint.ts";

/** What a sign-in is saved with. */
export interface SignInOptions extends Omit<IssuerOptions, "issuer"> {
  /** Where it is kept. */
  readonly store: CredentialStore;
  /** The addresses in force; they become part of the sign-in. */
  readonly addresses: Addresses;
  /** Only an account of these is taken, where given. */
  readonly workspaces?: readonly string[] | undefined;
}

/**
 * Exchanges an authorization code and saves what it gives.
 *
 * @param grant The code.
 * @param options Where to save, and how to reach the issuer.
 * @returns Who is signed in now.
 * @throws CodexError `sign_in_rejected` when the account is not one of the wanted ones,
 * `store_unavailable` when it cannot be saved, and what {@linkcode exchangeCode} throws. The
 * store then holds what it held.
 */
export async function completeSignIn(
  grant: AuthorizationCode,
  options: SignInOptions,
): Promise<Account> {
  const { addresses, clock } = options;
  const tokens = await exchangeCode(grant, { ...options, issuer: addresses.issuer });
  const claims = readIdentity(tokens.idToken, tokens.accessToken);
  checkWorkspace(claims, options.workspaces);
  const credentials = toCredentials(tokens, claims, addresses, clock.now());
  await save(credentials, options);
  const account = await describeAccount(credentials, clock.now());
  // The id token knows more than the access token that stays; what it says is shown once, now.
  return {
    ...account,
    ...(claims.plan === undefined ? {} : { plan: claims.plan }),
    ...(claims.email === undefined ? {} : { email: claims.email }),
    ...(claims.workspaces.length === 0 ? {} : { workspaces: claims.workspaces }),
  };
}

/**
 * Saves an API key.
 *
 * @param key The key, trimmed and of one line.
 * @param options Where to save.
 * @returns Who is signed in now.
 */
export async function saveApiKey(key: string, options: SignInOptions): Promise<Account> {
  const { addresses } = options;
  const credentials: Credentials = {
    type: "api",
    key: checkedKey(key),
    ...(addresses.apiBaseUrl === PRODUCTION.apiBaseUrl ? {} : { baseUrl: addresses.apiBaseUrl }),
  };
  await save(credentials, options);
  return await describeAccount(credentials, options.clock.now());
}

/**
 * Proves that a sign-in could be saved, before anybody is asked to do anything for it.
 *
 * @throws CodexError `store_unavailable`.
 */
export async function proveStore(options: SignInOptions): Promise<void> {
  if (options.store.renewable === false) {
    throw new CodexError("invalid_usage", "This store keeps no new sign-in", {
      hint: "Sign in without --auth and without a credential in the environment",
    });
  }
  await options.store.update(
    (current) => Promise.resolve({ next: current, value: undefined }),
    { signal: options.signal },
  );
}

function checkedKey(text: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  const why = key === ""
    ? "is empty"
    : /\s/.test(key)
    ? "has more than one line or word"
    : "holds characters that no key has";
  throw new CodexError("invalid_usage", `The API key ${why}`, {
    hint: "Give exactly the key: printenv MY_KEY | codex login --with-api-key",
  });
}

function toCredentials(
  tokens: NewTokens,
  claims: Claims,
  addresses: Addresses,
  now: number,
): Credentials {
  return {
    type: "oauth",
    refresh: tokens.refreshToken,
    access: tokens.accessToken,
    expires: expiryOf(tokens.accessToken, tokens.expiresIn, now),
    ...(claims.accountId === undefined ? {} : { accountId: claims.accountId }),
    ...homeOf(addresses),
  };
}

async function save(credentials: Credentials, options: SignInOptions): Promise<void> {
  const { store, signal } = options;
  await store.update(
    () => Promise.resolve({ next: credentials, value: undefined }),
    { signal },
  );
  const saved = await store.read();
  if (saved?.type !== credentials.type || secretOf(saved) !== secretOf(credentials)) {
    throw new CodexError("store_unavailable", "The new sign-in was saved but cannot be read back", {
      hint: "Look for another program that writes the credential file: codex doctor",
    });
  }
}

function secretOf(credentials: Credentials): string {
  return credentials.type === "api" ? credentials.key : credentials.refresh;
}

function checkWorkspace(claims: Claims, wanted: readonly string[] | undefined): void {
  if (wanted === undefined || wanted.length === 0) return;
  if (claims.accountId !== undefined && wanted.includes(claims.accountId)) return;
  throw new CodexError(
    "sign_in_rejected",
    claims.accountId === undefined
      ? `The sign-in names no workspace, so it cannot be ${wanted.join(" or ")}`
      : `The sign-in is for the workspace ${claims.accountId}, not ${wanted.join(" or ")}`,
    { hint: "Choose that workspace on the sign-in page, or leave out --workspace" },
  );
}
