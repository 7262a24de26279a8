/** Reads what an SDK wants fetched, and refuses what is not served. Pure but for the body. */
import { CodexError } from "../../base/errors.ts";

/** A request that is served. */
export interface Incoming {
  /** What it asks for. */
  readonly route: "responses" | "models";
  /** Its query, with the question mark; empty when it has none. */
  readonly search: string;
  /** What kind of answer it takes, where it says so. */
  readonly accept: string | undefined;
  /** Whoever asks ends it by this. */
  readonly signal: AbortSignal | undefined;
  /** Its body as text; to be called once. */
  body(): Promise<string>;
}

/**
 * Reads a request. Of its headers only the kind of answer counts: keys, organizations, projects and
 * cookies that an SDK adds are for somebody else.
 *
 * @param input As `fetch` takes it.
 * @param given As `fetch` takes it, null included.
 * @throws CodexError `invalid_request` for everything but `POST …/responses` and `GET …/models`.
 */
export function readIncoming(
  input: string | URL | Request,
  given?: RequestInit | null,
): Incoming {
  const init = given ?? {};
  const request = input instanceof Request ? input : undefined;
  const url = URL.parse(request?.url ?? String(input));
  const method = (init.method ?? request?.method ?? "GET").toUpperCase();
  const route = url === null ? undefined : routeOf(method, url.pathname);
  if (url === null || route === undefined) throw notServed(method, url);
  const headers = new Headers(init.headers ?? request?.headers);
  return {
    route,
    search: url.search,
    accept: headers.get("accept") ?? undefined,
    signal: init.signal ?? request?.signal,
    body: () => textOf(init.body ?? request),
  };
}

function routeOf(method: string, path: string): Incoming["route"] | undefined {
  if (method === "POST" && path.endsWith("/responses")) return "responses";
  return method === "GET" && path.endsWith("/models") ? "models" : undefined;
}

/** The address itself stays out of the message: it may hold a password. */
function notServed(method: string, url: URL | null): CodexError {
  const message = url === null
    ? "What is to be fetched has no whole address"
    : `${method} ${url.pathname} is not served with this sign-in`;
  const hint = url === null
    ? "Give one with its host, such as https://api.openai.com/v1/responses"
    : "Only POST …/responses and GET …/models are: use the SDK's Responses API";
  return new CodexError("invalid_request", message, { hint });
}

async function textOf(body: BodyInit | Request | null | undefined): Promise<string> {
  if (typeof body === "string") return body;
  return await (body instanceof Request ? body : new Response(body)).text();
}
