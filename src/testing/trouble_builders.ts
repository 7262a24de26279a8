/** Functions that write down how an answer goes wrong. */
import { apiErrorBody } from "./answers.ts";
import type { Json } from "./json.ts";
import { answer, defined, type TurnOptions } from "./turn_builders.ts";
import type {
  AnswerTurn,
  Break,
  ConnectionFault,
  ConnectionTurn,
  HttpTurn,
  RawTurn,
  TextItem,
  UsageLimitTurn,
} from "./turns.ts";

/** What a streamed turn that goes wrong may be given. */
export type TroubleOptions = TurnOptions & {
  /** What the model had said before, or would have said. */
  readonly text?: string;
};

/** What a turn that is no stream may be given. */
export type HttpOptions = Pick<HttpTurn, "when" | "times" | "headers">;

/**
 * The answer ends early, with a reason.
 *
 * @param reason Such as `max_output_tokens` or `content_filter`; `null` leaves it out.
 * @param options The text so far.
 * @returns The turn.
 *
 * @example Cut off by the output limit
 * ```ts
 * import { createSimulator, incomplete } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(incomplete("max_output_tokens", { text: "Once upon a" }));
 * ```
 */
export function incomplete(reason: string | null, options: TroubleOptions = {}): AnswerTurn {
  const { text, ...rest } = options;
  return { ...answer(textItems(text), rest), ending: { type: "incomplete", reason } };
}

/**
 * The response fails in the stream, after a status of 200.
 *
 * @param code Such as `context_length_exceeded`; `null` sends no error at all.
 * @param message What it says.
 * @param options The text so far, and more members of the error.
 * @returns The turn.
 *
 * @example The input is too long
 * ```ts
 * import { createSimulator, failed } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(failed("context_length_exceeded", "Your input exceeds the context window"));
 * ```
 */
export function failed(
  code: string | null,
  message = "The simulator was told to fail",
  options: TroubleOptions & { readonly extra?: { readonly [key: string]: Json } } = {},
): AnswerTurn {
  const { text, extra, ...rest } = options;
  return {
    ...answer(textItems(text), rest),
    ending: { type: "failed", code, message, ...defined({ extra }) },
  };
}

/**
 * The stream ends with an `error` event, which the official client overlooks.
 *
 * @param event The event without its `type`.
 * @param options The text so far.
 * @returns The turn.
 *
 * @example A server error in the middle of an answer
 * ```ts
 * import { createSimulator, errorEvent } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(errorEvent({ code: "server_error", message: "Oops" }, { text: "Well, " }));
 * ```
 */
export function errorEvent(
  event: { readonly [key: string]: Json },
  options: TroubleOptions = {},
): AnswerTurn {
  const { text, ...rest } = options;
  return { ...answer(textItems(text), rest), ending: { type: "error-event", event } };
}

/**
 * The plan's allowance is used up: 429 with the body and the headers that say until when.
 *
 * @param options Seconds until it resets, 3600 by default, and the plan that is named.
 * @returns The turn.
 *
 * @example Used up for ten minutes
 * ```ts
 * import { createSimulator, usageLimit } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [usageLimit({ resetsIn: 600, plan: "team" })] });
 * ```
 */
export function usageLimit(options: Omit<UsageLimitTurn, "type"> = {}): UsageLimitTurn {
  return { type: "usage-limit", resetsIn: 3600, ...options };
}

/**
 * Too many requests in a short time.
 *
 * @param options `retryAfter` in seconds or as a date; without it the answer does not say.
 * @returns The turn.
 *
 * @example Twice, then the answer
 * ```ts
 * import { createSimulator, rateLimited, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(rateLimited({ retryAfter: 2, times: 2 }), reply("Now."));
 * ```
 */
export function rateLimited(
  options: HttpOptions & { readonly retryAfter?: number | string } = {},
): HttpTurn {
  const { retryAfter, ...rest } = options;
  const message = "Rate limit reached, slow down";
  const body = apiErrorBody({ message, type: "requests", code: "rate_limit_exceeded" });
  const headers: Record<string, string> = retryAfter === undefined
    ? {}
    : { "retry-after": String(retryAfter) };
  return httpError(429, body, { ...rest, headers: { ...headers, ...rest.headers } });
}

/**
 * The access token is not accepted.
 *
 * @param options For how many requests, and with which code; 1 and `token_expired` by default.
 * @returns The turn.
 *
 * @example Once, so that the client has to renew its sign-in
 * ```ts
 * import { createSimulator, reply, unauthorized } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [unauthorized(), reply("Welcome back.")] });
 * ```
 */
export function unauthorized(options: HttpOptions & { readonly code?: string } = {}): HttpTurn {
  const { code = "token_expired", ...rest } = options;
  const message = "Provided authentication token is expired. Please try signing in again.";
  return httpError(401, { ...apiErrorBody({ message, code }), status: 401 }, rest);
}

