import assert from "node:assert/strict";
import { Validator } from "@cfworker/json-schema";
import * as testing from "../../testing.ts";
import {
  combine,
  completedOnly,
  customToolCall,
  cut,
  disconnected,
  errorEvent,
  failed,
  fault,
  garbage,
  httpError,
  incomplete,
  oneBigDelta,
  onWire,
  outputItem,
  rateLimited,
  raw,
  reasoning,
  refreshFails,
  refuse,
  reply,
  type Scenario,
  silent,
  toolCall,
  type Turn,
  unauthorized,
  usageLimit,
} from "../../testing.ts";
import { scenarioFromJson, scenarioSchema } from "../../src/testing/scenario_file.ts";

/** Each function that makes a turn: the turn in short, and what the function makes. */
const SHORT: readonly (readonly [name: string, short: unknown, made: Turn])[] = [
  ["reply", { reply: "Hello", chunks: 2, delayMs: 5 }, reply("Hello", { chunks: 2, delayMs: 5 })],
  [
    "reply",
    { reply: "Hi", when: "/^h/i", times: "always", headers: { a: "b" } },
    reply("Hi", {
      when: "/^h/i",
      times: "always",
      headers: { a: "b" },
    }),
  ],
  [
    "reply",
    { reply: "Hi", when: { exact: "greet" }, phase: "commentary", deltasOnly: true },
    reply(
      "Hi",
      { when: { exact: "greet" }, phase: "commentary", deltasOnly: true },
    ),
  ],
  ["onWire", { reply: "Hi", wire: { lineEnd: "cr" } }, onWire(reply("Hi"), { lineEnd: "cr" })],
  [
    "toolCall",
    { toolCall: { name: "read", input: { a: [1] }, callId: "c" } },
    toolCall("read", {
      a: [1],
    }, { callId: "c" }),
  ],
  ["toolCall", { toolCall: { name: "read", input: "{oops" } }, toolCall("read", "{oops")],
  [
    "customToolCall",
    { customToolCall: { name: "patch", input: "x" } },
    customToolCall("patch", "x"),
  ],
  ["reasoning", { reasoning: "hm" }, reasoning("hm")],
  ["reasoning", { reasoning: ["hm", "so"] }, reasoning(["hm", "so"])],
  ["refuse", { refuse: "No." }, refuse("No.")],
  ["outputItem", { outputItem: { type: "x" } }, outputItem({ type: "x" })],
  [
    "combine",
    { combine: [{ reasoning: "hm" }, { reply: "So." }], when: "x" },
    { ...combine(reasoning("hm"), reply("So.")), when: "x" },
  ],
  ["oneBigDelta", { oneBigDelta: "all" }, oneBigDelta("all")],
  ["completedOnly", { completedOnly: "all" }, completedOnly("all")],
  ["raw", { raw: "data: 1\n\n", status: 201 }, raw("data: 1\n\n", { status: 201 })],
  ["raw", { raw: { base64: "/w==" }, reset: true }, raw(new Uint8Array([255]), { reset: true })],
  ["incomplete", { incomplete: null, text: "So" }, incomplete(null, { text: "So" })],
  [
    "failed",
    { failed: "x", message: "m", text: "t", extra: { a: 1 } },
    failed("x", "m", {
      text: "t",
      extra: { a: 1 },
    }),
  ],
  ["failed", { failed: null }, failed(null)],
  [
    "errorEvent",
    { errorEvent: { code: "x" }, text: "t" },
    errorEvent({ code: "x" }, { text: "t" }),
  ],
  [
    "usageLimit",
    { usageLimit: { resetsIn: 6, plan: null }, times: 2 },
    usageLimit({
      resetsIn: 6,
      plan: null,
      times: 2,
    }),
  ],
  ["usageLimit", { usageLimit: {} }, usageLimit()],
  [
    "rateLimited",
    { rateLimited: { retryAfter: 2 }, times: 2 },
    rateLimited({
      retryAfter: 2,
      times: 2,
    }),
  ],
  ["unauthorized", { unauthorized: { code: "x" } }, unauthorized({ code: "x" })],
  ["httpError", { httpError: 500, body: { a: 1 } }, httpError(500, { a: 1 })],
  ["httpError", { httpError: 503 }, httpError(503)],
  [
    "cut",
    { cut: { afterBytes: 7, how: "reset" }, text: "t" },
    cut({
      afterBytes: 7,
      how: "reset",
      text: "t",
    }),
  ],
  ["cut", { cut: {} }, cut()],
  [
    "silent",
    { silent: { ms: 5, keepalive: "event" }, text: "t" },
    silent({
      ms: 5,
      keepalive: "event",
      text: "t",
    }),
  ],
  ["garbage", { garbage: "html", when: "x" }, garbage({ kind: "html", when: "x" })],
  ["disconnected", { disconnected: "dns", times: 3 }, disconnected("dns", { times: 3 })],
];

