/** A request as the handlers see it: read once, decompressed and parsed. */
import { parseJson } from "../base/json.ts";
import type { Caller } from "./fetching.ts";
import type { RecordedRequest } from "./recorded.ts";
import { type Route, routeOf } from "./routes.ts";

/** A request as the handlers see it. */
export interface Incoming {
  /** What it is for. */
  readonly route: Route;
  /** Its method. */
  readonly method: string;
  /** Its address. */
  readonly url: URL;
  /** Its headers. */
  readonly headers: Headers;
  /** How many bytes the body had on the wire. */
  readonly bytes: number;
  /** The body as text; `undefined` when its encoding could not be undone. */
  readonly text: string | undefined;
  /** The parsed body, where it is JSON. */
  readonly json: unknown;
  /** The fields of the body, where it is a form. */
  readonly form: URLSearchParams | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Noted for the record: which turn answered it. */
  readonly served: Served;
}

/** What became of a request, noted by whoever answers it. */
export interface Served {
  /** Which of the turns answered it. */
  turn?: number;
}

/** Reads a request. */
export async function readIncoming(request: Request, caller: Caller): Promise<Incoming> {
  const url = new URL(request.url);
  if (caller.isSecure === true) url.protocol = "https:";
  const sent = new Uint8Array(await request.arrayBuffer());
  const text = await decoded(sent, request.headers.get("content-encoding"));
  const type = request.headers.get("content-type") ?? "";
  const form = type.startsWith("application/x-www-form-urlencoded") && text !== undefined
    ? new URLSearchParams(text)
    : undefined;
  const json = form === undefined && text ? parseJson(text) : undefined;
  return {
    route: routeOf(request.method, url.pathname, grantType(form, json)),
    method: request.method,
    url,
    headers: request.headers,
    bytes: sent.length,
    text,
    json,
    form,
    signal: caller.signal,
    served: {},
  };
}

/** The same request, as a test may look at it. */
export function recordOf(incoming: Incoming, at: number): RecordedRequest {
  return {
    route: incoming.route,
    method: incoming.method,
    url: incoming.url.href,
    path: incoming.url.pathname,
    query: Object.fromEntries(incoming.url.searchParams),
    headers: Object.fromEntries(incoming.headers),
    body: incoming.text ?? "",
    json: incoming.json,
    form: incoming.form === undefined ? undefined : Object.fromEntries(incoming.form),
    at,
  };
}

/** A field of the body, whether it is a form or JSON. */
export function field(incoming: Incoming, name: string): string | undefined {
  if (incoming.form !== undefined) return incoming.form.get(name) ?? undefined;
  const { json } = incoming;
  if (typeof json !== "object" || json === null || !Object.hasOwn(json, name)) return undefined;
  const value: unknown = Reflect.get(json, name);
  return typeof value === "string" ? value : undefined;
}

function grantType(form: URLSearchParams | undefined, json: unknown): string | undefined {
  if (form !== undefined) return form.get("grant_type") ?? undefined;
  if (typeof json !== "object" || json === null) return undefined;
  const value: unknown = Reflect.get(json, "grant_type");
  return typeof value === "string" ? value : undefined;
}

/** The official client compresses with zstd, which the web's own streams do not know. */
async function decoded(bytes: Uint8Array, encoding: string | null): Promise<string | undefined> {
  if (encoding === null || encoding === "identity") return new TextDecoder().decode(bytes);
  if (encoding !== "zstd") return undefined;
  const { zstdDecompressSync } = await import("node:zlib");
  try {
    const plain = zstdDecompressSync(bytes, { maxOutputLength: 256 * 1024 * 1024 });
    return new TextDecoder().decode(plain);
  } catch {
    return undefined;
  }
}