/**
 * Any other answer that is no stream.
 *
 * @param status The status.
 * @param body The body: a string as it is, anything else as JSON.
 * @param options Headers, and how often.
 * @returns The turn.
 *
 * @example A page of a gateway, for ever
 * ```ts
 * import { createSimulator, httpError } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(httpError(502, "<html>Bad Gateway</html>", {
 *   headers: { "content-type": "text/html", "cf-ray": "8f00-OSL" },
 *   times: "always",
 * }));
 * ```
 */
export function httpError(status: number, body?: Json, options: HttpOptions = {}): HttpTurn {
  return { type: "http", status, ...defined({ body }), ...options };
}

/** Where a stream is cut. */
export type CutOptions =
  & Pick<Break, "afterChunks" | "afterEvents" | "afterBytes">
  & TroubleOptions
  & {
    /** Whether the connection just ends, as by default, or breaks. */
    readonly how?: "close" | "reset";
  };

/**
 * The stream ends before its last event.
 *
 * @param options After how many deltas (1 by default), events or bytes; whether the connection
 * breaks or just ends; and what the whole text would have been.
 * @returns The turn.
 *
 * @example After two words, by a broken connection
 * ```ts
 * import { createSimulator, cut } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * simulator.enqueue(cut({ text: "One two three", afterChunks: 2, how: "reset" }));
 * ```
 */
export function cut(options: CutOptions = {}): AnswerTurn {
  const { text, how, afterChunks, afterEvents, afterBytes, ...rest } = options;
  const isSomewhere = afterChunks !== undefined || afterEvents !== undefined ||
    afterBytes !== undefined;
  const place = isSomewhere
    ? defined({ afterChunks, afterEvents, afterBytes })
    : { afterChunks: 1 };
  return { ...answer(textItems(text), rest), breaks: { kind: how ?? "close", ...place } };
}

/** Where a stream falls silent, and for how long. */
export type SilentOptions = Omit<Break, "kind"> & TroubleOptions;

/**
 * Nothing comes for a while; afterwards the answer goes on.
 *
 * @param options How long, for ever by default; after how many deltas, before the first event by
 * default; whether even the headers wait; and what is sent to keep the connection alive.
 * @returns The turn.
 *
 * @example Ten minutes after the first word, passed at once
 * ```ts
 * import { createSimulator, silent } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [silent({ ms: 600_000, afterChunks: 1 })] });
 * // While the client waits:
 * await simulator.clock.advance(600_000);
 * ```
 */
export function silent(options: SilentOptions = {}): AnswerTurn {
  const { text, when, times, headers, usage, wire, ...breaks } = options;
  return {
    ...answer(textItems(text), defined({ when, times, headers, usage, wire })),
    breaks: { kind: "silence", ...breaks },
  };
}

/** What kind of garbage, and when. */
export type GarbageOptions = Pick<RawTurn, "when" | "times" | "headers"> & {
  /** Lines that are no events, as by default; a page; or a JSON object; all with status 200. */
  readonly kind?: "events" | "html" | "json";
};

/**
 * Things that are no events, from broken JSON to broken UTF-8, after which the stream just ends.
 *
 * @param options A page or a JSON object instead, and which prompt it answers.
 * @returns The turn.
 *
 * @example What a proxy's sign-in page looks like to a client
 * ```ts
 * import { createSimulator, garbage } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [garbage({ kind: "html" })] });
 * ```
 */
export function garbage(options: GarbageOptions = {}): RawTurn {
  const { kind = "events", ...rest } = options;
  switch (kind) {
    case "html":
      return {
        type: "raw",
        text: "<html>Just a moment...</html>",
        contentType: "text/html",
        ...rest,
      };
    case "json":
      return {
        type: "raw",
        text: '{"object":"response"}',
        contentType: "application/json",
        ...rest,
      };
    case "events":
      return { type: "raw", base64: btoa(JUNK), ...rest };
  }
}

/** Each line is a way to be no event; \xff and \xfe are bytes that UTF-8 never has. */
const JUNK = 'event: ???\ndata: {"type":\n\ndata: [1,2\n\n:::\n\ndata: "\xff\xfe"\n\n' +
  "data: null\n\ndata: 7\n\ndata: [DONE]\n\n";

/**
 * No answer at all.
 *
 * @param how What happens to the connection, `reset` by default.
 * @param options Which prompt, and how often.
 * @returns The turn.
 *
 * @example The name of the host cannot be resolved
 * ```ts
 * import { createSimulator, disconnected } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [disconnected("dns", { times: "always" })] });
 * ```
 */
export function disconnected(
  how: ConnectionFault = "reset",
  options: Pick<ConnectionTurn, "when" | "times"> = {},
): ConnectionTurn {
  return { type: "connection", how, ...options };
}

function textItems(text: string | undefined): readonly TextItem[] {
  return text === undefined ? [] : [{ type: "text", text }];
}
