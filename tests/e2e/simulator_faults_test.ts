/**
 * Faults as a scenario file holds them, and what becomes of each: the client's code, and how many
 * model requests it made. The outcomes are the client's behaviour, pinned: docs/protocol.md and the
 * tables in src/protocol say why for most; where neither does, a change here is a thing to judge.
 */
import assert from "node:assert/strict";
import { createClient, ERROR_TABLE, type ErrorCode, isCodexError } from "../../mod.ts";
import { createSimulator, scenarioFromJson } from "../../testing.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** What comes of it: a code, the text of the answer, or the reason of an answer cut short. */
type Outcome = ErrorCode | { readonly text: string };

/** A scenario as it stands in a file, what comes of it, and with how many model requests. */
type Row = readonly [scenario: string, outcome: Outcome, requests: number];

const SAID = { text: "Hello from the simulator! Every part of this sentence came by itself." };

const http = (status: number, body: unknown, more = ""): string =>
  `{"turns":[{"httpError":${status},"body":${JSON.stringify(body)},"times":"always"${more}}]}`;
const code = (status: number, name: string): string =>
  http(status, { error: { code: name, message: "No" } });
const failed = (name: string): string => `{"turns":[{"failed":"${name}","times":"always"}]}`;

/** Answers with a status of 300 and above. */
const REFUSALS: readonly Row[] = [
  [http(400, { detail: "Unknown parameter" }), "invalid_request", 1],
  [code(400, "context_length_exceeded"), "input_too_large", 1],
  [code(400, "invalid_prompt"), "refused", 1],
  [code(400, "cyber_policy"), "refused", 1],
  [code(400, "bio_policy"), "refused", 1],
  [code(400, "misalignment_policy_violation"), "refused", 1],
  [code(400, "content_policy_violation"), "refused", 1],
  [code(400, "budget_reached"), "usage_limit", 1],
  [
    http(400, {
      error: { message: "The image data you provided does not represent a valid image" },
    }),
    "invalid_request",
    1,
  ],
  [`{"turns":[{"unauthorized":{}},{"reply":"Welcome back."}]}`, { text: "Welcome back." }, 2],
  [`{"turns":[{"unauthorized":{"code":"token_revoked"},"times":"always"}]}`, "sign_in_rejected", 2],
  [http(402, { detail: "Payment required" }), "usage_limit", 1],
  [http(403, { detail: "Forbidden" }), "invalid_request", 1],
  [http(403, "<html>Cloudflare</html>", `,"headers":{"content-type":"text/html"}`), "network", 1],
  [code(403, "access_program_not_enabled"), "plan_not_included", 1],
  [http(404, { detail: "Not Found" }), "invalid_request", 1],
  [http(408, "late"), "network", 5],
  [http(409, { detail: "Conflict" }), "overloaded", 5],
  [http(413, { detail: "Request body is too large" }), "input_too_large", 1],
  [http(422, { detail: [{ msg: "field required" }] }), "invalid_request", 1],
  [http(451, { detail: "Not here" }), "invalid_request", 1],
  [
    `{"turns":[{"httpError":302,"headers":{"location":"https://example.test/"},"times":"always"}]}`,
    "network",
    1,
  ],
  [`{"turns":[{"usageLimit":{"resetsIn":600,"plan":"team"}}]}`, "usage_limit", 1],
  [http(429, { error: { type: "usage_not_included", message: "No" } }), "plan_not_included", 1],
  [code(429, "insufficient_quota"), "usage_limit", 1],
  [code(429, "organization_spend_limit_exceeded"), "usage_limit", 1],
  [code(429, "organization_usage_limit_exceeded"), "usage_limit", 1],
  [code(429, "flex_unavailable"), "overloaded", 1],
  [`{"turns":[{"rateLimited":{},"times":"always"}]}`, "rate_limit", 5],
  [`{"turns":[{"rateLimited":{"retryAfter":2},"times":2},{"reply":"Now."}]}`, { text: "Now." }, 3],
  [`{"turns":[{"rateLimited":{"retryAfter":3600},"times":"always"}]}`, "rate_limit", 1],
  [http(500, "oops"), "overloaded", 5],
  [code(503, "server_is_overloaded"), "overloaded", 5],
  [code(503, "slow_down"), "rate_limit", 5],
  [
    http(502, "<html>Bad Gateway</html>", `,"headers":{"content-type":"text/html"}`),
    "overloaded",
    5,
  ],
  [http(504, ""), "overloaded", 5],
  [http(529, ""), "overloaded", 5],
];

