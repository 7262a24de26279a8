import assert from "node:assert/strict";
import type { Expectation, RecordedRequest } from "../../testing.ts";
import { differences } from "../../src/testing/expectation_diff.ts";

const REQUEST: RecordedRequest = {
  route: "responses",
  method: "POST",
  url: "https://example.test/r",
  path: "/r",
  query: {},
  headers: { "user-agent": "codex_deno/1", authorization: "Bearer rt_0123456789abcdef" },
  body: "",
  json: {
    model: "gpt-5.5",
    reasoning: { effort: "low" },
    input: [{ role: "user", content: "Sum 2 + 2" }],
    stream: true,
    "a/b": null,
  },
  form: undefined,
  at: 0,
};

/** An expectation, and where the request differs from it. */
const ROWS: readonly (readonly [expected: Expectation, lines: readonly string[]])[] = [
  [{}, []],
  [{ model: "gpt-5.5", effort: "low", prompt: "/^sum/i" }, []],
  [{ model: "gpt-6" }, ['- model: "gpt-6"', '+ model: "gpt-5.5"']],
  [{ effort: null }, ["- effort: null", '+ effort: "low"']],
  [{ prompt: { exact: "Sum" } }, ['- prompt: {"exact":"Sum"}', '+ prompt: "Sum 2 + 2"']],
  [{ headers: { "User-Agent": "/^codex/", "x-none": null } }, []],
  [{ headers: { "user-agent": null } }, [
    "- header user-agent: null",
    '+ header user-agent: "codex_deno/1"',
  ]],
  [{ headers: { "x-none": "yes" } }, ['- header x-none: "yes"', "+ header x-none: null"]],
  // What looks like a secret is not shown, whoever sent it.
  [{ headers: { authorization: "mine" } }, [
    '- header authorization: "mine"',
    '+ header authorization: "Bearer ***"',
  ]],
  [{ body: { stream: true, reasoning: {} } }, []],
  [{ body: { stream: false, "a/b": 1, store: false } }, [
    "- body/stream: false",
    "+ body/stream: true",
    "- body/a~1b: 1",
    "+ body/a~1b: null",
    "- body/store: false",
    "+ body/store: (nothing)",
  ]],
  [{ body: { input: [{ role: "user" }] } }, []],
  [{ body: { input: [{ role: "assistant" }] } }, [
    '- body/input/0/role: "assistant"',
    '+ body/input/0/role: "user"',
  ]],
  [{ body: { input: [] } }, [
    "- body/input: []",
    '+ body/input: [{"role":"user","content":"Sum 2 + 2"}]',
  ]],
  [{ body: [] }, ["- body: []", `+ body: ${JSON.stringify(REQUEST.json)}`]],
  // A request for something else differs in that alone.
  [{ route: "refresh", model: "x" }, ['- route: "refresh"', '+ route: "responses"']],
];

for (const [expected, lines] of ROWS) {
  Deno.test(`differences() with ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(differences(expected, REQUEST), lines);
  });
}

Deno.test("differences() looks into a form as into JSON", () => {
  const form = { grant_type: "refresh_token" };
  const request: RecordedRequest = { ...REQUEST, route: "refresh", json: undefined, form };
  const expected = (type: string): Expectation => ({
    route: "refresh",
    body: { grant_type: type },
  });
  assert.deepEqual(differences(expected("refresh_token"), request), []);
  assert.equal(differences(expected("authorization_code"), request).length, 2);
});

Deno.test("differences() shows the beginning of what is long", () => {
  const [, line = ""] = differences({ prompt: "x" }, {
    ...REQUEST,
    json: { input: "y".repeat(5000) },
  });
  assert.match(line, /^\+ prompt: "y{399}… \(5002 characters\)$/);
});