for (const [name, short, made] of SHORT) {
  Deno.test(`scenarioFromJson() takes ${name}() in short: ${JSON.stringify(short)}`, () => {
    assert.deepEqual(scenarioFromJson({ turns: [short] }).turns, [made]);
  });

  Deno.test(`scenarioFromJson() takes the turn in full: ${JSON.stringify(made)}`, () => {
    assert.deepEqual(scenarioFromJson({ turns: [JSON.parse(JSON.stringify(made))] }).turns, [made]);
  });
}

Deno.test("every function that makes a turn can be written in a file", () => {
  const others = [
    "browserLogin",
    "createSimulator",
    "deviceLogin",
    "fault",
    "refreshFails",
    "refreshRotates",
    "scenarioFromJson",
    "storeContract",
  ];
  const tried = new Set(SHORT.map(([name]) => name));
  assert.deepEqual(
    Object.keys(testing).filter((name) => !others.includes(name)).sort(),
    [
      ...tried,
    ].sort(),
  );
});

/** Everything else that a scenario can say. */
const WHOLE: Scenario = {
  now: "2027-01-15T08:00:00Z",
  seed: "s",
  signedIn: false,
  account: { email: "a@b.test", userId: "u", workspaces: [{ id: "w", plan: "pro", title: "W" }] },
  tokens: { lifetimeSeconds: -1, opaqueAccess: true, omitClaims: ["exp"], omitFields: ["x"] },
  device: {
    approveAfter: "page",
    outcome: "deny",
    pendingStatus: "alternate",
    interval: null,
    expiresIn: null,
    disabled: "account",
    slowDown: true,
  },
  browser: { outcome: "deny", error: "e", description: "d", anyPort: true, apiKey: "sk-1" },
  refresh: { rotate: false, detectReuse: false, graceSeconds: 3, revokeFamily: true },
  models: [{ slug: "m", use_responses_lite: true, efforts: ["low"] }],
  rules: {
    newestTokenOnly: true,
    accountHeader: "optional",
    instructions: "optional",
    wantsLite: ["*"],
    maxBodyBytes: 5,
  },
  limits: { primary: null, secondary: { usedPercent: 99.5 }, credits: { balance: "1" } },
  apiKeys: ["sk-2"],
  reply: "Hello",
  faults: [
    fault("any", { status: 500, body: "x", headers: { a: "b" }, times: "always", skip: 2 }),
    fault("refresh", { connection: "hang", effect: true, delayMs: 5 }),
    fault("token", { cutAfterBytes: 1, stallAfterBytes: 2, bytesPerWrite: 3, writeEveryMs: 4 }),
    fault("models", { base64: "/w==" }),
  ],
  expect: [
    { route: "refresh", times: 0 },
    { times: { atLeast: 1, atMost: 2 }, model: "m", effort: null, prompt: { matches: "^a" } },
    { headers: { a: "/b/", c: null, d: { exact: "e" } }, body: { input: [] } },
  ],
  expectOrder: "any",
};

