/** Turns that go wrong, as a scenario file writes them in short. */
import {
  anyObject,
  anything,
  bodyFits,
  connection,
  count,
  nothing,
  pattern,
  status,
  text,
  times,
} from "./basic_shapes.ts";
import type { Json } from "./json.ts";
import { either, may, type Members, object, oneOf } from "./shape.ts";
import {
  cut,
  type CutOptions,
  disconnected,
  errorEvent,
  failed,
  garbage,
  type GarbageOptions,
  httpError,
  type HttpOptions,
  incomplete,
  rateLimited,
  silent,
  type SilentOptions,
  unauthorized,
  usageLimit,
} from "./trouble_builders.ts";
import type { TurnOptions } from "./turn_builders.ts";
import { type TurnForm, turnForm } from "./turn_form.ts";
import { BREAK_OPTIONS, STREAM_OPTIONS as OPTIONS, TURN_BASE } from "./turn_shapes.ts";
import type { ConnectionFault, TurnBase, UsageLimitTurn } from "./turns.ts";

interface Said {
  readonly text?: string;
}

interface Failure {
  readonly message?: string;
  readonly extra?: { readonly [key: string]: Json };
}

type CutPlace = Pick<CutOptions, "afterChunks" | "afterEvents" | "afterBytes" | "how">;

type Silence = Omit<SilentOptions, keyof TurnOptions | "text">;

const HTTP_OPTIONS: Members<HttpOptions> = TURN_BASE;

const SAID = may(text, "What the model had said before, or would have said");

/** The forms by the members that tell them. */
export const TROUBLE_FORMS: readonly (readonly [string, TurnForm])[] = [
  turnForm<"incomplete", string | null, TurnOptions & Said>(
    "incomplete",
    either(text, nothing),
    "The answer ends early, for this reason",
    { ...OPTIONS, text: SAID },
    incomplete,
  ),
  turnForm<"failed", string | null, TurnOptions & Said & Failure>(
    "failed",
    either(text, nothing),
    "The response fails in the stream, with this code",
    {
      ...OPTIONS,
      text: SAID,
      message: may(text, "What it says"),
      extra: may(anyObject, "More members of the error"),
    },
    (code, { message, ...options }) => failed(code, message, options),
  ),
  turnForm<"errorEvent", { readonly [key: string]: Json }, TurnOptions & Said>(
    "errorEvent",
    anyObject,
    "The stream ends with this error event",
    { ...OPTIONS, text: SAID },
    errorEvent,
  ),
  turnForm<"usageLimit", Pick<UsageLimitTurn, "resetsIn" | "plan">, TurnBase>(
    "usageLimit",
    object<Pick<UsageLimitTurn, "resetsIn" | "plan">>({
      resetsIn: may(count(), "Seconds until it resets, 3600 by default"),
      plan: may(either(text, nothing), "The plan that is named; null for none"),
    }),
    "The plan's allowance is used up",
    TURN_BASE,
    (limit, options) => usageLimit({ ...limit, ...options }),
  ),
  turnForm<"rateLimited", { readonly retryAfter?: number | string }, HttpOptions>(
    "rateLimited",
    object<{ readonly retryAfter?: number | string }>({
      retryAfter: may(either(count(), text), "Seconds, or a date; without it nothing is said"),
    }),
    "Too many requests in a short time",
    HTTP_OPTIONS,
    (limit, options) => rateLimited({ ...limit, ...options }),
  ),
  turnForm<"unauthorized", { readonly code?: string }, HttpOptions>(
    "unauthorized",
    object<{ readonly code?: string }>({ code: may(text, "The code, token_expired by default") }),
    "The access token is not accepted",
    HTTP_OPTIONS,
    (why, options) => unauthorized({ ...why, ...options }),
  ),
  turnForm<"httpError", number, HttpOptions & { readonly body?: Json }>(
    "httpError",
    status,
    "Any other answer that is no stream, with this status",
    { ...HTTP_OPTIONS, body: may(anything, "The body: a text as it is, anything else as JSON") },
    (code, { body, ...options }) => httpError(code, body, options),
    bodyFits("httpError", "body"),
  ),
  turnForm<"cut", CutPlace, TurnOptions & Said>(
    "cut",
    object<CutPlace>({
      afterChunks: BREAK_OPTIONS.afterChunks,
      afterEvents: BREAK_OPTIONS.afterEvents,
      afterBytes: BREAK_OPTIONS.afterBytes,
      how: may(oneOf("close", "reset"), "Whether the connection just ends, or breaks"),
    }),
    "The stream ends before its last event",
    { ...OPTIONS, text: SAID },
    (place, options) => cut({ ...place, ...options }),
  ),
  turnForm<"silent", Silence, TurnOptions & Said>(
    "silent",
    object<Silence>(BREAK_OPTIONS),
    "Nothing comes for a while",
    { ...OPTIONS, text: SAID },
    (silence, options) => silent({ ...silence, ...options }),
  ),
  turnForm<"garbage", NonNullable<GarbageOptions["kind"]>, TurnBase>(
    "garbage",
    oneOf("events", "html", "json"),
    "Things that are no events",
    TURN_BASE,
    (kind, options) => garbage({ kind, ...options }),
  ),
  turnForm<"disconnected", ConnectionFault, Omit<TurnBase, "headers">>(
    "disconnected",
    connection,
    "No answer at all",
    { when: may(pattern, TURN_BASE.when.says), times: may(times, TURN_BASE.times.says) },
    disconnected,
  ),
];
