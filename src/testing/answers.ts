/** The shapes in which the service answers. */
import type { Json } from "./json.ts";

/** Whether an answer with this status has no body, by the rules of HTTP. */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** An answer in JSON. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** The model backend's way to say that a request has the wrong form: `{"detail": …}`. */
export function detail(status: number, text: string): Response {
  return jsonAnswer(status, { detail: text });
}

/** What an error of the API's own shape says. */
export interface ApiError {
  /** What went wrong, in words. */
  readonly message: string;
  /** Its code, where it has one. */
  readonly code?: string | null;
  /** Its kind. */
  readonly type?: string;
  /** The parameter that it is about. */
  readonly param?: string | null;
}

/** The body of {@linkcode apiError}, as data. */
export function apiErrorBody(error: ApiError): { readonly [key: string]: Json } {
  return {
    error: {
      message: error.message,
      type: error.type ?? "invalid_request_error",
      param: error.param ?? null,
      code: error.code ?? null,
    },
  };
}

/** The API's way to say what is wrong: `{"error": {message, type, param, code}}`. */
export function apiError(
  status: number,
  error: ApiError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonAnswer(status, apiErrorBody(error), headers);
}

/** RFC 6749's way, with which a code exchange fails. */
export function oauthError(status: number, error: string, description: string): Response {
  return jsonAnswer(status, { error, error_description: description });
}

/** A small page. Nothing of the request is ever put into one unescaped. */
export function page(status: number, title: string, body: string): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>` +
    `<style>${STYLE}</style><main><h1>${escapeHtml(title)}</h1>${body}` +
    `<footer>A simulator on this machine. No account is involved.</footer></main></html>`;
  return new Response(html, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

const STYLE = ":root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}" +
  "main{max-width:26rem;margin:15vh auto;padding:0 1rem}h1{font-size:1.5rem}" +
  "a,button{display:inline-block;font:inherit;color:inherit;text-decoration:none;" +
  "border:1px solid;border-radius:.5rem;padding:.4rem 1rem;background:none;cursor:pointer}" +
  "input{font:inherit;padding:.4rem .6rem;width:12rem}footer{margin-top:3rem;opacity:.7}";

/** A text as it may stand in a page, between tags or in an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