Deno.test("scenarioFromJson() takes everything that a scenario can say, as it is", () => {
  const json: unknown = JSON.parse(JSON.stringify(WHOLE));
  assert.deepEqual(scenarioFromJson(json), WHOLE);
  assert.deepEqual(scenarioFromJson({}), {});
  assert.deepEqual(scenarioFromJson({ $schema: "./scenario.v1.json" }), {});
});

Deno.test("scenarioFromJson() takes refreshFails() in short", () => {
  assert.deepEqual(
    scenarioFromJson({ faults: [{ refreshFails: "invalid_grant", times: 2, skip: 1 }] }).faults,
    [refreshFails("invalid_grant", { times: 2, skip: 1 })],
  );
});

/** What is wrong, and what is said. */
const WRONG: readonly (readonly [json: unknown, message: RegExp])[] = [
  [[], /it must be an object, not a list/],
  [null, /it must be an object, not null/],
  [{ turn: [] }, /"\/turn" is not known; here may be \$schema, now, /],
  [{ now: "soon" }, /"\/now" must be an instant such as 2027-01-15T08:00:00Z, not "soon"/],
  [{ turns: {} }, /"\/turns" must be a list, not an object/],
  [{ turns: ["x"] }, /"\/turns\/0" must be a turn: an object with one of reply, /],
  [{ turns: [{}] }, /"\/turns\/0" must be a turn/],
  [{ turns: [{ reply: 5 }] }, /"\/turns\/0\/reply" must be a text, not 5/],
  [{ turns: [{ reply: "a", time: 2 }] }, /"\/turns\/0\/time" is not known; here may be chunks/],
  [{ turns: [{ reply: "a", times: 0 }] }, /"\/turns\/0\/times" must be a whole number from 1/],
  [{ turns: [{ reply: "a", when: "/(/" }] }, /"\/turns\/0\/when" must be a text, or a regular/],
  [
    { turns: [{ reply: "a", when: { matches: "(" } }] },
    /"\/turns\/0\/when\/matches" must be a reg/,
  ],
  [{ turns: [{ reply: "a", headers: { "a b": "c" } }] }, /"\/turns\/0\/headers" must be names/],
  [{ turns: [{ type: "reply" }] }, /"\/turns\/0\/type" must be "answer" or "http" or/],
  [{ turns: [{ type: "http" }] }, /"\/turns\/0" must have "status"/],
  [{ turns: [{ type: "http", status: 99 }] }, /"\/turns\/0\/status" must be a whole number/],
  [{ turns: [{ raw: { base64: "?" } }] }, /"\/turns\/0\/raw\/base64" must be base64/],
  [{ turns: [{ cut: { afterBytes: 1.5 } }] }, /"\/turns\/0\/cut\/afterBytes" must be a whole/],
  [{ turns: [{ combine: [{ httpError: 500 }] }] }, /"\/turns\/0\/combine\/0" must be an answer/],
  [{ turns: [{ combine: [{ reply: 1 }] }] }, /"\/turns\/0\/combine\/0\/reply" must be a text/],
  [
    { turns: [{ type: "answer", items: [{ type: "text", text: 1 }] }] },
    /"\/turns\/0\/items\/0\/text" must be a text/,
  ],
  [{ faults: [{ status: 500 }] }, /"\/faults\/0" must have "route"/],
  [{ faults: [{ route: "refresch" }] }, /"\/faults\/0\/route" must be "device-code" or /],
  [{ faults: [{ refreshFails: "no" }] }, /"\/faults\/0\/refreshFails" must be "refresh_token_exp/],
  [{ expect: [{ times: -1 }] }, /"\/expect\/0\/times" must be a whole number from 0 up or an obj/],
  [{ turns: [{ httpError: 204, body: "b" }] }, /"\/turns\/0\/body" must not be there: .* with 204/],
  [{ turns: [{ raw: "b", status: 304 }] }, /"\/turns\/0\/raw" must not be there: .* with 304/],
  [{ turns: [{ type: "http", status: 205, body: {} }] }, /"\/turns\/0\/body" must not be there/],
  [
    { turns: [{ type: "raw", status: 204, base64: "AAAA" }] },
    /"\/turns\/0\/base64" must not be there/,
  ],
  [{ faults: [{ route: "usage", status: 204, body: 0 }] }, /"\/faults\/0\/body" must not be there/],
  [
    { expect: [{ times: { atLeast: 3, atMost: 1 } }] },
    /"\/expect\/0\/times\/atMost" must not be less than "atLeast", 3/,
  ],
  [{ expect: [{ header: {} }] }, /"\/expect\/0\/header" is not known/],
  [{ device: { approveAfter: "pge" } }, /"\/device\/approveAfter" must be a whole number/],
  [{ models: [{}] }, /"\/models\/0" must have "slug"/],
];

for (const [json, message] of WRONG) {
  Deno.test(`scenarioFromJson() says what is wrong with ${JSON.stringify(json)}`, () => {
    assert.throws(() => scenarioFromJson(json), {
      name: "CodexError",
      code: "invalid_usage",
      message,
    });
  });
}

Deno.test("scenarioFromJson() tells several mistakes at once, and how many more there are", () => {
  const turns = Array.from({ length: 20 }, () => ({ reply: 1 }));
  assert.throws(() => scenarioFromJson({ turns }), {
    message: /"\/turns\/0\/reply" .*; "\/turns\/7\/reply" .*; and 12 more$/,
  });
});

/** One turn within another, so many levels. */
function nested(levels: number): object {
  let turn: object = { reply: "a" };
  for (let level = 0; level < levels; level++) turn = { combine: [turn] };
  return turn;
}

Deno.test("scenarioFromJson() says where a scenario is nested too deep", () => {
  const { turns } = scenarioFromJson({ turns: [nested(30)] });
  assert.deepEqual(turns, [reply("a")]);
  for (const levels of [31, 3000]) {
    assert.throws(() => scenarioFromJson({ turns: [nested(levels)] }), {
      code: "invalid_usage",
      message: /^The scenario .*: "\/turns\/0(\/combine\/0){31}" is nested deeper than 64 levels$/,
    });
  }
  let body: unknown = 1;
  for (let level = 0; level < 100_000; level++) body = [body];
  assert.throws(() => scenarioFromJson({ expect: [{ body }] }), { code: "invalid_usage" });
});

Deno.test("scenarioFromJson() combines every turn that streams an answer, and no other", () => {
  for (const [name, short, made] of SHORT) {
    const turns = [{ combine: [short] }];
    if (made.type === "answer") assert.ok(scenarioFromJson({ turns }), name);
    else assert.throws(() => scenarioFromJson({ turns }), /must be an answer to be combined/, name);
  }
});

Deno.test("scenarioSchema() takes what the reader takes", () => {
  const validator = new Validator(scenarioSchema(), "2020-12", false);
  for (const [, short, made] of SHORT) {
    for (const turn of [short, made]) {
      const { valid, errors } = validator.validate(JSON.parse(JSON.stringify({ turns: [turn] })));
      assert.ok(valid, JSON.stringify([turn, errors]));
    }
  }
  const { valid, errors } = validator.validate(JSON.parse(JSON.stringify(WHOLE)));
  assert.ok(valid, JSON.stringify(errors));
});

Deno.test("scenarioSchema() refuses what the reader refuses, but for what no schema can say", () => {
  const validator = new Validator(scenarioSchema(), "2020-12", false);
  const beyond =
    /"\/\(\/"|"\("|"a b"|"base64":"\?"|"combine":\[\{"httpError"|"soon"|"status":(204|205|304)|: ?204|"atLeast":3/;
  for (const [json] of WRONG) {
    const text = JSON.stringify(json);
    if (!beyond.test(text)) assert.equal(validator.validate(json).valid, false, text);
  }
});

Deno.test("schema/scenario.v1.json is the schema", async () => {
  const file = new URL("../../schema/scenario.v1.json", import.meta.url);
  assert.deepEqual(
    JSON.parse(await Deno.readTextFile(file)),
    JSON.parse(JSON.stringify(scenarioSchema())),
    "it is out of date: deno task docs",
  );
});
