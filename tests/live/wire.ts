/**
 * What went over the wire, noted beside the requests of the library, so that one of them can be
 * made again with one thing changed. Nothing secret is ever printed: only statuses, names of
 * members, and the words of a refusal with anything like a token masked.
 */
import { redact } from "../../src/base/redact.ts";

/** A request that was made, and what came back. */
export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly status: number;
  readonly answerHeaders: Headers;
  /** The words of a refusal; empty for an answer. */
  readonly refusal: string;
  /** The whole answer, once it has been read to its end. */
  readonly answer: () => Promise<string>;
}

/** One thing that is changed when a request is made again; `undefined` takes it out. */
export interface Change {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, string>>;
}

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** How long a request may take that is made again. */
const LIMIT_MS = 60_000;

/** Notes what a `fetch` is used for. */
export class Wire {
  /** What was asked so far, in order. */
  readonly exchanges: Exchange[] = [];
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** For `createClient()`. */
  readonly fetch: Fetch = async (input, init = {}) => {
    const response = await this.#fetch(input, init);
    const copy = response.clone();
    const body = init.body instanceof Blob ? await init.body.text() : String(init.body ?? "");
    // Read beside the caller, and to its end only when somebody asks.
    let text: Promise<string> | undefined;
    const answer = () => text ??= copy.text();
    this.exchanges.push({
      url: new URL(input),
      method: init.method ?? "GET",
      headers: new Headers(init.headers),
      body,
      status: response.status,
      answerHeaders: response.headers,
      refusal: response.ok ? "" : wordsOf(await response.clone().text()),
      answer,
    });
    return response;
  };

  /** The last good exchange whose path ends so. */
  last(path: string): Exchange | undefined {
    return this.exchanges.findLast((one) => one.status === 200 && one.url.pathname.endsWith(path));
  }

  /** Makes a request again with one thing changed, reads what comes, and gives its status. */
  async again(
    exchange: Exchange,
    change: Change,
  ): Promise<{ readonly status: number; readonly refusal: string; readonly text: string }> {
    const url = new URL(exchange.url);
    for (const [name, value] of Object.entries(change.query ?? {})) {
      url.searchParams.set(name, value);
    }
    const headers = new Headers(exchange.headers);
    for (const [name, value] of Object.entries(change.headers ?? {})) {
      if (value === undefined) headers.delete(name);
      else headers.set(name, value);
    }
    const response = await this.#fetch(url.href, {
      method: exchange.method,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(LIMIT_MS),
      ...(exchange.method === "GET" ? {} : { body: changed(exchange.body, change.body) }),
    });
    const text = await response.text();
    return { status: response.status, refusal: response.ok ? "" : wordsOf(text), text };
  }
}

function changed(body: string, change: Change["body"]): string {
  if (change === undefined) return body;
  // A member that is `undefined` is left out by JSON itself.
  return JSON.stringify({ ...JSON.parse(body), ...change });
}

/** The words of a refusal, on one line, short, without a token. */
function wordsOf(text: string): string {
  return redact(text).replaceAll(/\s+/g, " ").slice(0, 200);
}
