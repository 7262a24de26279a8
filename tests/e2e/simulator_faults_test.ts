/**
 * Faults as a scenario file holds them, and what becomes of each: the client's code, and how many
 * model requests it made. The outcomes are the client's behaviour, pinned: docs/protocol.md and the
 * tables in src/protocol say why for most; where neither does, a change here is a thing to judge.
 */
import assert from "node:assert/strict";
import { nameOf, type Outcome, SAID, ScenarioDesk } from "./simulator_desk.ts";

/** A scenario as it stands in a file, what comes of it, and with how many model requests. */
type Row = readonly [scenario: string, outcome: Outcome, requests: number];

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
  [`{"turns":[{"failed":"server_error","when":"another prompt","times":"always"}]}`, SAID, 1],
  // What is known to last is not asked for again.
  [
    `{"turns":[{"failed":"usage_limit_reached","extra":{"resets_in_seconds":600}}]}`,
    "usage_limit",
    1,
  ],
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
  [`{"turns":[{"cut":{"afterChunks":1,"how":"close"},"text":"One two"}]}`, "stream_cut", 1],
  [`{"turns":[{"cut":{"afterEvents":1}}]}`, SAID, 2],
  [`{"turns":[{"cut":{"afterBytes":100,"how":"reset"},"times":"always"}]}`, "stream_cut", 5],
  [`{"turns":[{"silent":{},"times":"always"}]}`, "network", 1],
  [`{"turns":[{"silent":{"afterChunks":1},"text":"One two"}]}`, "network", 1],
  [`{"turns":[{"silent":{"ms":1000,"keepalive":"comment"},"text":"Late."}]}`, { text: "Late." }, 1],
  // Comments are no sign of life; an event is.
  [`{"turns":[{"silent":{"ms":400000,"keepalive":"comment"},"text":"Late."}]}`, "network", 1],
  [
    `{"turns":[{"silent":{"ms":400000,"keepalive":"event","keepaliveMs":60000},"text":"Late."}]}`,
    { text: "Late." },
    1,
  ],
  [`{"turns":[{"silent":{"beforeHeaders":true},"times":"always"}]}`, "network", 1],
  [`{"turns":[{"garbage":"events","times":"always"}]}`, "stream_cut", 5],
  [`{"turns":[{"garbage":"html"}]}`, "network", 1],
  [`{"turns":[{"garbage":"json"}]}`, "network", 1],
  [`{"turns":[{"raw":"{}","contentType":"application/json"}]}`, "network", 1],
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
  [
    `{"turns":[{"reply":"One two","deltasOnly":true,"wire":{"lineEnd":"crlf","eventLines":false}}]}`,
    { text: "One two" },
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

for (const [scenario, outcome, requests] of [...REFUSALS, ...EVENTS, ...CONNECTIONS]) {
  Deno.test(`stream() with ${scenario} ends as ${nameOf(outcome)}`, async () => {
    await using desk = new ScenarioDesk(scenario);
    assert.deepEqual(await desk.answer(5000), outcome);
    assert.equal(desk.simulator.requestsTo("responses").length, requests);
  });
}

/** Turns that are answers like any other; what becomes of them is tested elsewhere. */
const PLAIN = ["reply", "toolCall", "customToolCall", "reasoning", "outputItem", "combine"];

Deno.test("everything that a scenario file can do wrong stands in a row of these tests", async () => {
  const files = ["faults", "renewals", "routes", "sign_ins"];
  const texts = files.map((name) => read(`simulator_${name}_test.ts`));
  const rows = (await Promise.all(texts)).join("\n");
  const { properties, $defs } = JSON.parse(await read("../../schema/scenario.v1.json"));
  const parts = ["device", "browser", "tokens", "refresh", "rules", "limits", "faults"];
  const words = [
    ...wordsOf(parts.map((name) => properties[name])),
    ...wordsOf($defs.Turn.anyOf.filter(isTrouble)),
  ];
  assert.ok(words.length > 70, `${words.length}`);
  const missing = words.filter((word) => !rows.includes(`"${word}"`));
  assert.deepEqual([...new Set(missing)], []);
});

/** Turns in their short form, named by the member that they must have. */
function isTrouble({ required }: { readonly required?: readonly string[] }): boolean {
  return required !== undefined && !PLAIN.includes(required[0] ?? "");
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, import.meta.url));
}

/** The names of members and the words that they may be, as deep as a schema goes without a reference. */
function wordsOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === "enum") return value.filter((word: unknown) => typeof word === "string");
    return [...(key === "properties" ? Object.keys(value) : []), ...wordsOf(value)];
  });
}
