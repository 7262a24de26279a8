/**
 * The one way out: every request of the package is sent here.
 *
 * No redirect is ever followed, since a redirect to another host would carry our own headers
 * there. Whatever goes wrong below HTTP becomes a `network` error that says in words what it was.
 */
import { untilAborted } from "./abort.ts";
import { type Clock, type TimeLimit, timeLimit } from "./clock.ts";
import { CodexError, isCodexError } from "./errors.ts";

/** The shape of the platform's `fetch`, as far as this package uses it. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** What a request needs besides itself. */
export interface SendOptions {
  /** Sends it. */
  readonly fetch: Fetch;
  /** Measures its time limit. */
  readonly clock: Clock;
  /** Cancels it; the rejection is then the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, in milliseconds: to the headers, or with its body in {@linkcode exchange}. */
  readonly timeoutMs?: number | undefined;
}

/** A whole answer to a small request. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** The headers. */
  readonly headers: Headers;
  /** The body as text, cut off at one mebibyte. */
  readonly text: string;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Sends a request and waits for the headers of its answer.
 *
 * Keep the response itself in reach while its body is read: once it has been collected, aborting
 * no longer settles a pending read (Deno 2.9.6).
 *
 * @param url Where to.
 * @param init Method, headers and body.
 * @param options How.
 * @returns The response, whatever its status, but for a redirect.
 * @throws CodexError `network` when no answer came, in time or at all, or a redirect did.
 */
export async function send(
  url: string,
  init: RequestInit,
  options: SendOptions,
): Promise<Response> {
  using limit = limitOf(url, options);
  return await sendWithin(url, init, options.fetch, limit.signal);
}

/**
 * Sends a small request and reads its whole answer, within one time limit.
 *
 * @param url Where to.
 * @param init Method, headers and body.
 * @param options How.
 * @returns Status, headers and text.
 * @throws CodexError `network`, as {@linkcode send} does, and also when the body is cut.
 */
export async function exchange(
  url: string,
  init: RequestInit,
  options: SendOptions,
): Promise<Answer> {
  using limit = limitOf(url, options);
  const response = await sendWithin(url, init, options.fetch, limit.signal);
  const text = await readText(response, limit.signal);
  return { status: response.status, headers: response.headers, text };
}

/**
 * Reads a body as text, up to one mebibyte; the rest is dropped.
 *
 * @param response The response; held here until the end, see {@linkcode send}.
 * @param signal Ends the reading.
 * @returns The text, with broken UTF-8 replaced.
 * @throws CodexError `network` when the connection breaks; the signal's reason when aborted.
 */
export async function readText(response: Response, signal?: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  // Cancelling is what settles a pending read for certain; the abort of the fetch may not.
  const onAbort = () => void reader.cancel(signal?.reason).catch(() => {});
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let room = MAX_ANSWER_BYTES; room > 0;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value.subarray(0, room), { stream: true });
      room -= value.length;
    }
    signal?.throwIfAborted();
    return text + decoder.decode();
  } catch (error) {
    throw signal?.aborted ? signal.reason : networkError(error, hostOf(response.url));
  } finally {
    signal?.removeEventListener("abort", onAbort);
    reader.cancel().catch(() => {});
  }
}

function limitOf(url: string, { clock, timeoutMs, signal }: SendOptions): TimeLimit {
  return timeLimit(clock, timeoutMs, () => tooSlow(hostOf(url), timeoutMs), signal);
}

