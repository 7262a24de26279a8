import assert from "node:assert/strict";
import { CodexError, ERROR_TABLE, type ErrorCode } from "../../../src/base/errors.ts";
import { errorAnswer } from "../../../src/responses/fetch/error_answer.ts";

const NOW = Date.parse("2027-01-15T08:00:00Z");

Deno.test("errorAnswer() has the shape, the status and the headers that SDKs read", async () => {
  const error = new CodexError("usage_limit", "The plan is used up", {
    hint: "Wait",
    status: 429,
    requestId: "req_1",
    resetsAt: "2027-01-15T09:00:00Z",
  });
  const failure = { code: "usage_limit_reached", param: undefined };
  const headers = { "x-codex-dropped": "user" };
  const answer = errorAnswer(error, { now: NOW, failure, headers });
  assert.equal(answer.status, 429);
  assert.deepEqual(await answer.json(), {
    error: {
      message: "The plan is used up. Wait",
      type: "rate_limit_error",
      param: null,
      code: "usage_limit_reached",
    },
  });
  assert.deepEqual(Object.fromEntries(answer.headers), {
    "content-type": "application/json",
    "retry-after": "3600",
    "x-codex-dropped": "user",
    "x-codex-error": "usage_limit",
    "x-request-id": "req_1",
    "x-should-retry": "false",
  });
});

Deno.test("errorAnswer() names the wait that the service asks for, in whole seconds", () => {
  const error = new CodexError("rate_limit", "Too many");
  const wait = (retryAfterMs?: number) =>
    errorAnswer(error, { now: NOW, retryAfterMs }).headers.get("retry-after");
  assert.deepEqual([wait(1200), wait(0), wait()], ["2", "0", null]);
});

Deno.test("errorAnswer() gives every code a status that is an error's", () => {
  for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
    const { status, headers } = errorAnswer(new CodexError(code, "x"), { now: NOW });
    assert.ok(status >= 400 && status < 600, code);
    assert.equal(headers.get("x-should-retry"), String(ERROR_TABLE[code].retryable), code);
  }
});

Deno.test("errorAnswer() does not pass a failure off with the status of an answer that began well", () => {
  const error = new CodexError("overloaded", "x", { status: 200 });
  assert.equal(errorAnswer(error, { now: NOW }).status, 503);
});
