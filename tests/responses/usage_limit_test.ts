import assert from "node:assert/strict";
import type { WireFailure } from "../../src/protocol/failures.ts";
import { usageLimit, type UsageLimitFacts } from "../../src/responses/usage_limit.ts";
import { NOW, TOKEN } from "./fakes.ts";

const RESET = NOW + 3_600_000;

function limit(
  failure: Partial<WireFailure> = {},
  headers: HeadersInit = {},
  others: Partial<UsageLimitFacts> = {},
) {
  return usageLimit({
    failure: {
      code: "usage_limit_reached",
      message: "limit",
      param: undefined,
      plan: undefined,
      resetsAt: undefined,
      ...failure,
    },
    headers: new Headers(headers),
    plan: undefined,
    retryAfterMs: undefined,
    now: NOW,
    secrets: [TOKEN],
    details: { status: 429, requestId: "req_1" },
    ...others,
  });
}

Deno.test("usageLimit() names the plan, the reset and the way on", () => {
  const { error, accountWide } = limit({ plan: "plus", resetsAt: RESET });
  assert.match(error.message, /^The usage limit of the plus plan is reached; it resets at \d{4}-/);
  assert.match(error.message, /\(in 1 h\)$/);
  assert.match(error.hint ?? "", /^Upgrade to Pro .*, buy credits .*, or wait until then$/);
  assert.equal(error.resetsAt, new Date(RESET).toISOString());
  assert.deepEqual([error.status, error.requestId, accountWide], [429, "req_1", true]);
});

Deno.test("usageLimit() advises by the plan, and only what the plan can do", () => {
  const hints = new Map([
    ["free", /Plus/],
    ["go", /Plus/],
    ["plus", /Pro .*credits/],
    ["pro", /^Buy credits/],
    ["team", /administrator/],
    ["business", /administrator/],
    ["enterprise", /^Wait until then$/],
    ["edu", /^Wait until then$/],
    ["something_new", /^Wait until then$/],
  ]);
  for (const [plan, hint] of hints) {
    assert.match(limit({ plan, resetsAt: RESET }).error.hint ?? "", hint);
  }
  assert.equal(limit().error.hint, "Try again later");
});

Deno.test("usageLimit() prefers the plan of the answer, and shows none that looks like no plan", () => {
  assert.match(limit({ plan: "go" }, {}, { plan: "plus" }).error.message, /the go plan/);
  assert.match(limit({}, {}, { plan: "plus" }).error.message, /the plus plan/);
  assert.match(limit({ plan: "<b>plus" }).error.message, /^The usage limit is reached$/);
});

Deno.test("usageLimit() finds the reset in the body, in the window that is used up, or in the wait", () => {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const headers = {
    "x-codex-primary-used-percent": "30",
    "x-codex-primary-reset-at": "1800000000",
    "x-codex-secondary-used-percent": "100",
    "x-codex-secondary-reset-at": "1800000500",
  };
  assert.equal(limit({ resetsAt: RESET }, headers).error.resetsAt, new Date(RESET).toISOString());
  assert.equal(limit({}, headers).error.resetsAt, at(1_800_000_500));
  const none = { ...headers, "x-codex-secondary-used-percent": "99" };
  assert.equal(limit({}, none).error.resetsAt, at(1_800_000_000));
  const wait = limit({}, {}, { retryAfterMs: 60_000 }).error.resetsAt;
  assert.equal(wait, new Date(NOW + 60_000).toISOString());
  assert.equal(limit().error.resetsAt, undefined);
});

Deno.test("usageLimit() tells an allowance of some models from the account's", () => {
  const headers = {
    "x-codex-active-limit": "codex-bengalfox",
    "x-codex-bengalfox-limit-name": "GPT-Spark",
    "x-codex-bengalfox-primary-used-percent": "100",
    "x-codex-bengalfox-primary-reset-at": "1800000000",
    "x-codex-primary-used-percent": "10",
  };
  const { error, accountWide } = limit({ plan: "plus" }, headers);
  assert.match(error.message, /^The usage limit for GPT-Spark is reached/);
  assert.match(error.hint ?? "", /^Choose another model/);
  assert.equal(error.resetsAt, new Date(1_800_000_000_000).toISOString());
  assert.ok(!accountWide);
  assert.ok(limit({}, { "x-codex-active-limit": "codex" }).accountWide);
  const bare = limit({}, { "x-codex-active-limit": "codex_other" });
  assert.match(bare.error.message, /for codex_other/);
});

Deno.test("usageLimit() tells why a workspace is at its end, and who can help", () => {
  const reached = (type: string) => {
    const { error } = limit({ plan: "team" }, { "x-codex-rate-limit-reached-type": type });
    return `${error.message}. ${error.hint}`;
  };
  assert.match(reached("workspace_owner_credits_depleted"), /no credits left\. Add credits/);
  assert.match(reached("workspace_member_credits_depleted"), /no credits left\. Ask .*owner/);
  assert.match(reached("workspace_owner_usage_limit_reached"), /spending limit .*\. Raise/);
  assert.match(reached("workspace_member_usage_limit_reached"), /spending limit .*\. Ask .*owner/);
  assert.match(reached("rate_limit_reached"), /the team plan is reached/);
});

Deno.test("usageLimit() lets the service's own offer replace the advice, without secrets", () => {
  const promo = { "x-codex-promo-message": `Try this ${TOKEN}` };
  assert.equal(limit({ plan: "plus" }, promo).error.hint, "Try this ***, or try again later");
});