async function sendWithin(
  url: string,
  init: RequestInit,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Response> {
  let sent: Promise<Response> | undefined;
  let response: Response;
  try {
    sent = fetch(url, { ...init, redirect: "manual", signal });
    response = await untilAborted(sent, signal);
  } catch (error) {
    // A `fetch` that did not heed its signal may still answer, and nobody wants it any more.
    Promise.resolve(sent).then((late) => late?.body?.cancel()).catch(() => {});
    throw signal.aborted ? signal.reason : networkError(error, hostOf(url));
  }
  if (typeof response?.status !== "number") throw noResponse();
  if (response.type === "opaqueredirect" || isRedirect(response.status)) {
    response.body?.cancel().catch(() => {});
    throw redirected(url, response);
  }
  return response;
}

function noResponse(): CodexError {
  return new CodexError("invalid_usage", "The fetch that was given answers with no Response", {
    hint: "Give a function like the platform's fetch, or leave it out",
  });
}

/** Whether a status points elsewhere; 304 says only that nothing has changed. */
function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

function redirected(url: string, response: Response): CodexError {
  const location = response.headers.get("location");
  const target = location === null ? null : URL.parse(location, url);
  return new CodexError(
    "network",
    `${hostOf(url)} answered with a redirect to ${
      target?.host ?? "nowhere"
    }, which is not followed`,
    {
      status: response.status,
      retryable: false,
      hint: "Check for a proxy or sign-in page between you and the service, then try again",
    },
  );
}

function tooSlow(host: string, ms: number | undefined): CodexError {
  return new CodexError("network", `No answer from ${host} within ${(ms ?? 0) / 1000} s`, {
    hint: "Check the connection, then try again",
  });
}

/** The host of an address, for messages: never its path, query or user information. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host || "the service";
}

/** Whether an answer is a web page: the service sends none, so it came from something before it. */
export function isPage({ headers, text }: Pick<Answer, "headers" | "text">): boolean {
  return /\bhtml\b/i.test(headers.get("content-type") ?? "") || /^\s*<(!doctype|html)/i.test(text);
}

/** A failure to connect: how it is known, what is said of it, and whether it stays that way. */
type Cause = readonly [pattern: RegExp, what: string, hint: string, lasting?: "lasting"];

// Deno gives these failures no code, only a text in the cause (tried one by one with 2.9.6).
const CAUSES: readonly Cause[] = [
  [/dns error/, "its name cannot be resolved", "Check the connection, then try again"],
  [
    /invalid peer certificate: ?UnknownIssuer/i,
    "its certificate comes from an authority that is not trusted here",
    "If a proxy inspects TLS, set CODEX_CA_CERTIFICATE to its CA certificate (PEM)",
    "lasting",
  ],
  [
    /invalid peer certificate|certificate not valid/i,
    "its certificate is not valid",
    "Check the clock, the address and any proxy in between",
    "lasting",
  ],
  [/corrupt message/, "it does not speak TLS there", "Check the address: is it https?", "lasting"],
  [/unsuccessful tunnel/, "the proxy refuses the connection", "Check HTTPS_PROXY and NO_PROXY"],
  [
    /tcp connect error|os error 111|refused/i,
    "the connection was refused",
    "Check the connection, then try again",
  ],
  [
    /before message completed|connection (closed|reset)|os error 104/i,
    "the connection was closed",
    "Try again",
  ],
  [/reading a body/, "the answer was cut off", "Try again"],
  [/invalid HTTP version/, "it does not speak HTTP", "Check the address", "lasting"],
  [/port \d+ are blocked/, "its port is one that fetch never asks", "Check the address", "lasting"],
  [/CA file/, "the CA file cannot be opened", "Check DENO_CERT", "lasting"],
];

/**
 * Says in words why a request or the reading of its answer failed.
 *
 * @param error What the platform threw.
 * @param host The host it was about.
 * @returns A `network` error, or `invalid_usage` for a refused permission; an error of ours comes
 * back unchanged.
 */
export function networkError(error: unknown, host: string): unknown {
  if (isCodexError(error)) return error;
  if (error instanceof Error && error.name === "NotCapable") return notPermitted(error, host);
  const cause = error instanceof Error ? error.cause : undefined;
  const text = `${error instanceof Error ? error.message : error} ${
    cause instanceof Error ? cause.message : ""
  }`;
  const known = CAUSES.find(([pattern]) => pattern.test(text));
  return new CodexError(
    "network",
    `Cannot reach ${host}: ${known?.[1] ?? "the connection failed"}`,
    {
      cause: error,
      hint: known?.[2] ?? "Check the connection, then try again",
      ...(known?.[3] === undefined ? {} : { retryable: false }),
    },
  );
}

function notPermitted(cause: Error, host: string): CodexError {
  return new CodexError("invalid_usage", `Deno does not permit a connection to ${host}`, {
    cause,
    hint: `Run with --allow-net=${host}`,
  });
}
