import assert from "node:assert/strict";
import { ERROR_TABLE } from "../../src/base/errors.ts";
import {
  FAILURES,
  meaningOfStatus,
  readWireFailure,
  refusesModel,
  refusesSchema,
  waitInWords,
  wantsOtherShape,
} from "../../src/protocol/failures.ts";

const NOW = Date.parse("2027-01-15T08:00:00Z");

Deno.test("readWireFailure() reads every shape of an error that was seen", () => {
  const read = (body: unknown) => {
    const { code, message } = readWireFailure(body, NOW);
    return [code, message];
  };
  const nested = { error: { code: "token_expired", type: "x", message: "m" } };
  assert.deepEqual(read(nested), ["token_expired", "m"]);
  assert.deepEqual(read({ error: { code: null, type: "x", message: "m" } }), ["x", "m"]);
  assert.deepEqual(read({ error: "invalid", message: "m" }), ["invalid", "m"]);
  assert.deepEqual(read({ detail: "Not Found" }), [undefined, "Not Found"]);
  assert.deepEqual(read({ detail: { code: "c", message: "m" } }), ["c", "m"]);
  assert.deepEqual(read({ detail: [{ msg: "a" }, { msg: "b" }, 1] }), [undefined, "a; b"]);
  assert.deepEqual(read({ type: "error", code: "server_error", message: "m" }), [
    "server_error",
    "m",
  ]);
  for (const body of [undefined, null, "text", [], {}, { error: null }, { error: 5 }]) {
    assert.deepEqual(read(body), [undefined, undefined]);
  }
});

Deno.test("readWireFailure() tells a plan's limit by its type, and when it resets", () => {
  const error = { type: "usage_limit_reached", code: "x", plan_type: "team" };
  const at = readWireFailure({ error: { ...error, resets_at: 1_800_000_000 } }, NOW);
  assert.deepEqual([at.code, at.plan, at.resetsAt], [
    "usage_limit_reached",
    "team",
    1_800_000_000_000,
  ]);
  const within = readWireFailure({ error: { ...error, resets_in_seconds: 60 } }, NOW);
  assert.equal(within.resetsAt, NOW + 60_000);
});

Deno.test("FAILURES and meaningOfStatus() name our codes, what happened and what to do", () => {
  const meanings = [
    ...FAILURES.values(),
    ...[400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 451, 500, 503, 529].map(meaningOfStatus),
  ];
  for (const { code, what, hint } of meanings) {
    assert.ok(code in ERROR_TABLE);
    assert.match(what, /^[A-Z].*[^.]$/);
    assert.match(hint, /^[A-Z].*[^.]$/);
  }
});

Deno.test("meaningOfStatus() tells what may pass from what will not", () => {
  const codes = [401, 408, 413, 418, 429, 500, 599].map((status) => meaningOfStatus(status).code);
  assert.deepEqual(codes, [
    "sign_in_rejected",
    "network",
    "input_too_large",
    "invalid_request",
    "rate_limit",
    "overloaded",
    "overloaded",
  ]);
});

Deno.test("wantsOtherShape() knows the refusals that were reported, with their status", () => {
  const wants = (status: number, error: unknown) =>
    wantsOtherShape(status, readWireFailure({ error }, NOW));
  assert.ok(wants(404, { message: "Model not found gpt-5.6-luna", type: "invalid_request_error" }));
  assert.ok(wants(400, {
    message: "The 'gpt-6-luna' model requires a newer version of Codex. Please upgrade.",
  }));
  assert.ok(wants(400, {
    code: "unsupported_value",
    param: "model",
    message: "This model is not supported when using X-OpenAI-Internal-Codex-Responses-Lite.",
  }));
  assert.ok(wants(400, { code: "unsupported_value", param: "reasoning.context", message: "x" }));
  assert.ok(!wants(400, { code: "unsupported_value", param: "reasoning.effort", message: "x" }));
  assert.ok(!wants(404, { code: "model_not_found", message: "no such thing" }));
  assert.ok(!wants(500, { message: "Model not found gpt-5.6-luna" }));
});

Deno.test("refusesModel() and refusesSchema() know what a refusal is about", () => {
  const read = (error: unknown) => readWireFailure({ error }, NOW);
  const sold = "The 'gpt-5' model is not supported when using Codex with a ChatGPT account.";
  assert.ok(refusesModel(readWireFailure({ detail: sold }, NOW)));
  assert.ok(refusesModel(read({ code: "model_not_found" })));
  assert.ok(!refusesModel(read({ code: "unsupported_value", param: "text" })));
  assert.ok(refusesSchema(read({ param: "text.format.schema", message: "x" })));
  assert.ok(refusesSchema(read({ message: "Invalid schema for response_format 'a': ..." })));
  assert.ok(!refusesSchema(read({ param: "text", message: "x" })));
});

Deno.test("waitInWords() reads the waits that a message names", () => {
  const waits = new Map([
    ["Rate limit reached. Please try again in 1.2s. Visit x", 1_200],
    ["try again in 20ms", 20],
    ["Try again in 3 seconds", 3_000],
    ["try again in 2 minutes", 120_000],
    ["try again in 1m", 60_000],
    ["try again in 5 milliseconds", 5],
  ]);
  for (const [message, wait] of waits) assert.equal(waitInWords(message), wait, message);
  for (const message of [undefined, "", "try again later", "try again in 5 moons"]) {
    assert.equal(waitInWords(message), undefined);
  }
});
