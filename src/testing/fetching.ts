/** The simulator as a `fetch`: no socket, no permission, and the platform's own ways to fail. */
import { Dropped, fetchFailed } from "./drops.ts";

/** Who asks. */
export interface Caller {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Whether the request came over TLS, where its own address no longer says so. */
  readonly isSecure?: boolean;
}

/** Answers a request; throws {@linkcode Dropped} for no answer. */
export type Serve = (request: Request, caller: Caller) => Promise<Response>;

/**
 * Makes a `fetch` of a server. A redirect is handed back and never followed: what it points at is
 * no part of the simulator.
 */
export function fetchOf(serve: Serve): typeof fetch {
  return async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { signal } = request;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const response = await Promise.race([answer(serve, request), aborted]);
      if (request.redirect === "error" && response.status >= 300 && response.status < 400) {
        throw new TypeError(
          "Fetch failed: Encountered redirect while redirect mode is set to 'error'",
        );
      }
      return received(response, request);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
}

async function answer(serve: Serve, request: Request): Promise<Response> {
  try {
    return await serve(request, { signal: request.signal });
  } catch (error) {
    if (!(error instanceof Dropped)) throw error;
    if (error.how === "hang") return await new Promise<never>(() => {});
    throw fetchFailed(error.how, new URL(request.url));
  }
}

/** The answer with the address it came from, and with a body that an abort ends. */
function received(response: Response, { signal, url }: Request): Response {
  const { status, statusText, headers, body } = response;
  const copy = new Response(body === null ? null : abortable(body, signal), {
    status,
    statusText,
    headers,
  });
  Object.defineProperty(copy, "url", { value: url });
  return copy;
}

function abortable(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let onAbort = () => {};
  const settled = () => signal.removeEventListener("abort", onAbort);
  return new ReadableStream({
    start(sink) {
      onAbort = () => {
        sink.error(signal.reason);
        reader.cancel(signal.reason).catch(() => {});
      };
      signal.addEventListener("abort", onAbort, { once: true });
    },
    async pull(sink) {
      try {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (!done) return sink.enqueue(value);
        settled();
        sink.close();
      } catch (error) {
        settled();
        throw error;
      }
    },
    async cancel(reason) {
      settled();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