/** Failures within a stream. */
const EVENTS: readonly Row[] = [
  [failed("context_length_exceeded"), "input_too_large", 1],
  [failed("insufficient_quota"), "usage_limit", 1],
  [failed("organization_spend_limit_exceeded"), "usage_limit", 1],
  [failed("usage_not_included"), "plan_not_included", 1],
  [failed("server_is_overloaded"), "overloaded", 5],
  [failed("invalid_prompt"), "refused", 1],
  [failed("cyber_policy"), "refused", 1],
  [failed("model_not_found"), "model_unavailable", 1],
  [failed("inference_hook_denied"), "refused", 1],
  [failed("budget_reached"), "usage_limit", 1],
  [failed("flex_unavailable"), "overloaded", 1],
  [failed("policy_capacity_unavailable"), "overloaded", 5],
  [failed("rate_limit_exceeded"), "rate_limit", 5],
  [failed("slow_down"), "rate_limit", 5],
  [failed("server_error"), "overloaded", 5],
  [`{"turns":[{"failed":null,"times":"always"}]}`, "overloaded", 5],
  [`{"turns":[{"failed":"server_error","text":"One two"}]}`, "overloaded", 1],
  [`{"turns":[{"incomplete":"max_output_tokens","text":"Once"}]}`, { text: "Once" }, 1],
  [`{"turns":[{"incomplete":"content_filter","text":"Once"}]}`, { text: "Once" }, 1],
  [`{"turns":[{"incomplete":null,"text":"Once"}]}`, { text: "Once" }, 1],
  [`{"turns":[{"errorEvent":{"code":"server_error","message":"Oops"}}]}`, SAID, 2],
  [`{"turns":[{"errorEvent":{"code":"server_error"},"text":"Well, "}]}`, "overloaded", 1],
  [`{"turns":[{"refuse":"I can't help with that."}]}`, { text: "I can't help with that." }, 1],
];

