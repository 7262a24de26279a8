/** Connections that end without an answer. */
import type { ConnectionFault } from "./turns.ts";

/** Thrown by a handler in place of an answer. */
export class Dropped extends Error {
  override readonly name: string = "Dropped";
  /** What happens to the connection. */
  readonly how: ConnectionFault;

  /**
   * Makes one.
   *
   * @param how What happens to the connection.
   */
  constructor(how: ConnectionFault) {
    super(`the simulated connection ends: ${how}`);
    this.how = how;
  }
}

// The words of Deno 2.9.6, whose errors have no code: only the text of the cause tells them apart.
const REASONS: Readonly<Record<Exclude<ConnectionFault, "hang">, (host: string) => string>> = {
  refused: () => "client error (Connect): tcp connect error: Connection refused (os error 111)",
  reset: () => "client error (SendRequest): connection closed before message completed",
  dns: () =>
    "client error (Connect): dns error: failed to lookup address information: Name or service not known",
  certificate: () => "client error (Connect): invalid peer certificate: UnknownIssuer",
};

/** The error with which Deno's `fetch` fails before an answer. */
export function fetchFailed(how: Exclude<ConnectionFault, "hang">, url: URL): TypeError {
  return new TypeError("fetch failed", {
    cause: new Error(`error sending request for url (${url.href}): ${REASONS[how](url.host)}`),
  });
}

/** The error with which Deno's `fetch` fails when a body is cut. */
export function bodyCut(): TypeError {
  return new TypeError("error reading a body from connection");
}
