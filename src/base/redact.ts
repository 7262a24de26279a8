/**
 * Takes secrets out of text that others wrote, before it becomes part of a message.
 *
 * What a server or a runtime says may repeat what we sent. The exact secrets of a request are the
 * caller's to name; the patterns below catch the kinds that this package ever handles.
 */

const MASK = "***";

// Each is linear in the text, which a server may make a megabyte long: nothing is matched that may
// have to be given back, and blanks are counted.
const PATTERNS: readonly RegExp[] = [
  // JSON Web Tokens: access and id tokens.
  /\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g,
  // Refresh tokens, API keys, personal access tokens, authorization codes of the issuer.
  /\b(?:rt[_-]|sk-|at-|ac_)[\w.-]{8,}/g,
  // An authorization header in words.
  /(?<=\b(?:bearer|basic)\s{1,4})[\w.~+/-]{8,}=*/gi,
  // User and password of a proxy or any other address; an "@" within them is seen too.
  /(?<=:\/\/)[^\s/?#"'<>]+(?=@)/g,
  // Members and parameters that carry a secret by their name.
  /(?<=\b(?:(?:access|refresh|id)_token|code_verifier|client_secret|api_?key|password|device_auth_id|authorization_code)"?\s{0,4}[=:]\s{0,4}"?)[\w.~+/%-]{8,}=*/gi,
  // A bare `code` is also what errors are named by, in small letters and underscores.
  /(?<=\bcode"?\s{0,4}[=:]\s{0,4}"?)(?=[a-z_.~+/%-]*[\dA-Z])[\w.~+/%-]{8,}=*/g,
];

// None of those can be in it, and to compile them costs a millisecond before the first answer.
const PLAIN_ID = /^(?:req_[\da-f_]*|[\da-f-]*)$/i;

/**
 * Masks secrets in a text.
 *
 * @param text What others wrote.
 * @param secrets Values that must not appear, whatever they look like, as they are and percent-
 * encoded; short ones are left alone, as masking them would garble the text.
 * @returns The text with each secret replaced by `***`.
 */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let clean = text;
  // The longest first: one that is part of another would leave the rest of that one behind.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length < 8 || secret.length > clean.length) continue;
    clean = clean.replaceAll(secret, MASK).replaceAll(
      encodeURIComponent(secret.toWellFormed()),
      MASK,
    );
  }
  if (PLAIN_ID.test(clean)) return clean;
  for (const pattern of PATTERNS) clean = clean.replace(pattern, MASK);
  return clean;
}