/** What becomes of the stream and its connection. */
const CONNECTIONS: readonly Row[] = [
  [`{"turns":[{"cut":{},"text":"One two three"}]}`, "stream_cut", 1],
  [`{"turns":[{"cut":{"afterChunks":2,"how":"reset"},"text":"One two three"}]}`, "stream_cut", 1],
  [`{"turns":[{"cut":{"afterEvents":1}}]}`, SAID, 2],
  [`{"turns":[{"cut":{"afterBytes":100,"how":"reset"},"times":"always"}]}`, "stream_cut", 5],
  [`{"turns":[{"silent":{},"times":"always"}]}`, "network", 1],
  [`{"turns":[{"silent":{"afterChunks":1},"text":"One two"}]}`, "network", 1],
  [`{"turns":[{"silent":{"ms":1000,"keepalive":"comment"},"text":"Late."}]}`, { text: "Late." }, 1],
  [`{"turns":[{"silent":{"beforeHeaders":true},"times":"always"}]}`, "network", 1],
  [`{"turns":[{"garbage":"events","times":"always"}]}`, "stream_cut", 5],
  [`{"turns":[{"garbage":"html"}]}`, "network", 1],
  [`{"turns":[{"garbage":"json"}]}`, "network", 1],
  [`{"turns":[{"raw":""}]}`, SAID, 2],
  [`{"turns":[{"raw":{"base64":"//79"},"reset":true}]}`, SAID, 2],
  ...(["refused", "reset", "dns"] as const).map((how): Row => [
    `{"turns":[{"disconnected":"${how}","times":"always"}]}`,
    "network",
    5,
  ]),
  // An authority that is not trusted is none a second later.
  [`{"turns":[{"disconnected":"certificate","times":"always"}]}`, "network", 1],
  [`{"turns":[{"disconnected":"hang","times":"always"}]}`, "network", 1],
  [`{"turns":[{"disconnected":"reset"},{"reply":"Again."}]}`, { text: "Again." }, 2],
  [`{"turns":[{"type":"connection","how":"reset"}]}`, SAID, 2],
  [
    `{"turns":[{"reply":"Grüße 👋","wire":{"bytesPerWrite":1,"lineEnd":"cr","writeEveryMs":20}}]}`,
    { text: "Grüße 👋" },
    1,
  ],
  [`{"turns":[{"oneBigDelta":"All of it"}]}`, { text: "All of it" }, 1],
  [`{"turns":[{"completedOnly":"At once."}]}`, { text: "At once." }, 1],
  [
    `{"turns":[{"combine":[{"reasoning":"**Adding**"},{"reply":"Four."}],"wire":{"comments":true}}]}`,
    { text: "Four." },
    1,
  ],
  [`{"faults":[{"route":"responses","delayMs":5000}]}`, SAID, 1],
  [`{"faults":[{"route":"responses","cutAfterBytes":50}]}`, SAID, 2],
  [`{"faults":[{"route":"responses","stallAfterBytes":50,"times":"always"}]}`, "network", 1],
  [`{"faults":[{"route":"responses","bytesPerWrite":64,"writeEveryMs":10}]}`, SAID, 1],
  [`{"faults":[{"route":"responses","connection":"reset","effect":true}]}`, SAID, 2],
  [`{"faults":[{"route":"any","status":503,"body":"busy","times":"always"}]}`, "overloaded", 5],
  [`{"faults":[{"route":"models","connection":"reset","times":"always"}]}`, SAID, 1],
  [`{"faults":[{"route":"models","base64":"//79","times":"always"}]}`, SAID, 1],
];

/** What becomes of a refresh; the sign-in is expired, so that one is needed. */
const REFRESHES: readonly Row[] = [
  [`{}`, SAID, 1],
  [`{"refresh":{"rotate":false}}`, SAID, 1],
  [`{"refresh":{"omitFields":["id_token","refresh_token"]}}`, SAID, 1],
  ...([
    "refresh_token_expired",
    "refresh_token_reused",
    "refresh_token_invalidated",
    "refresh_token_revoked",
    "invalid_grant",
  ] as const).map((name): Row => [
    `{"faults":[{"refreshFails":"${name}","times":"always"}]}`,
    "sign_in_expired",
    0,
  ]),
  ...([
    "token_expired",
    "app_session_terminated",
    "unsupported_country_region_territory",
  ] as const).map((name): Row => [
    `{"faults":[{"refreshFails":"${name}","times":"always"}]}`,
    "sign_in_rejected",
    0,
  ]),
  [`{"faults":[{"route":"refresh","status":401,"times":"always"}]}`, "sign_in_expired", 0],
  [`{"faults":[{"route":"refresh","status":429,"times":"always"}]}`, "rate_limit", 0],
  [`{"faults":[{"route":"refresh","status":500}]}`, SAID, 1],
  [`{"faults":[{"route":"refresh","status":500,"times":"always"}]}`, "overloaded", 0],
  [`{"faults":[{"route":"refresh","body":"not JSON","times":"always"}]}`, "overloaded", 0],
  [`{"faults":[{"route":"refresh","body":{},"times":"always"}]}`, "overloaded", 0],
  [`{"faults":[{"route":"refresh","connection":"hang","times":"always"}]}`, "network", 0],
  [`{"faults":[{"route":"refresh","connection":"reset"}]}`, SAID, 1],
  [`{"faults":[{"route":"refresh","connection":"reset","effect":true}]}`, "sign_in_expired", 0],
  [`{"faults":[{"route":"refresh","delayMs":600,"effect":true}]}`, SAID, 1],
  [`{"faults":[{"route":"refresh","stallAfterBytes":20,"times":"always"}]}`, "network", 0],
];

