/**
 * The answer that a browser brings back, read and judged without a server.
 *
 * The official client (0.169.0) also ends its sign-in for a stray `GET /success` and for anybody's
 * `GET /cancel`, and does not look at the `Host`. Here only a request that carries the right state
 * can change anything.
 */
import { CodexError } from "../../base/errors.ts";
import { redact } from "../../base/redact.ts";
import { isMissingEntitlement } from "../../protocol/claims.ts";
import { CALLBACK_PATH } from "../../protocol/endpoints.ts";
import { noEntitlement } from "../errors.ts";

/** An answer that carries the right state: there is only one of these in a sign-in. */
export type CallbackAnswer =
  /** The user said yes. */
  | { readonly kind: "code"; readonly code: string }
  /** The user or the issuer said no. */
  | Refusal
  /** The state is ours, but there is neither one code nor an error. */
  | { readonly kind: "missing-code" };

/** That the user or the issuer said no. */
export interface Refusal {
  /** Tells it from other answers. */
  readonly kind: "refused";
  /** The OAuth error code. */
  readonly code: string;
  /** What the issuer says about it, without control characters and secrets; may be HTML. */
  readonly message: string | undefined;
}

/** What a request to the callback server turns out to be. */
export type Callback =
  | CallbackAnswer
  /** Of another attempt, or of somebody who guesses. */
  | { readonly kind: "wrong-state" }
  /** Not a callback at all; answered with this status, and nothing else happens. */
  | { readonly kind: "ignored"; readonly status: 400 | 404 | 405 | 421 };

/** As much of a request as is looked at. */
export interface CallbackRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The whole address, as the runtime puts it together. */
  readonly url: string;
  /** The `Host` header. */
  readonly host: string | null;
}

/** What a request is held against. */
export interface CallbackExpectation {
  /** The state of this sign-in. */
  readonly state: string;
  /** The port that was listened on. */
  readonly port: number;
}

/**
 * Judges a request to the callback server.
 *
 * @param request The request.
 * @param expected What it should carry.
 * @returns What it is.
 */
export function readCallback(request: CallbackRequest, expected: CallbackExpectation): Callback {
  // Deno puts the Host header into the address as it comes, so that it may not be one.
  const url = URL.parse(request.url);
  if (url === null) return { kind: "ignored", status: 400 };
  if (!isOurHost(request.host, expected.port)) return { kind: "ignored", status: 421 };
  if (url.pathname !== CALLBACK_PATH) return { kind: "ignored", status: 404 };
  if (request.method !== "GET") return { kind: "ignored", status: 405 };
  return readAnswer(url.searchParams, expected.state);
}

/**
 * Whether a request was made for us by name. A page elsewhere can point its own host name at
 * 127.0.0.1 (DNS rebinding) and then read what it gets; its requests carry that name.
 */
function isOurHost(host: string | null, port: number): boolean {
  const name = host?.toLowerCase();
  return name === `127.0.0.1:${port}` || name === `localhost:${port}`;
}

/**
 * Judges an address that was pasted by hand. The host is not compared, since a browser on another
 * machine may have come through a forwarded port; the state is what counts.
 *
 * @param text What was pasted: the address, in quotes, angle brackets or blanks if need be.
 * @param state The state of this sign-in.
 * @returns What it is; `not-an-address` for anything but a whole callback address.
 */
export function readPastedCallback(
  text: string,
  state: string,
): CallbackAnswer | { readonly kind: "wrong-state" } | { readonly kind: "not-an-address" } {
  const url = URL.parse(unwrap(text));
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== CALLBACK_PATH) {
    return { kind: "not-an-address" };
  }
  return readAnswer(url.searchParams, state);
}

/** Takes off what a terminal or a mail puts around an address. */
function unwrap(text: string): string {
  // A terminal in bracketed paste mode puts these two marks around what is pasted.
  const bare = text.replaceAll("\x1b[200~", "").replaceAll("\x1b[201~", "");
  return bare.replace(/^[\s"'`<]+|[\s"'`>]+$/g, "");
}

function readAnswer(
  query: URLSearchParams,
  state: string,
): CallbackAnswer | { readonly kind: "wrong-state" } {
  // A parameter that stands there twice is no valid answer (RFC 6749, 3.1).
  const only = (name: string): string | undefined => {
    const values = query.getAll(name);
    return values.length === 1 ? values[0] : undefined;
  };
  if (!equalInConstantTime(only("state") ?? "", state)) return { kind: "wrong-state" };
  if (query.has("error")) {
    return {
      kind: "refused",
      // By the grammar of RFC 6749, 4.1.2.1, a short visible text.
      code: plainText(only("error") ?? "", [state]).slice(0, 64) || "unknown",
      message: plainText(only("error_description") ?? "", [state]) || undefined,
    };
  }
  const code = only("code");
  return code ? { kind: "code", code } : { kind: "missing-code" };
}

/** The time that it takes does not tell how much of the text is right. */
function equalInConstantTime(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let at = 0; at < expected.length; at++) {
    difference |= given.charCodeAt(at) ^ expected.charCodeAt(at);
  }
  return difference === 0;
}

const MAX_TEXT = 300;

/** What others wrote, fit for one line of a message. */
function plainText(text: string, secrets: readonly string[]): string {
  // Cut first, so that a huge text costs nothing; what a cut leaves of a secret is masked by kind.
  const line = text.slice(0, 4 * MAX_TEXT).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  const clean = redact(line, secrets).trim();
  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT).toWellFormed()} …` : clean;
}

/**
 * Says in words why an answer ends the sign-in.
 *
 * @param answer One without a code.
 * @returns `plan_not_included` when the workspace is without Codex, else `sign_in_rejected`.
 */
export function callbackError(answer: Exclude<CallbackAnswer, { kind: "code" }>): CodexError {
  if (answer.kind === "missing-code") {
    return new CodexError("sign_in_rejected", "The browser came back without a sign-in code", {
      hint: "Try again with: codex login",
    });
  }
  const { code, message } = answer;
  if (isMissingEntitlement(`${code} ${message}`)) return noEntitlement();
  return new CodexError("sign_in_rejected", `The sign-in was refused: ${message ?? code}`, {
    hint: "Try again with: codex login",
  });
}
