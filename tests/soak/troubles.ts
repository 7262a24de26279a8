/**
 * Everything that may happen to a run, at random: what the service does, and how the run may then
 * end. An answer is right only when it is the one that was to be given, to the letter.
 */
import {
  completedOnly,
  cut,
  disconnected,
  errorEvent,
  failed,
  type Fault,
  fault,
  garbage,
  httpError,
  incomplete,
  oneBigDelta,
  onWire,
  rateLimited,
  refreshFails,
  refuse,
  reply,
  type Route,
  silent,
  type Turn,
  unauthorized,
  usageLimit,
} from "../../testing.ts";
import type { ErrorCode } from "../../src/base/errors.ts";
import type { Random } from "../fuzz/random.ts";

/** How a run ends: with the answer, or with an error's code. */
export type End = "answer" | ErrorCode;

/** What happens to one run. */
export interface Trouble {
  /** What it is called in the table. */
  readonly name: string;
  /** The answer that a run that ends well has. */
  readonly answer: string;
  readonly turns: readonly Turn[];
  readonly faults: readonly Fault[];
  /** Whether the access token has expired already. */
  readonly expired: boolean;
  /** The ends that are right. */
  readonly ends: readonly End[];
  /** Whether nothing but the client's own time limits ends it. */
  readonly hangs: boolean;
}

type Part = Partial<Omit<Trouble, "name" | "answer">>;

/** Trouble of a kind. */
type Kind = readonly [name: string, make: (answer: string, random: Random) => Part];

const LETTERS = ["word", "größer", "日本語", "👩‍🚀", "a,b", '"x"', "1", "\n", "\t", "{}"];

/** Codes that end an answer which had begun. */
const CUT: readonly End[] = ["stream_cut", "network"];

