/** Forgetting a sign-in: here, and on request at the server too. */
import { issuerOf } from "./destination.ts";
import type { SignInOptions } from "./sign_in.ts";
import { revoke } from "./token_endpoint.ts";

/** What became of a sign-in. */
export interface LogoutResult {
  /** Whether there was one. */
  readonly removed: boolean;
  /** Whether the server confirmed its end; absent when it was not asked. */
  readonly revoked?: boolean;
}

/** How to sign out. */
export interface LogoutOptions extends Omit<SignInOptions, "workspaces"> {
  /** Asks the server to end the sign-in first. */
  readonly revoke?: boolean;
}

/**
 * Forgets the sign-in. The server is asked under the lock, so that no refresh of another process
 * can leave a token behind that nobody has ended. What the server says changes nothing here.
 *
 * @param options Whose, and whether the server shall know.
 * @returns What became of it.
 */
export function logout(options: LogoutOptions): Promise<LogoutResult> {
  return options.store.update<LogoutResult>(async (current) => {
    if (current === undefined) return { next: undefined, value: { removed: false } };
    const ends = options.revoke === true && current.type === "oauth" && current.refresh !== "";
    if (!ends) return { next: undefined, value: { removed: true } };
    const issuer = issuerOf(current);
    const revoked = await revoke(current.refresh, { ...options, issuer });
    return { next: undefined, value: { removed: true, revoked } };
  }, { signal: options.signal });
}
