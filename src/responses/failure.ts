/** From an answer or an event that says no to the one error that a caller sees. Pure. */
import { retryAfterMs } from "../base/backoff.ts";
import { CodexError, type CodexErrorOptions } from "../base/errors.ts";
import { isPage } from "../base/http.ts";
import { isObject, type JsonObject, numberAt, objectAt, parseJson } from "../base/json.ts";
import { redact } from "../base/redact.ts";
import {
  type FailureMeaning,
  FAILURES,
  meaningOfStatus,
  readWireFailure,
  refusesImage,
  refusesModel,
  refusesSchema,
  UNKNOWN_FAILURE,
  waitInWords,
  wantsOtherShape,
  type WireFailure,
} from "../protocol/failures.ts";
import type { WireEvent } from "../protocol/responses.ts";
import { requestIdOf } from "./request_id.ts";
import { usageLimit } from "./usage_limit.ts";

/** What a failure is told against. */
export interface FailureContext {
  /** A ChatGPT plan, or an API key. */
  readonly kind: "chatgpt" | "api";
  /** The plan that the sign-in names. */
  readonly plan: string | undefined;
  /** What must not appear in a message. */
  readonly secrets: readonly string[];
  /** The present instant, in milliseconds since the epoch. */
  readonly now: number;
  /** The request's id, where the headers of the answer had told it before. */
  readonly requestId?: string | undefined;
}

/** An error, and what may be done about it without asking the caller. */
export interface Failure {
  /** The error. */
  readonly error: CodexError;
  /** The wait that the service asks for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether one attempt in the other request shape may help. */
  readonly otherShape: boolean;
  /** Whether the whole account is out of allowance, so that other processes need not try. */
  readonly accountWide: boolean;
}

/** An answer with a status of 300 and above, its body read. */
export interface RefusingAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The headers. */
  readonly headers: Headers;
  /** The body. */
  readonly text: string;
}

/** The error of an answer that is no stream. */
export function failureOfAnswer(answer: RefusingAnswer, context: FailureContext): Failure {
  const { status, headers, text } = answer;
  const details = { status, requestId: requestIdOf(headers, context.secrets) };
  if (isPage(answer)) {
    return plain(status === 403 || status === 429 ? blocked(details) : failedPage(status, details));
  }
  const body = parseJson(text);
  const failure = readWireFailure(body, context.now);
  const message = failure.message ?? (body === undefined ? text : undefined);
  return describe({ ...failure, message }, { context, status, headers, details });
}

/**
 * The error of a terminal event: `response.failed`, `error` in its flat and its nested form (the
 * official client ignores it and reports a lost connection), `response.cancelled`.
 */
export function failureOfEvent(event: WireEvent, context: FailureContext): Failure {
  const { requestId, now } = context;
  if (event.type === "response.cancelled") {
    const message = "The service cancelled the answer before it was complete";
    return plain(new CodexError("stream_cut", message, { requestId, hint: "Try again" }));
  }
  const failed = event.type === "response.failed" ? objectAt(event, "response") : event;
  const status = numberAt(event, "status");
  const details = status === undefined ? { requestId } : { requestId, status };
  const headers = headersOf(event["headers"]);
  return describe(readWireFailure(failed, now), { context, status, headers, details });
}

interface Place {
  readonly context: FailureContext;
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly details: CodexErrorOptions & { readonly status?: number };
}

