/** Failures as HTTP answers in OpenAI's shape, so that an SDK raises its own error classes. Pure. */
import type { CodexError, ErrorCode } from "../../base/errors.ts";
import type { WireFailure } from "../../protocol/failures.ts";

/** What an error answer says beside the error. */
export interface ErrorDetails {
  /** The service's own words for it. */
  readonly failure?: Pick<WireFailure, "code" | "param"> | undefined;
  /** How long to wait before another attempt, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The present instant. */
  readonly now: number;
}

/** Our code, beside the service's own in the body. */
const ERROR_HEADER = "x-codex-error";

/** The status of what has none of its own. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  invalid_usage: 400,
  invalid_request: 400,
  input_too_large: 400,
  schema_unsupported: 400,
  refused: 400,
  not_signed_in: 401,
  sign_in_expired: 401,
  sign_in_rejected: 401,
  plan_not_included: 403,
  model_unavailable: 404,
  usage_limit: 429,
  rate_limit: 429,
  stream_cut: 502,
  overloaded: 503,
  network: 504,
};

/** The answer for an error. */
export function errorAnswer(error: CodexError, details: ErrorDetails): Response {
  const { code, message, hint, requestId, retryable } = error;
  const { failure, headers = {} } = details;
  const status = error.status !== undefined && error.status >= 400
    ? error.status
    : STATUS[code] ?? 500;
  const body = {
    error: {
      message: hint === undefined ? message : `${message}. ${hint}`,
      type: status >= 500
        ? "server_error"
        : status === 429
        ? "rate_limit_error"
        : "invalid_request_error",
      param: failure?.param ?? null,
      code: failure?.code ?? code,
    },
  };
  return Response.json(body, {
    status,
    headers: {
      ...headers,
      ...waitHeader(error, details),
      ...(requestId === undefined ? {} : { "x-request-id": requestId }),
      [ERROR_HEADER]: code,
      // The `openai` package obeys it: it would wait for hours for a plan to reset.
      "x-should-retry": String(retryable),
    },
  });
}

function waitHeader(
  { resetsAt }: CodexError,
  { retryAfterMs, now }: ErrorDetails,
): Record<string, string> {
  const ms = retryAfterMs ?? (resetsAt === undefined ? undefined : Date.parse(resetsAt) - now);
  return ms === undefined ? {} : { "retry-after": String(Math.max(0, Math.ceil(ms / 1000))) };
}
