import assert from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import {
  type FailureContext,
  failureOfAnswer,
  failureOfEvent,
} from "../../src/responses/failure.ts";
import { withPartial } from "../../src/responses/with_partial.ts";
import { NOW, TOKEN } from "./fakes.ts";

const CONTEXT: FailureContext = { kind: "chatgpt", plan: "plus", secrets: [TOKEN], now: NOW };

function answered(status: number, body: unknown, headers: HeadersInit = {}, kind = CONTEXT.kind) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const all = new Headers(headers);
  return failureOfAnswer({ status, headers: all, text }, { ...CONTEXT, kind });
}

Deno.test("failureOfAnswer() says what and why, with status and request id", () => {
  const { error } = answered(400, { detail: "Store must be set to false." }, {
    "x-request-id": "req_1",
  });
  assert.equal(
    error.message,
    "The service refused the request (status 400): Store must be set to false",
  );
  assert.deepEqual([error.code, error.status, error.requestId], ["invalid_request", 400, "req_1"]);
});

Deno.test("failureOfAnswer() quotes a plain answer, and no page", () => {
  assert.match(answered(503, "upstream connect error").error.message, /: upstream connect error$/);
  const page = "<!doctype html><title>Bad gateway</title>";
  assert.equal(answered(502, page).error.message, "The service failed (status 502)");
  const typed = answered(502, "Bad gateway", { "content-type": "text/html" });
  assert.equal(typed.error.message, "The service failed (status 502)");
});

Deno.test("failureOfAnswer() tells a block in front of the service from its own refusal", () => {
  const { error } = answered(403, "<html>Just a moment...</html>", { "cf-ray": "ray-1" });
  assert.deepEqual([error.code, error.retryable, error.requestId], ["network", false, "ray-1"]);
  assert.equal(answered(403, { detail: "Forbidden" }).error.code, "invalid_request");
});

Deno.test("failureOfAnswer() makes one line of what the service says, without secrets", () => {
  const message = `a\n\n  b ${TOKEN} Bearer abcdefghijkl ${"x".repeat(1_000)}`;
  const { error } = answered(400, { error: { message } });
  assert.match(error.message, /: a b \*\*\* Bearer \*\*\* x+…$/);
  assert.ok(error.message.length < 400);
});

Deno.test("failureOfAnswer() reads the wait in every form, and tells when it is over", () => {
  const wait = (headers: HeadersInit, message = "rl") =>
    answered(429, { error: { code: "rate_limit_exceeded", message } }, headers).retryAfterMs;
  assert.equal(wait({ "retry-after": "2" }), 2_000);
  assert.equal(wait({ "retry-after": "Fri, 15 Jan 2027 08:00:05 GMT" }), 5_000);
  assert.equal(wait({ "retry-after-ms": "700", "retry-after": "2" }), 700);
  assert.equal(wait({}, "Please try again in 1.5s."), 1_500);
  assert.equal(wait({ "retry-after": "soon" }), undefined);
  assert.ok((wait({ "retry-after": "9".repeat(30) }) ?? 0) < 4e10);
  const { error } = answered(429, "slow down", { "retry-after": "60" });
  assert.equal(error.resetsAt, new Date(NOW + 60_000).toISOString());
});

Deno.test("failureOfAnswer() says when the other shape may help, but not to the holder of a key", () => {
  const gate = { error: { message: "Model not found gpt-5.6-luna" } };
  const failure = answered(404, gate);
  assert.deepEqual([failure.otherShape, failure.error.code], [true, "model_unavailable"]);
  assert.ok(!answered(404, gate, {}, "api").otherShape);
  assert.ok(!answered(404, { detail: "Not Found" }).otherShape);
});

Deno.test("failureOfAnswer() sends the holder of a key to the key's own billing", () => {
  const quota = { error: { code: "insufficient_quota", message: "m" } };
  assert.match(answered(429, quota, {}, "api").error.hint ?? "", /platform\.openai\.com/);
  assert.match(answered(429, quota).error.hint ?? "", /chatgpt\.com/);
});

Deno.test("failureOfAnswer() knows a refused schema and a refused image by what is said", () => {
  const said = (error: unknown) => answered(400, { error }).error;
  const schema = {
    message: "Invalid schema for response_format 'answer'",
    param: "text.format.schema",
  };
  assert.equal(said(schema).code, "schema_unsupported");
  const image = "The image data you provided does not represent a valid image";
  assert.match(said({ message: image, code: "invalid_value" }).hint ?? "", /PNG/);
});

Deno.test("failureOfEvent() reads failed responses and errors in both forms", () => {
  const context = { ...CONTEXT, requestId: "req_1" };
  const failed = failureOfEvent({
    type: "response.failed",
    response: { error: { code: "context_length_exceeded", message: "too long" } },
  }, context);
  assert.equal(failed.error.code, "input_too_large");
  assert.equal(failed.error.requestId, "req_1");
  const flat = failureOfEvent({ type: "error", code: "slow_down", message: "m" }, context);
  assert.equal(flat.error.code, "rate_limit");
  const nested = failureOfEvent({
    type: "error",
    status: 429,
    error: { type: "usage_limit_reached", resets_at: 1_800_000_000, plan_type: "pro" },
    headers: { "x-codex-active-limit": "codex", "bad name": "x", number: 5 },
  }, context);
  assert.equal(nested.error.code, "usage_limit");
  assert.equal(nested.error.status, 429);
  assert.ok(nested.accountWide);
});

Deno.test("failureOfEvent() takes what it does not know for a fault that may pass", () => {
  for (const response of [{ error: null }, { error: { code: "new_code" } }, null, undefined]) {
    const { error } = failureOfEvent({ type: "response.failed", response }, CONTEXT);
    assert.deepEqual([error.code, error.retryable], ["overloaded", true]);
  }
  const cancelled = failureOfEvent({ type: "response.cancelled" }, CONTEXT);
  assert.equal(cancelled.error.code, "stream_cut");
});

Deno.test("withPartial() keeps everything else of the error", () => {
  const cause = new Error("below");
  const error = new CodexError("stream_cut", "It was cut", {
    hint: "Again",
    retryable: false,
    status: 200,
    requestId: "req_1",
    resetsAt: "2027-01-15T09:00:00Z",
    cause,
  });
  const whole = withPartial(error, "so far");
  assert.deepEqual(whole.toJSON(), { ...error.toJSON(), partial: { text: "so far" } });
  assert.equal(whole.cause, cause);
});
