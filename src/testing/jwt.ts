/** JSON Web Tokens that look real and prove nothing: no client checks the signature. */

/** A token with these claims. */
export function jwt(claims: Readonly<Record<string, unknown>>): string {
  const header = { alg: "RS256", typ: "JWT", kid: "simulator" };
  const parts = [JSON.stringify(header), JSON.stringify(claims), "signed by nobody"];
  return parts.map((part) => base64Url(new TextEncoder().encode(part))).join(".");
}

/** Base64url without padding (RFC 4648, 5). */
export function base64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The S256 challenge of a code verifier (RFC 7636, 4.2). */
export async function challengeOf(codeVerifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier));
  return base64Url(new Uint8Array(digest));
}