const KINDS: readonly Kind[] = [
  ["nothing", (answer, random) => ({
    turns: [reply(answer, { chunks: random.of([1, 2, 7, 40]) })],
  })],
  ["an odd way of writing", (answer, random) => ({
    turns: [
      onWire(reply(answer), {
        lineEnd: random.of(["lf", "crlf", "cr"]),
        eventLines: random.oneIn(2),
        comments: random.oneIn(2),
        bytesPerWrite: random.of([7, 64, 1000]),
      }),
    ],
  })],
  ["an answer in another place", (answer, random) => ({
    turns: [
      random.of([
        reply(answer, { deltasOnly: true }),
        completedOnly(answer),
        oneBigDelta(answer),
      ]),
    ],
  })],
  ["cut before the text", (answer, random) => ({
    turns: [
      cut({ text: answer, afterEvents: random.below(2), how: random.of(["close", "reset"]) }),
      reply(answer),
    ],
  })],
  ["cut in the text", (answer, random) => ({
    turns: [
      cut({
        text: answer,
        afterChunks: 1 + random.below(3),
        how: random.of(["close", "reset"]),
      }),
      reply(answer),
    ],
    ends: ["answer", ...CUT],
  })],
  ["cut anywhere", (answer, random) => ({
    turns: [
      cut({ text: answer, afterBytes: random.below(6_000), how: random.of(["close", "reset"]) }),
      reply(answer),
    ],
    ends: ["answer", ...CUT],
  })],
  ["a server error that passes", (answer, random) => ({
    turns: [
      httpError(random.of([500, 502, 503, 504, 529]), random.of([{ detail: "x" }, "<html>", ""]), {
        times: 1 + random.below(2),
      }),
      reply(answer),
    ],
  })],
  ["a server error that stays", (_, random) => ({
    turns: [httpError(random.of([500, 502, 503, 504, 529]), { detail: "x" }, { times: "always" })],
    ends: ["overloaded", "network"],
  })],
  ["too many requests, then not", (answer) => ({
    turns: [rateLimited({ retryAfter: 0 }), rateLimited(), reply(answer)],
  })],
  ["too many requests for an hour", () => ({
    turns: [rateLimited({ retryAfter: 3600, times: "always" })],
    ends: ["rate_limit"],
  })],
  ["the allowance used up", () => ({
    turns: [usageLimit({ resetsIn: 3600, times: "always" })],
    ends: ["usage_limit"],
  })],
  ["401, then not", (answer) => ({ turns: [unauthorized(), reply(answer)] })],
  ["401 for ever", () => ({
    turns: [unauthorized({ times: "always" })],
    ends: ["sign_in_rejected", "sign_in_expired"],
  })],
  ["a refusal by status", (_, random) => {
    const [status, body, ...ends] = random.of<readonly [number, string, ...End[]]>([
      [400, "invalid_prompt", "invalid_request", "refused"],
      [400, "context_length_exceeded", "input_too_large"],
      [403, "access_program_not_enabled", "plan_not_included", "invalid_request"],
      [404, "model_not_found", "model_unavailable"],
      [413, "request_too_large", "input_too_large"],
      [422, "unsupported_value", "invalid_request"],
      [429, "insufficient_quota", "usage_limit", "plan_not_included", "rate_limit"],
    ]);
    const error = { message: "No", type: "invalid_request_error", code: body };
    return { turns: [httpError(status, { error }, { times: "always" })], ends };
  }],
  ["a response that fails", (answer, random) => {
    const [code, ...ends] = random.of<readonly [string | null, ...End[]]>([
      ["context_length_exceeded", "input_too_large"],
      ["insufficient_quota", "usage_limit", "plan_not_included"],
      ["invalid_prompt", "invalid_request", "refused"],
      ["content_policy_violation", "refused", "invalid_request"],
      ["server_is_overloaded", "answer", "overloaded"],
      ["server_error", "answer", "overloaded"],
      ["rate_limit_exceeded", "answer", "rate_limit"],
      ["of_a_kind_unknown", "answer", "overloaded", "invalid_request"],
      [null, "answer", "overloaded", "invalid_request"],
    ]);
    const text = random.oneIn(2) ? answer : undefined;
    return { turns: [failed(code, "No", text === undefined ? {} : { text }), reply(answer)], ends };
  }],
  ["an error event", (answer, random) => ({
    turns: [
      errorEvent(
        random.of([
          { code: "server_error", message: "Oops" },
          { error: { type: "server_error", message: "Oops" } },
          { message: "Oops" },
        ]),
        random.oneIn(2) ? { text: answer } : {},
      ),
      reply(answer),
    ],
    ends: ["answer", "overloaded", "invalid_request"],
  })],
  ["an answer that is not complete", (answer, random) => ({
    turns: [incomplete(random.of(["max_output_tokens", "content_filter", null]), { text: answer })],
    ends: ["incomplete", "refused"],
  })],
  ["the model declines", () => ({ turns: [refuse("I cannot.")], ends: ["refused"] })],
  ["no events at all", (answer, random) => ({
    turns: [garbage({ kind: random.of(["events", "html", "json"]) }), reply(answer)],
    ends: ["answer", ...CUT],
  })],
  ["a lost connection", (answer, random) => ({
    turns: [
      ...Array.from(
        { length: 1 + random.below(2) },
        () => disconnected(random.of(["refused", "reset", "dns", "certificate"])),
      ),
      reply(answer),
    ],
  })],
  ["no connection", () => ({
    turns: [{ ...disconnected("reset"), times: "always" }],
    ends: ["network"],
  })],
  ["silence before the headers", () => ({
    turns: [silent({ beforeHeaders: true, times: "always" })],
    ends: ["network"],
    hangs: true,
  })],
  ["silence in the text", (answer, random) => ({
    turns: [
      silent({
        text: answer,
        afterChunks: random.below(3),
        ...(random.oneIn(2) ? { keepalive: "comment", keepaliveMs: 20 } : {}),
        times: "always",
      }),
    ],
    ends: CUT,
    hangs: true,
  })],
  ["no list of models", (answer, random) => ({
    faults: [
      fault(
        "models",
        random.of<Omit<Fault, "route">>([
          { status: 500, times: "always" },
          { status: 404 },
          { status: 200, body: "<html>" },
          { status: 200, body: { models: [{}] } },
          { connection: "reset", times: "always" },
          { cutAfterBytes: 100 },
        ]),
      ),
    ],
    turns: [reply(answer)],
  })],
  ["an old token", (answer) => ({ expired: true, turns: [reply(answer)] })],
  ["an old token, and a refresh that fails at first", (answer, random) => ({
    expired: true,
    faults: [
      fault(
        "refresh",
        random.of<Omit<Fault, "route">>([
          { status: 500 },
          { status: 429, headers: { "retry-after": "0" } },
          { connection: "reset" },
          { status: 503, times: 2 },
        ]),
      ),
    ],
    turns: [reply(answer)],
    ends: ["answer", "network", "overloaded", "rate_limit"],
  })],
  ["an old token, and a refresh whose answer is lost", (answer) => ({
    expired: true,
    faults: [fault("refresh", { connection: "reset", effect: true })],
    turns: [reply(answer)],
    ends: ["sign_in_expired", "network"],
  })],
  ["an old token, and a refresh that is refused", (_, random) => ({
    expired: true,
    faults: [
      refreshFails(
        random.of([
          "refresh_token_expired",
          "refresh_token_reused",
          "refresh_token_invalidated",
          "invalid_grant",
        ]),
        { times: "always" },
      ),
    ],
    ends: ["sign_in_expired", "sign_in_rejected"],
  })],
  ["an old token, and a refresh that says nothing", (_, random) => ({
    expired: true,
    faults: [
      fault("refresh", { status: 200, body: random.of(["{}", "", "<html>"]), times: "always" }),
    ],
    ends: ["overloaded", "sign_in_rejected", "network"],
  })],
  ["everything cut after some bytes", (answer, random) => ({
    faults: [
      fault(random.of<Route>(["models", "responses"]), { cutAfterBytes: random.below(3_000) }),
    ],
    turns: [reply(answer), reply(answer)],
    ends: ["answer", ...CUT],
  })],
];

/** What may happen, by name. */
export const KIND_NAMES: readonly string[] = KINDS.map(([name]) => name);

/**
 * Makes trouble.
 *
 * @param run Which run it is for: the kinds take turns, their details are random.
 * @param random The source of the details.
 */
export function troubleFor(run: number, random: Random): Trouble {
  const [name, make] = KINDS[run % KINDS.length] ?? KINDS[0] ?? random.of(KINDS);
  const words = Array.from({ length: 3 + random.below(60) }, () => random.of(LETTERS));
  const answer = `Answer ${run}: ${words.join(" ")} end`;
  return {
    name,
    answer,
    turns: [],
    faults: [],
    expired: false,
    ends: ["answer"],
    hangs: false,
    ...make(answer, random),
  };
}
