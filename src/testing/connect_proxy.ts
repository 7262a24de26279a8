/**
 * A loopback CONNECT proxy that plays other hosts: what a client sends to one of their names ends
 * at a local TLS server. With `HTTPS_PROXY` and a certificate for the names, a program can be tried
 * at its production addresses without a byte leaving the machine.
 */

/** What a client asked the proxy for. */
export interface TunnelRequest {
  /** The host. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** Whether it was one of the hosts to play. */
  readonly allowed: boolean;
}

/** How to start a {@linkcode ConnectProxy}. */
export interface ConnectProxyOptions {
  /** The names to play, at any port. */
  readonly hosts: readonly string[];
  /** The port of the TLS server on 127.0.0.1 that plays them. */
  readonly target: number;
  /** The port to listen on; a free one when absent. */
  readonly port?: number;
}

/** A proxy that is running. */
export interface ConnectProxy extends AsyncDisposable {
  /** For `HTTPS_PROXY`. */
  readonly url: string;
  /** What was asked for so far, in order. */
  readonly requests: readonly TunnelRequest[];
}

const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Starts a proxy on 127.0.0.1.
 *
 * @param options The hosts to play and where they end.
 * @returns The proxy; disposing of it ends its tunnels as well.
 */
export function startConnectProxy(options: ConnectProxyOptions): ConnectProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: options.port ?? 0 });
  const requests: TunnelRequest[] = [];
  const open = new Set<Deno.TcpConn>();
  const running = serve(listener, (client) => tunnel(client, options, requests, open));
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) close(connection);
      await running;
    },
  };
}

async function serve(
  listener: Deno.TcpListener,
  handle: (client: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  const handled: Promise<void>[] = [];
  // The loop ends by itself when the listener is closed.
  for await (const client of listener) {
    // A tunnel fails when either end leaves, and that is how tunnels end.
    handled.push(handle(client).catch(() => {}));
  }
  await Promise.all(handled);
}

async function tunnel(
  client: Deno.TcpConn,
  options: ConnectProxyOptions,
  requests: TunnelRequest[],
  open: Set<Deno.TcpConn>,
): Promise<void> {
  open.add(client);
  let server: Deno.TcpConn | undefined;
  try {
    const head = await readHead(client);
    const asked = /^CONNECT (\[[\da-f:.]+\]|[^\s:]+):(\d{1,5}) HTTP\/1\.[01]\r\n/i.exec(head.text);
    if (asked === null) return await refuse(client, "405 Method Not Allowed");
    const host = (asked[1] ?? "").toLowerCase();
    const allowed = options.hosts.includes(host);
    requests.push({ host, port: Number(asked[2]), allowed });
    if (!allowed) return await refuse(client, "403 Forbidden");
    server = await Deno.connect({ hostname: "127.0.0.1", port: options.target });
    open.add(server);
    await write(client, new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    // A client may have sent its first bytes right behind the head.
    await write(server, head.rest);
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  } finally {
    for (const connection of [client, server]) {
      if (connection === undefined) continue;
      open.delete(connection);
      close(connection);
    }
  }
}

/** The head of a request, and what came behind it. */
interface Head {
  readonly text: string;
  readonly rest: Uint8Array;
}

async function readHead(client: Deno.TcpConn): Promise<Head> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  let size = 0;
  while (size < buffer.length) {
    const read = await client.read(buffer.subarray(size));
    if (read === null) break;
    size += read;
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, size));
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return { text: text.slice(0, end + 4), rest: buffer.slice(end + 4, size) };
  }
  return { text: "", rest: new Uint8Array() };
}

async function refuse(client: Deno.TcpConn, status: string): Promise<void> {
  const answer = `HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
  await write(client, new TextEncoder().encode(answer));
}

async function write(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await connection.write(bytes.subarray(done));
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Its streams have closed it already.
  }
}
