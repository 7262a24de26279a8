/** What happens when a program without our lock changes the entry while we update it. */
import type { Credentials, OAuthCredentials } from "../../base/credentials.ts";
import { CodexError } from "../../base/errors.ts";
import type { FileState } from "./state.ts";

/**
 * Whether what somebody else has stored meanwhile counts, and not what we were about to store.
 *
 * It counts as a rule: they have signed in or out since we looked. It does not when we hold a
 * newer refresh token of the same account, for then theirs is a copy of the one that is spent.
 *
 * @param before The file before the update.
 * @param now The file as it is.
 * @param next What we were about to store.
 */
export function isOverruled(
  before: FileState,
  now: FileState,
  next: Credentials | undefined,
): boolean {
  if (before.raw === now.raw) return false;
  const [old, theirs, ours] = [before.credentials, now.credentials, next].map(asOAuth);
  if (old === undefined || theirs === undefined || ours === undefined) return true;
  return ours.refresh === old.refresh || !isSameAccount(ours, old) || !isSameAccount(ours, theirs);
}

/** The error for an entry that somebody else has changed, and that is left as they made it. */
export function changedMeanwhile(path: string, now: FileState): CodexError {
  const what = now.raw === undefined ? "removed" : "changed";
  return new CodexError(
    "store_unavailable",
    `Another program has ${what} the sign-in in "${path}" meanwhile, and it was left so`,
    { hint: "See who is signed in with: codex status" },
  );
}

function asOAuth(credentials: Credentials | undefined): OAuthCredentials | undefined {
  return credentials?.type === "oauth" ? credentials : undefined;
}

function isSameAccount(one: OAuthCredentials, other: OAuthCredentials): boolean {
  return one.accountId !== undefined && one.accountId === other.accountId;
}