/** What becomes of a sign-in with a code: a code, or the plan that is signed in to. */
const SIGN_INS: readonly (readonly [scenario: string, outcome: string])[] = [
  [`{"account":{"plan":"pro"}}`, "pro"],
  [`{"device":{"approveAfter":5,"pendingStatus":"alternate","interval":"0"}}`, "plus"],
  [`{"device":{"interval":3,"slowDown":true}}`, "plus"],
  [`{"device":{"interval":null,"expiresIn":null}}`, "plus"],
  [`{"device":{"outcome":"deny"}}`, "sign_in_rejected"],
  [`{"device":{"outcome":"expire"}}`, "sign_in_expired"],
  [`{"device":{"disabled":true}}`, "device_login_disabled"],
  [`{"device":{"disabled":"account"}}`, "sign_in_expired"],
  [`{"faults":[{"route":"device-code","status":503}]}`, "plus"],
  [`{"faults":[{"route":"device-poll","status":429,"times":2}]}`, "plus"],
  [`{"faults":[{"route":"device-poll","connection":"reset"}]}`, "plus"],
  [`{"faults":[{"route":"device-poll","body":"<html>"}]}`, "sign_in_rejected"],
  [`{"faults":[{"route":"token","status":500,"times":"always"}]}`, "overloaded"],
  [`{"faults":[{"route":"token","cutAfterBytes":30,"times":"always"}]}`, "network"],
  [`{"tokens":{"omitFields":["refresh_token"]}}`, "sign_in_rejected"],
  [`{"tokens":{"opaqueAccess":true}}`, "plus"],
];

for (const [scenario, outcome] of SIGN_INS) {
  Deno.test(`login() with a code and ${scenario} ends as ${outcome}`, async () => {
    const clock = new ManualClock();
    const told = { signedIn: false, ...scenarioFromJson(JSON.parse(scenario)) };
    await using simulator = createSimulator(told, { clock });
    const { fetch, store } = simulator;
    const login = createClient({ fetch, store, clock }).login({ method: "device", onCode() {} });
    const ended = await clock.run(
      login.then(
        ({ plan }) => plan,
        (error: unknown) => {
          if (isCodexError(error)) return error.code;
          throw error;
        },
      ),
      250,
    );
    assert.equal(ended, outcome);
  });
}

for (const [scenario, outcome, requests] of [...REFUSALS, ...EVENTS, ...CONNECTIONS]) {
  Deno.test(`stream() with ${scenario} ends as ${name(outcome)}`, async () => {
    assert.deepEqual(await ended(scenario, 3600), [outcome, requests]);
  });
}

for (const [scenario, outcome, requests] of REFRESHES) {
  Deno.test(`stream() with an expired sign-in and ${scenario} ends as ${name(outcome)}`, async () => {
    assert.deepEqual(await ended(scenario, -1), [outcome, requests]);
  });
}

function name(outcome: Outcome): string {
  return typeof outcome === "string"
    ? `${outcome} (${ERROR_TABLE[outcome].exit})`
    : JSON.stringify(outcome.text);
}

async function ended(json: string, lifetimeSeconds: number): Promise<[Outcome, number]> {
  const clock = new ManualClock();
  await using simulator = createSimulator(scenarioFromJson(JSON.parse(json)), { clock });
  const signIn = simulator.signIn({ lifetimeSeconds });
  await simulator.store.update(() => Promise.resolve({ next: signIn, value: undefined }));
  const { fetch, store } = simulator;
  const call = createClient({ fetch, store, clock }).stream("Hi");
  let outcome: Outcome;
  try {
    outcome = { text: (await clock.run(call.final(), 5000)).text };
  } catch (error) {
    if (!isCodexError(error)) throw error;
    outcome = error.code;
  }
  return [outcome, simulator.requestsTo("responses").length];
}
