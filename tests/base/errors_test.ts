import assert from "node:assert/strict";
import {
  CodexError,
  ERROR_TABLE,
  type ErrorCode,
  exitCodeFor,
  isCodexError,
  withDetails,
} from "../../src/base/errors.ts";

/** The frozen table, written down a second time: a change of either has to be made twice. */
const EXITS: Readonly<Record<number, readonly ErrorCode[]>> = {
  1: ["internal", "store_unavailable", "tool_failed"],
  2: ["invalid_usage"],
  3: ["not_signed_in", "sign_in_expired", "sign_in_rejected", "device_login_disabled"],
  4: ["usage_limit", "rate_limit"],
  5: ["network", "overloaded", "stream_cut"],
  6: [
    "model_unavailable",
    "invalid_request",
    "input_too_large",
    "schema_unsupported",
    "plan_not_included",
  ],
  7: ["output_invalid"],
  8: ["step_limit", "budget_exceeded"],
  9: ["refused", "incomplete"],
  10: ["approval_denied"],
  124: ["timeout"],
  130: ["aborted"],
};

const CODES = Object.values(EXITS).flat();

Deno.test("ERROR_TABLE holds every code once, with the exit status that is promised", () => {
  const found = Object.entries(ERROR_TABLE).map(([code, { exit }]) => [code, exit]);
  const promised = Object.entries(EXITS)
    .flatMap(([exit, codes]) => codes.map((code) => [code, Number(exit)]));
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(promised));
});

Deno.test("ERROR_TABLE calls retryable only what may pass by itself", () => {
  const retryable = CODES.filter((code) => ERROR_TABLE[code].retryable);
  assert.deepEqual(retryable, ["rate_limit", "network", "overloaded", "stream_cut"]);
});

Deno.test("ERROR_TABLE explains every code in one line without a full stop", () => {
  for (const [code, { meaning }] of Object.entries(ERROR_TABLE)) {
    assert.match(meaning, /^[a-z].{15,80}[^.]$/, code);
  }
  assert.equal(
    new Set(Object.values(ERROR_TABLE).map(({ meaning }) => meaning)).size,
    CODES.length,
  );
});

Deno.test("exitCodeFor() gives the status of each code", () => {
  for (const [exit, codes] of Object.entries(EXITS)) {
    for (const code of codes) assert.equal(exitCodeFor(new CodexError(code, "x")), Number(exit));
  }
});

const NOT_OURS: readonly unknown[] = [
  undefined,
  null,
  0,
  "network",
  {},
  { name: "CodexError", code: "network", message: "a record, not an error" },
  new Error("network"),
  new DOMException("aborted", "AbortError"),
  Object.assign(new Error("x"), { code: "network" }),
  Object.assign(new Error("x"), { name: "CodexError" }),
  Object.assign(new Error("x"), { name: "CodexError", code: "no_such_code" }),
  Object.assign(new Error("x"), { name: "CodexError", code: "toString" }),
  Object.assign(new Error("x"), { name: "CodexError", code: "__proto__" }),
  Object.assign(new Error("x"), { name: "CodexError", code: 5 }),
  Object.assign(new Error("x"), { name: "CodexError", code: ["network"] }),
];

Deno.test("exitCodeFor() gives 1 for anything else that can be thrown", () => {
  for (const thrown of NOT_OURS) assert.equal(exitCodeFor(thrown), 1);
});

Deno.test("isCodexError() takes nothing for one that only resembles it", () => {
  for (const thrown of NOT_OURS) assert.equal(isCodexError(thrown), false);
});

Deno.test("isCodexError() knows an error of another copy of the module", () => {
  class CodexErrorOfAnotherCopy extends Error {
    override readonly name = "CodexError";
    readonly code = "network";
  }
  assert.equal(isCodexError(new CodexErrorOfAnotherCopy("x")), true);
});

Deno.test("isCodexError() asks for one code where one is given", () => {
  const error = new CodexError("usage_limit", "x");
  assert.equal(isCodexError(error, "usage_limit"), true);
  assert.equal(isCodexError(error, "rate_limit"), false);
});

Deno.test("CodexError has a literal name, which minifying does not change", () => {
  class Renamed extends CodexError {}
  const error = new Renamed("network", "Cannot reach it");
  assert.equal(error.name, "CodexError");
  assert.match(String(error), /^CodexError: Cannot reach it$/);
});

Deno.test("CodexError takes retryable from its code unless told otherwise", () => {
  assert.equal(new CodexError("network", "x").retryable, true);
  assert.equal(new CodexError("network", "x", { retryable: false }).retryable, false);
  assert.equal(new CodexError("usage_limit", "x").retryable, false);
  assert.equal(new CodexError("usage_limit", "x", { retryable: true }).retryable, true);
});

Deno.test("CodexError keeps its cause to itself", () => {
  const cause = new Error("secret below");
  const error = new CodexError("internal", "x", { cause });
  assert.equal(error.cause, cause);
  assert.ok(!JSON.stringify(error).includes("secret below"));
  assert.equal("cause" in new CodexError("internal", "x"), false);
});

const FULL = {
  hint: "Wait",
  status: 429,
  requestId: "req_1",
  resetsAt: "2027-01-15T09:00:00Z",
  partial: { text: "so far" },
};

Deno.test("CodexError.toJSON() is the whole of it as plain data", () => {
  const record = new CodexError("usage_limit", "Used up", FULL).toJSON();
  const plain = { code: "usage_limit", message: "Used up", retryable: false, ...FULL };
  assert.deepEqual(record, plain);
  assert.deepEqual(structuredClone(record), plain);
  assert.deepEqual(
    JSON.parse(JSON.stringify(new CodexError("usage_limit", "Used up", FULL))),
    plain,
  );
});

Deno.test("CodexError.toJSON() leaves out what is not known", () => {
  const record = new CodexError("network", "Gone").toJSON();
  assert.deepEqual(Object.keys(record), ["code", "message", "retryable"]);
});

Deno.test("CodexError.toJSON() does not give away what was put on the error later", () => {
  const error = Object.assign(new CodexError("network", "Gone"), { token: "eyJ-secret" });
  assert.ok(!JSON.stringify(error).includes("eyJ-secret"));
});

Deno.test("CodexError takes a code that there is not for a fault, and keeps the message", () => {
  for (const code of ["bogus", "toString", undefined]) {
    const error = new CodexError(code as never, "Something");
    assert.deepEqual([error.code, error.message, error.retryable], [
      "internal",
      "Something",
      false,
    ]);
  }
});

Deno.test("withDetails() changes what it is told to and keeps the rest", () => {
  const details = {
    hint: "Wait",
    retryable: true,
    status: 429,
    requestId: "r-1",
    resetsAt: "2027-01-15T09:00:00Z",
    partial: { text: "so far" },
    problems: [{ path: "/a", message: "is missing" }],
  };
  const cause = new Error("below");
  const error = new CodexError("usage_limit", "Used up", { ...details, cause });
  const changed = withDetails(error, { hint: "Go on" });
  assert.deepEqual(changed.toJSON(), {
    code: "usage_limit",
    message: "Used up",
    ...details,
    hint: "Go on",
  });
  assert.equal(changed.cause, cause);
  assert.equal(error.hint, "Wait");
});
