import assert from "node:assert/strict";
import fc from "fast-check";
import { CodexError, ERROR_TABLE, type ErrorCode } from "../../src/base/errors.ts";
import { report } from "../../src/cli/report.ts";

/** The frozen statuses, as the contract of the command lists them. */
const EXITS: Readonly<Record<ErrorCode, number>> = {
  internal: 1,
  store_unavailable: 1,
  tool_failed: 1,
  invalid_usage: 2,
  not_signed_in: 3,
  sign_in_expired: 3,
  sign_in_rejected: 3,
  device_login_disabled: 3,
  usage_limit: 4,
  rate_limit: 4,
  network: 5,
  overloaded: 5,
  stream_cut: 5,
  model_unavailable: 6,
  invalid_request: 6,
  input_too_large: 6,
  schema_unsupported: 6,
  plan_not_included: 6,
  output_invalid: 7,
  step_limit: 8,
  budget_exceeded: 8,
  refused: 9,
  incomplete: 9,
  approval_denied: 10,
  timeout: 124,
  aborted: 130,
};

const NOW = new Date(2027, 0, 15, 6, 55).getTime();
const RESET = new Date(2027, 0, 15, 9, 0);

const told = (error: unknown, profile = "default") => report(error, NOW, profile);

for (const [code, exit] of Object.entries(EXITS)) {
  Deno.test(`report() of ${code} ends with status ${exit}, in one line with a hint`, () => {
    const error = new CodexError(code as ErrorCode, "It went wrong", { hint: "Try again" });
    const { lines, record, exit: status } = told(error);
    assert.equal(status, exit);
    assert.deepEqual(lines, ["codex: It went wrong", "hint: Try again"]);
    assert.equal(record.code, code);
    assert.equal(record.retryable, error.retryable);
  });
}

Deno.test("report() knows every code that there is", () => {
  assert.deepEqual(Object.keys(EXITS).sort(), Object.keys(ERROR_TABLE).sort());
});

Deno.test("report() without a hint is one line", () => {
  const { lines, record } = told(new CodexError("network", "No answer"));
  assert.deepEqual(lines, ["codex: No answer"]);
  assert.equal("hint" in record, false);
});

Deno.test("report() keeps a message of several lines in one, and the hint too", () => {
  const { lines } = told(
    new CodexError("invalid_request", "\nOne\r\n  two\n\n three \n", { hint: "a\nb" }),
  );
  assert.deepEqual(lines, ["codex: One two three", "hint: a b"]);
});

Deno.test("report() gives a machine the error as it is", () => {
  const error = new CodexError("usage_limit", "The limit\nis reached", {
    hint: "Wait",
    status: 429,
    requestId: "req_1",
    resetsAt: RESET.toISOString(),
    partial: { text: "so far" },
    cause: new Error("sk-secret-secret"),
  });
  assert.deepEqual(told(error).record, error.toJSON());
});

Deno.test("report() names when a limit resets, as the instant and the distance", () => {
  const error = new CodexError("usage_limit", "The usage limit of the plan is reached", {
    resetsAt: RESET.toISOString(),
  });
  assert.deepEqual(told(error).lines, [
    "codex: The usage limit of the plan is reached; it resets 2027-01-15 09:00 (in 2 h 5 min)",
  ]);
  assert.equal(told(error).record.message, "The usage limit of the plan is reached");
});

Deno.test("report() does not repeat an instant that the message has, nor show one that is none", () => {
  for (
    const [message, resetsAt] of [
      ["The limit resets 2027-01-15 09:00", RESET.toISOString()],
      ["The limit is reached", "soon"],
      ["The limit is reached", ""],
    ]
  ) {
    assert.deepEqual(told(new CodexError("usage_limit", message ?? "", { resetsAt })).lines, [
      `codex: ${message}`,
    ]);
  }
});

const HINTS: readonly (readonly [hint: string, forWork: string])[] = [
  ["Sign in with: codex login", "Sign in with: codex --profile work login"],
  ["codex login --headless", "codex --profile work login --headless"],
  [
    "First codex logout, then codex login",
    "First codex --profile work logout, then codex --profile work login",
  ],
  ["See: codex status", "See: codex --profile work status"],
  ["See: codex models", "See: codex --profile work models"],
  ["Use codex run - < prompt.txt", "Use codex --profile work run - < prompt.txt"],
  ["See: codex run --help", "See: codex run --help"],
  ["See: codex --help", "See: codex --help"],
  ["The codex folder", "The codex folder"],
  ["See: codex completions bash", "See: codex completions bash"],
  ["opencodex login", "opencodex login"],
];

for (const [hint, forWork] of HINTS) {
  Deno.test(`report() tells "${hint}" as "${forWork}" to the profile work`, () => {
    const error = new CodexError("not_signed_in", "Nobody is signed in", { hint });
    const { lines, record } = told(error, "work");
    assert.equal(lines[1], `hint: ${forWork}`);
    assert.equal(record.hint, forWork);
    assert.equal(told(error).lines[1], `hint: ${hint}`);
  });
}

Deno.test("report() takes a profile's name for what it is, not for a pattern", () => {
  const error = new CodexError("not_signed_in", "x", { hint: "codex login" });
  assert.equal(told(error, "$&$1").lines[1], "hint: codex --profile $&$1 login");
});

Deno.test("report() of an error that is not ours is internal, without secrets and without a stack", () => {
  const error = new TypeError("Cannot read sk-abcdefghijklmnop\n  of Bearer abcdefghijkl");
  const { lines, record, exit } = told(error);
  assert.equal(exit, 1);
  assert.equal(record.code, "internal");
  assert.equal(lines[0], "codex: Unexpected: Cannot read *** of Bearer ***");
  assert.match(lines[1] ?? "", /^hint: .*codex doctor$/);
  const all = JSON.stringify([lines, record]);
  assert.doesNotMatch(all, /report_test|\bat\b .*:\d+|sk-abc/);
});

Deno.test("report() says that a permission is missing, and which", () => {
  const error = new Deno.errors.NotCapable('Requires net access to "a.test:443", run again');
  const { lines, exit } = told(error);
  assert.equal(exit, 2);
  assert.match(lines[0] ?? "", /^codex: Deno does not let this program go on: Requires net access/);
  assert.match(lines[1] ?? "", /permission/);
});

Deno.test("report() says of a device that no permission but all of them opens it", () => {
  const error = new Deno.errors.NotCapable(
    'Requires all access to "/dev/full", run again with the --allow-all flag',
  );
  const { lines, exit } = told(error);
  assert.equal(exit, 2);
  assert.match(lines[1] ?? "", /^hint: Deno opens devices with deno run -A alone/);
});

Deno.test("report() knows an error of ours from another copy of its class", () => {
  class CodexErrorElsewhere extends Error {
    override readonly name = "CodexError";
    readonly code = "rate_limit";
    toJSON() {
      return { code: this.code, message: this.message, retryable: true };
    }
  }
  const { lines, exit } = told(new CodexErrorElsewhere("Too fast"));
  assert.deepEqual([lines, exit], [["codex: Too fast"], 4]);
});

Deno.test("report() puts anything into one line that can be thrown", () => {
  const thrown = fc.oneof(fc.anything({ withNullPrototype: true }), fc.string().map(Error));
  fc.assert(fc.property(thrown, (error) => {
    const { lines, exit } = told(error);
    assert.equal(exit, 1);
    assert.equal(lines.length, 2);
    for (const line of lines) assert.doesNotMatch(line, /[\r\n]/);
  }));
});
