/** Requests as bytes, for what `fetch` does not let a test say: another Host, half a request. */

/** An answer, read to the end of the connection. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What a request says besides its target. */
export interface RawRequest {
  readonly method?: string;
  /** The Host header; the address itself when absent, none when `null`. */
  readonly host?: string | null;
}

/** Opens a connection to a port of 127.0.0.1 and writes a text. */
export async function rawConnect(port: number, text: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  return connection;
}

/** Sends one request to a port of 127.0.0.1 and reads its answer. */
export async function rawRequest(
  port: number,
  target: string,
  { method = "GET", host = `127.0.0.1:${port}` }: RawRequest = {},
): Promise<RawAnswer> {
  const head = host === null ? "" : `Host: ${host}\r\n`;
  using connection = await rawConnect(port, `${method} ${target} HTTP/1.1\r\n${head}\r\n`);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(16_384);
  let text = "";
  while (!isWhole(text, method)) {
    const size = await connection.read(chunk);
    if (size === null) break;
    text += decoder.decode(chunk.subarray(0, size), { stream: true });
  }
  const [top = "", body = ""] = text.split("\r\n\r\n");
  const [first = "", ...lines] = top.split("\r\n");
  return {
    status: Number(first.split(" ")[1]),
    headers: new Headers(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string];
    })),
    body,
  };
}

function isWhole(text: string, method: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1] ?? "0";
  const size = new TextEncoder().encode(text.slice(end + 4)).length;
  return method === "HEAD" || size >= Number(length);
}
