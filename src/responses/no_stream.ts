/** An answer that is no stream of events, such as the page of a proxy. */
import { CodexError } from "../base/errors.ts";

/** Whether an answer says that it is a stream, or says nothing. */
export function isStream(headers: Headers): boolean {
  const type = headers.get("content-type");
  return type === null || /^text\/event-stream\b/i.test(type);
}

/** Whether an answer is a page for people. */
export function isPage(headers: Headers): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

/** The error for it. */
export function noStream(host: string, status: number, requestId: string | undefined): CodexError {
  return new CodexError("network", `${host} answered with something other than a stream`, {
    status,
    requestId,
    retryable: false,
    hint: "Check for a proxy or sign-in page between you and the service, then try again",
  });
}
