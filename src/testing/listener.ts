/**
 * The simulator on a loopback port.
 *
 * Requests are read by `Deno.serve`, which cannot drop a connection before the headers. So another
 * listener stands before it, passes bytes on in both directions, and closes a connection when told.
 */
import { needDeno } from "../base/platform.ts";
import { Dropped } from "./drops.ts";
import type { Serve } from "./fetching.ts";

/** How to listen. */
export interface ListenOptions {
  /** The port; a free one by default. */
  readonly port?: number;
  /** A certificate and its key (PEM), to speak TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A loopback port that is listened on. */
export interface Listening extends AsyncDisposable {
  /** The port. */
  readonly port: number;
}

const HOST = "127.0.0.1";

/** Listens on loopback, and nowhere else. */
export async function listenOn(serve: Serve, options: ListenOptions = {}): Promise<Listening> {
  needDeno("Listening", "Give the simulator's own fetch to what is tested");
  const links = new Map<number, Link>();
  const server = Deno.serve(
    { hostname: HOST, port: 0, onListen() {}, onError: failure },
    (request, { remoteAddr }) =>
      answer(serve, request, links.get(remoteAddr.port), options.tls !== undefined),
  );
  let front: Deno.Listener<Deno.Conn<Deno.NetAddr>, Deno.NetAddr>;
  try {
    front = openFront(options);
  } catch (error) {
    await server.shutdown();
    throw error;
  }
  const accepting = accept(front, server.addr.port, links);
  return {
    port: front.addr.port,
    async [Symbol.asyncDispose]() {
      front.close();
      await accepting;
      await server.shutdown();
    },
  };
}

/** For a mistake of the simulator's own; a body that breaks off on purpose passes here unseen. */
function failure(error: unknown): Response {
  return new Response(`The simulator failed: ${error}`, { status: 500 });
}

function openFront(
  { port = 0, tls }: ListenOptions,
): Deno.Listener<Deno.Conn<Deno.NetAddr>, Deno.NetAddr> {
  return tls === undefined
    ? Deno.listen({ hostname: HOST, port })
    : Deno.listenTls({ hostname: HOST, port, ...tls, alpnProtocols: ["http/1.1"] });
}

/**
 * A client's connection and ours to the server behind. Its signal says that the client is gone:
 * that of the server's own requests warns on stderr as soon as it is touched (Deno 2.9.6).
 */
class Link {
  readonly #controller = new AbortController();
  readonly #ends: readonly Deno.Conn[];

  constructor(...ends: readonly Deno.Conn[]) {
    this.#ends = ends;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  close(): void {
    this.#controller.abort(new DOMException("The connection was closed", "AbortError"));
    for (const end of this.#ends) {
      try {
        end.close();
      } catch {
        // It was closed already.
      }
    }
  }
}

async function accept(
  front: Deno.Listener<Deno.Conn>,
  port: number,
  links: Map<number, Link>,
): Promise<void> {
  const open = new Set<Promise<void>>();
  const closing = new AbortController();
  for (;;) {
    const outer = await front.accept().catch((error: unknown) => {
      // One client's failed TLS handshake must not end the listening.
      return error instanceof Deno.errors.BadResource ? undefined : null;
    });
    if (outer === undefined) break;
    if (outer === null) continue;
    const work = join(outer, port, links, closing.signal).catch(() => {});
    open.add(work);
    work.finally(() => open.delete(work));
  }
  closing.abort();
  for (const link of links.values()) link.close();
  await Promise.all(open);
}

async function join(
  outer: Deno.Conn,
  port: number,
  links: Map<number, Link>,
  closing: AbortSignal,
): Promise<void> {
  const inner = await Deno.connect({ hostname: HOST, port });
  inner.setNoDelay(true);
  if ("setNoDelay" in outer && typeof outer.setNoDelay === "function") outer.setNoDelay(true);
  const link = new Link(outer, inner);
  const key = inner.localAddr.port;
  links.set(key, link);
  // The listening may have ended meanwhile: nobody would close this one, and its client keeps an
  // idle connection for a minute and a half.
  if (closing.aborted) link.close();
  // Either side that ends takes the other along: no client of HTTP closes one half only.
  const close = () => link.close();
  await Promise.allSettled([
    copy(outer, inner).finally(close),
    copy(inner, outer).finally(close),
  ]);
  links.delete(key);
}

async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const size = await from.read(buffer);
    if (size === null) return;
    for (let start = 0; start < size;) start += await to.write(buffer.subarray(start, size));
  }
}

async function answer(
  serve: Serve,
  request: Request,
  link: Link | undefined,
  isSecure: boolean,
): Promise<Response> {
  const signal = link?.signal ?? AbortSignal.abort();
  try {
    return await serve(request, { signal, isSecure });
  } catch (error) {
    if (error instanceof Dropped && error.how !== "hang") link?.close();
    if (!(error instanceof Dropped) && !signal.aborted) throw error;
    // Nobody reads this: the client is gone, or waits until it goes.
    await aborted(signal);
    return new Response(null, { status: 499 });
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