function describe(failure: WireFailure, place: Place): Failure {
  const { context, status, headers, details } = place;
  const retryAfter = waitOf(headers, failure, context.now);
  if (failure.code === "usage_limit_reached") {
    const { plan, now, secrets } = context;
    const facts = { failure, headers, plan, retryAfterMs: retryAfter, now, secrets, details };
    return { ...usageLimit(facts), otherShape: false, retryAfterMs: undefined };
  }
  const meaning = meaningOf(failure, status, context.kind);
  const said = quote(failure.message, context.secrets);
  const known = meaning !== UNKNOWN_FAILURE && FAILURES.get(failure.code ?? "") === meaning;
  const code = known || status === undefined ? "" : ` (status ${status})`;
  const limited = meaning.code === "rate_limit" && retryAfter !== undefined;
  const error = new CodexError(
    meaning.code,
    `${meaning.what}${code}${said === "" ? "" : `: ${said}`}`,
    {
      ...details,
      hint: meaning.hint,
      retryable: meaning.retryable,
      resetsAt: limited ? new Date(context.now + retryAfter).toISOString() : undefined,
    },
  );
  const otherShape = context.kind === "chatgpt" && wantsOtherShape(status ?? 0, failure);
  return { error, retryAfterMs: retryAfter, otherShape, accountWide: false };
}

function meaningOf(
  failure: WireFailure,
  status: number | undefined,
  kind: "chatgpt" | "api",
): FailureMeaning {
  if (refusesImage(failure)) return meaningOfCode("invalid_image");
  if (refusesSchema(failure)) return meaningOfCode("invalid_json_schema");
  if (refusesModel(failure) || wantsOtherShape(status ?? 0, failure)) {
    return meaningOfCode("model_not_found");
  }
  const known = FAILURES.get(failure.code ?? "");
  if (known !== undefined) {
    // The plan's pages are of no use to the holder of a key.
    return kind === "api" && known.code === "usage_limit" ? { ...known, hint: API_BILLING } : known;
  }
  if (status === undefined || status < 300) return UNKNOWN_FAILURE;
  return meaningOfStatus(status);
}

const API_BILLING = "Check the organization's billing at https://platform.openai.com/settings";

function meaningOfCode(code: string): FailureMeaning {
  return FAILURES.get(code) ?? UNKNOWN_FAILURE;
}

/** The wait that an answer asks for: `Retry-After` in either form, its kin in milliseconds, or words. */
function waitOf(headers: Headers, { message }: WireFailure, now: number): number | undefined {
  const precise = headers.get("retry-after-ms")?.trim() ?? "";
  if (/^\d{1,12}(\.\d+)?$/.test(precise)) return Number(precise);
  const wait = retryAfterMs(headers.get("retry-after"), now) ?? waitInWords(message);
  // Further than a year is no wait, and not every such number is a date.
  return wait === undefined ? undefined : Math.min(wait, 366 * 86_400_000);
}

/** What the service says, fit to stand in one line of ours. */
function quote(message: string | undefined, secrets: readonly string[]): string {
  const line = redact(message ?? "", secrets).replace(/\s+/g, " ").trim();
  return (line.length > 300 ? `${line.slice(0, 300)}…` : line).replace(/\.$/, "");
}

/** A page instead of an answer, with a refusal: what stands in front of the service says no. */
function blocked(details: CodexErrorOptions): CodexError {
  return new CodexError("network", "The request was blocked in front of the service", {
    ...details,
    retryable: false,
    hint: "Try from another network: a VPN, proxy or region may be blocked",
  });
}

function failedPage(status: number, details: CodexErrorOptions): CodexError {
  const meaning = meaningOfStatus(status);
  return new CodexError(meaning.code, `${meaning.what} (status ${status})`, {
    ...details,
    hint: meaning.hint,
  });
}

function plain(error: CodexError): Failure {
  return { error, otherShape: false, accountWide: false };
}

/** Headers that an event carries, as it does over the other transport. */
function headersOf(value: unknown): Headers {
  const headers = new Headers();
  if (!isObject(value)) return headers;
  for (const [name, text] of textMembers(value)) {
    try {
      headers.set(name, text);
    } catch {
      // Not every text can be a header; one that cannot says nothing about limits either.
    }
  }
  return headers;
}

function textMembers(value: JsonObject): [string, string][] {
  return Object.entries(value).flatMap(([name, text]) =>
    typeof text === "string" || typeof text === "number" ? [[name, String(text)]] : []
  );
}
