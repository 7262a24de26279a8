import assert from "node:assert/strict";
import { Check } from "./check.ts";
import { type Asked, difference, shapeOf } from "./shape.ts";

const ASKED: Asked = {
  method: "POST",
  target: "/backend-api/codex/responses",
  headers: { accept: "text/event-stream", authorization: "Bearer x", "user-agent": "a/1 (linux)" },
  body: { model: "m", store: false, input: [{ type: "message", role: "user", content: "hi" }] },
};

Deno.test("shapeOf() names headers and members, with the values that are always the same", () => {
  assert.deepEqual(shapeOf(ASKED), [
    "POST /backend-api/codex/responses",
    "body has model, store, input",
    "body.input[message user].content: string",
    "body.input[message user].role: string",
    "body.input[message user].type: string",
    'body.model: "m"',
    "body.store: false",
    "header accept: text/event-stream",
    "header authorization",
    "header user-agent: a/1",
  ]);
});

Deno.test("shapeOf() holds no secret and no prompt", () => {
  const secret = {
    ...ASKED,
    headers: { authorization: "Bearer secret-1" },
    body: { refresh_token: "secret-2", input: [{ content: "secret-3" }] },
  };
  assert.doesNotMatch(shapeOf(secret).join("\n"), /secret/);
});

Deno.test("difference() is empty for requests that differ in what differs from run to run alone", () => {
  const other = { ...ASKED, headers: { ...ASKED.headers, authorization: "Bearer y" } };
  assert.deepEqual(difference(shapeOf(ASKED), shapeOf(other)), []);
});

Deno.test("difference() names what is missing, what is more, and another value", () => {
  const { authorization: _, ...headers } = ASKED.headers;
  const other = { ...ASKED, headers, body: { model: "m", store: true, input: [], extra: null } };
  const found = difference(shapeOf(ASKED), shapeOf(other));
  for (
    const line of [
      "- header authorization",
      "- body.store: false",
      "+ body.store: true",
      "+ body.extra: null",
      "+ body has model, store, input, extra",
    ]
  ) assert.ok(found.includes(line), line);
});

Deno.test("Check finds a request that is not like the recorded one, and one that is not there", () => {
  const check = new Check();
  check.request("logout", undefined);
  assert.deepEqual(check.problems, ['no request like "logout"']);
  check.lines("revoke", []);
  assert.equal(check.problems[1], "revoke differs:");
  assert.ok(check.problems.includes("  - POST /oauth/revoke"));
});

Deno.test("Check takes what is recorded as the difference from another request", () => {
  const check = new Check();
  check.lines("refresh (after 401)", []);
  const lines = check.problems.map((line) => line.trim());
  assert.ok(lines.includes('- body.refresh_reason: "unauthorized_recovery"'));
  assert.ok(!lines.includes('- body.refresh_reason: "proactive_expiry"'));
  assert.ok(lines.includes("- header originator: codex_exec"));
});
