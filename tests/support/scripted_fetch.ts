/** A fetch that never leaves the process: it answers from a list and remembers what was asked. */

/** A request as it would have been sent. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The body as text; empty when there was none. */
  readonly body: string;
  /** The body as JSON, or `undefined` when it is none. */
  readonly json: unknown;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal;
}

/** Answers one request; what it throws is what the fetch rejects with. */
export type Handler = (request: SeenRequest) => Response | Promise<Response>;

/** Answers requests in the order of its handlers, each used once. */
export class ScriptedFetch {
  /** Every request so far. */
  readonly requests: SeenRequest[] = [];
  /** Goes where a `fetch` is wanted. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  #handlers: Handler[];

  constructor(...handlers: Handler[]) {
    this.#handlers = handlers;
    this.fetch = (input, init) => this.#answer(input, init);
  }

  /** Adds handlers at the end. */
  enqueue(...handlers: Handler[]): void {
    this.#handlers.push(...handlers);
  }

  /** How many handlers were not used yet. */
  get remaining(): number {
    return this.#handlers.length;
  }

  /** The request at an index, counted from the end when negative. */
  request(index: number): SeenRequest {
    const request = this.requests.at(index);
    if (request === undefined) throw new Error(`there was no request ${index}`);
    return request;
  }

  async #answer(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const body = await request.text();
    const seen: SeenRequest = {
      method: request.method,
      url: new URL(request.url),
      headers: request.headers,
      body,
      json: parse(body),
      redirect: request.redirect,
      signal: init?.signal ?? request.signal,
    };
    this.requests.push(seen);
    seen.signal.throwIfAborted();
    const handler = this.#handlers.shift();
    if (handler === undefined) {
      throw new Error(`nothing was scripted for ${seen.method} ${seen.url}`);
    }
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(seen.signal.reason);
    seen.signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([handler(seen), aborted]);
    } finally {
      seen.signal.removeEventListener("abort", onAbort);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Answers with JSON. */
export function json(body: unknown, status = 200, headers: HeadersInit = {}): Handler {
  return () => {
    const all = new Headers(headers);
    all.set("content-type", "application/json");
    return new Response(JSON.stringify(body), { status, headers: all });
  };
}

/** Answers with text of any kind. */
export function text(body: string, status = 200, headers: HeadersInit = {}): Handler {
  return () => new Response(body, { status, headers });
}

/** Answers with a stream of server-sent events, one chunk for each given text. */
export function sse(chunks: readonly string[], headers: HeadersInit = {}): Handler {
  return () => {
    const all = new Headers(headers);
    all.set("content-type", "text/event-stream");
    return new Response(ReadableStream.from(chunks.map((chunk) => encode(chunk))), {
      headers: all,
    });
  };
}

/** Fails as the platform does when there is no connection. */
export function fail(cause = "tcp connect error: Connection refused (os error 111)"): Handler {
  return () => {
    throw new TypeError("fetch failed", { cause: new Error(cause) });
  };
}

/** Never answers: only an abort ends it. */
export function hang(): Handler {
  return () => new Promise(() => {});
}

function encode(chunk: string): Uint8Array {
  return new TextEncoder().encode(chunk);
}
