/** Authorization codes: each good once, for the redirect address and challenge it was made for. */
import type { Clock } from "../../base/clock.ts";
import type { Ids } from "../ids.ts";
import { challengeOf } from "../jwt.ts";
import type { Workspace } from "../scenario.ts";

/** How long a code lives, in milliseconds (RFC 6749, 4.1.2 asks for ten minutes at most). */
const LIFETIME_MS = 600_000;

interface Code {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly workspace: Workspace;
  readonly expiresAt: number;
  spent: boolean;
}

/** Why a code is not taken, or for whom it is. */
export type Redeemed =
  | { readonly workspace: Workspace }
  | { readonly refused: string };

/** Gives out authorization codes, and takes each once. */
export class CodeDesk {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #codes = new Map<string, Code>();

  /** Makes a desk that has given out nothing. */
  constructor(clock: Clock, ids: Ids) {
    this.#clock = clock;
    this.#ids = ids;
  }

  /** A code for one redirect address and one challenge. */
  issue(redirectUri: string, challenge: string, workspace: Workspace): string {
    const code = this.#ids.make("ac");
    const expiresAt = this.#clock.now() + LIFETIME_MS;
    this.#codes.set(code, { redirectUri, challenge, workspace, expiresAt, spent: false });
    return code;
  }

  /** Takes a code, if everything fits. */
  async redeem(code: string, redirectUri: string, codeVerifier: string): Promise<Redeemed> {
    const held = this.#codes.get(code);
    if (held === undefined) return { refused: "The authorization code is not known" };
    if (held.spent) return { refused: "The authorization code was already used" };
    if (held.expiresAt <= this.#clock.now()) return { refused: "The authorization code expired" };
    if (held.redirectUri !== redirectUri) return { refused: "The redirect_uri does not match" };
    if (!/^[A-Za-z0-9\-._~]{43,128}$/.test(codeVerifier)) {
      return { refused: "The code_verifier must be 43 to 128 unreserved characters" };
    }
    // Spent before the wait: two exchanges of one code must not both succeed.
    held.spent = true;
    if (await challengeOf(codeVerifier) !== held.challenge) {
      return { refused: "The code_verifier does not fit the code_challenge" };
    }
    return { workspace: held.workspace };
  }
}
