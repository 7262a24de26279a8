/** Listens for the browser on loopback, and is gone when it has answered. */
import type { Clock } from "../../base/clock.ts";
import { CodexError } from "../../base/errors.ts";
import { CALLBACK_PORTS, callbackUrl } from "../../protocol/endpoints.ts";
import { type CallbackAnswer, readCallback } from "./callback.ts";
import { type CallbackPage, PAGE_HEADERS, renderPage, wrongStatePage } from "./callback_page.ts";

/** The shape of `Deno.serve`, as far as it is used here. */
export type Serve = (
  options: Deno.ServeTcpOptions,
  handler: (request: Request) => Promise<Response>,
) => Pick<Deno.HttpServer<Deno.NetAddr>, "addr" | "shutdown" | "unref">;

/** What the server is for. */
export interface CallbackServerOptions {
  /** The state that a callback has to carry. */
  readonly state: string;
  /** The ports to try, in order; by default those that the issuer knows. */
  readonly ports?: readonly number[] | undefined;
  /**
   * Takes an answer with the right state. The browser gets its page when the promise settles, so
   * that success is only ever shown for a sign-in that is saved. Does not reject.
   */
  readonly onAnswer: (answer: CallbackAnswer) => Promise<CallbackPage>;
  /** Measures how long the end may take. */
  readonly clock: Clock;
  /** Opens the server; `Deno.serve` by default. */
  readonly serve?: Serve | undefined;
}

/** A callback server that listens. */
export interface CallbackServer {
  /** Its port. */
  readonly port: number;
  /** The address on which the browser comes back. */
  readonly redirectUri: string;
  /** The ports that were tried before and could not be had. */
  readonly busy: readonly number[];
  /** Stops listening, lets the pages under way arrive, and returns within a second. */
  close(): Promise<void>;
}

/** How long {@linkcode CallbackServer.close} waits for connections that do not end. */
const GRACE_MS = 1_000;

/**
 * Opens a callback server on 127.0.0.1.
 *
 * The official client throws another one off the port by a `GET /cancel`; here the next port is
 * taken, and with none left the failure comes at once.
 *
 * @param options What it is for.
 * @returns The server.
 * @throws CodexError `network` when no port can be had.
 */
export function callbackServer(options: CallbackServerOptions): CallbackServer {
  const { ports = CALLBACK_PORTS, clock, serve = Deno.serve } = options;
  const busy: number[] = [];
  for (const wanted of ports) {
    let port = wanted;
    let server;
    try {
      server = serve({
        hostname: "127.0.0.1",
        port: wanted,
        // Both would be printed by default.
        onListen: () => {},
        onError: () => plainAnswer(500),
      }, (request) => handle(request, port, options));
    } catch (error) {
      if (!isTaken(error)) throw error;
      busy.push(wanted);
      continue;
    }
    port = server.addr.port;
    return { port, redirectUri: callbackUrl(port), busy, close: () => close(server, clock) };
  }
  throw noPort(busy);
}

async function handle(
  request: Request,
  port: number,
  options: CallbackServerOptions,
): Promise<Response> {
  const { method, url, headers } = request;
  const callback = readCallback(
    { method, url, host: headers.get("host") },
    { state: options.state, port },
  );
  switch (callback.kind) {
    case "ignored":
      return plainAnswer(callback.status);
    case "wrong-state":
      return pageAnswer(wrongStatePage());
    default:
      return pageAnswer(await options.onAnswer(callback));
  }
}

// The browser is told not to keep a connection to a server that is about to leave.
const HEADERS: Readonly<Record<string, string>> = { ...PAGE_HEADERS, connection: "close" };

function pageAnswer(page: CallbackPage): Response {
  return new Response(renderPage(page), {
    status: page.status,
    headers: { ...HEADERS, "content-type": "text/html; charset=utf-8" },
  });
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad request",
  404: "Not found",
  405: "Method not allowed",
  421: "Misdirected request",
};

function plainAnswer(status: number): Response {
  return new Response(`${REASONS[status] ?? "Internal error"}\n`, {
    status,
    headers: {
      ...HEADERS,
      "content-type": "text/plain; charset=utf-8",
      ...(status === 405 ? { allow: "GET" } : {}),
    },
  });
}

/**
 * Ends a server without cutting off the page that the browser is about to get.
 *
 * `shutdown()` frees the port at once and waits for the answers under way, idle connections and
 * half a request aside. A request that announces a body and never sends it holds it up for as long
 * as its sender likes, and the server's signal can then no longer be aborted (it throws in a
 * listener, Deno 2.9.6): so such a connection is left behind, where it keeps nothing alive.
 */
async function close(server: ReturnType<Serve>, clock: Clock): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const cancel = clock.after(GRACE_MS, () => resolve("late"));
  try {
    const ended = await Promise.race([server.shutdown(), late]);
    if (ended === "late") server.unref();
  } finally {
    cancel();
  }
}

/** Windows keeps ranges of ports back and says "permission denied"; Deno's own "no" is another. */
function isTaken(error: unknown): boolean {
  return error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied;
}

function noPort(ports: readonly number[]): CodexError {
  const named = ports.join(" and ");
  const what = ports.length === 1 ? `Port ${named} is` : `Ports ${named} are`;
  return new CodexError(
    "network",
    `${what} taken on 127.0.0.1, where the browser has to come back: perhaps by another sign-in`,
    {
      hint: "Finish the other sign-in or stop it, or sign in with a code: codex login --headless",
    },
  );
}
