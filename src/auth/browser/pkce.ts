/** Proof Key for Code Exchange (RFC 7636), and the state that goes with it. */

/** Gives random bytes; a test gives its own. */
export type RandomBytes = (length: number) => Uint8Array<ArrayBuffer>;

/** A verifier with the challenge made from it. */
export interface Pkce {
  /** Kept here until the code is exchanged: 86 characters, from 64 random bytes. */
  readonly verifier: string;
  /** Goes into the authorize URL: base64url of the verifier's SHA-256, 43 characters. */
  readonly challenge: string;
}

/** Bytes from the platform's generator. */
function platformRandom(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/**
 * Makes a verifier and its challenge, of the official client's lengths.
 *
 * @param random Gives the 64 bytes of the verifier.
 * @returns Both, in base64url without padding.
 */
export async function pkce(random: RandomBytes = platformRandom): Promise<Pkce> {
  const verifier = base64url(random(64));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

/**
 * Makes the value by which an answer is known to belong to our question.
 *
 * @param random Gives its 32 bytes.
 * @returns 43 characters of base64url.
 */
export function randomState(random: RandomBytes = platformRandom): string {
  return base64url(random(32));
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
