/** The error for a used-up allowance: what is used up, until when, and what this plan can do. */
import { CodexError } from "../base/errors.ts";
import { formatWhen } from "../base/instant.ts";
import { redact } from "../base/redact.ts";
import type { WireFailure } from "../protocol/failures.ts";
import {
  ACTIVE_LIMIT_HEADER,
  PLAN_METER,
  PROMO_HEADER,
  REACHED_TYPE_HEADER,
  readLimitHeaders,
  type WireMeter,
  type WireWindow,
} from "../protocol/limits.ts";

/** What is known where the limit was hit. */
export interface UsageLimitFacts {
  /** What the service said. */
  readonly failure: WireFailure;
  /** The headers of its answer. */
  readonly headers: Headers;
  /** The plan that the sign-in names. */
  readonly plan: string | undefined;
  /** The wait that the answer asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The present instant. */
  readonly now: number;
  /** What must not appear. */
  readonly secrets: readonly string[];
  /** Status and request id for the error. */
  readonly details: {
    readonly status?: number | undefined;
    readonly requestId?: string | undefined;
  };
}

/** A used-up allowance. */
export interface UsageLimit {
  /** The error. */
  readonly error: CodexError;
  /** Whether every model of the account is concerned, rather than some with a limit of their own. */
  readonly accountWide: boolean;
}

/** Makes the error of a used-up allowance. */
export function usageLimit(facts: UsageLimitFacts): UsageLimit {
  const { failure, headers, now, details } = facts;
  // The answer's plan is preferred: the token's claim may be as old as the token.
  const plan = planName(failure.plan) ?? planName(facts.plan);
  const meters = readLimitHeaders(headers, now)?.meters ?? [];
  const active = headers.get(ACTIVE_LIMIT_HEADER)?.toLowerCase().replaceAll("-", "_");
  const named = active === undefined || active === PLAN_METER
    ? undefined
    : meters.find(({ id }) => id === active) ?? meterOf(active, headers);
  const name = named === undefined ? undefined : redact(named.name ?? named.id, facts.secrets);
  const resetsAt = failure.resetsAt ??
    resetOf(named ?? meters.find(({ id }) => id === PLAN_METER)) ??
    (facts.retryAfterMs === undefined ? undefined : now + facts.retryAfterMs);
  const reached = REACHED[headers.get(REACHED_TYPE_HEADER) ?? ""];
  const what = reached?.what ??
    (name === undefined
      ? `The usage limit${plan === undefined ? "" : ` of the ${plan} plan`} is reached`
      : `The usage limit for ${name} is reached`);
  const promo = redact(headers.get(PROMO_HEADER)?.trim() ?? "", facts.secrets).slice(0, 300);
  const todo = promo || reached?.todo ||
    (name === undefined ? todoOfPlan(plan) : "Choose another model: codex models");
  const until = resetsAt === undefined ? undefined : formatWhen(resetsAt, now);
  return {
    accountWide: named === undefined,
    error: new CodexError(
      "usage_limit",
      until === undefined ? what : `${what}; it resets at ${until}`,
      {
        ...details,
        hint: hintOf(todo, until !== undefined),
        resetsAt: resetsAt === undefined ? undefined : new Date(resetsAt).toISOString(),
      },
    ),
  };
}

function meterOf(id: string, headers: Headers): WireMeter {
  const name = headers.get(`x-${id.replaceAll("_", "-")}-limit-name`) ?? undefined;
  return { id, name, primary: undefined, secondary: undefined };
}

/** The latest reset of the windows that are used up; of the short window when none is. */
function resetOf(meter: WireMeter | undefined): number | undefined {
  const windows = [meter?.primary, meter?.secondary].filter((one) => one !== undefined);
  const resets = (some: readonly WireWindow[]) => some.flatMap(({ resetsAt }) => resetsAt ?? []);
  const full = resets(windows.filter(({ usedPercent }) => usedPercent >= 100));
  return full.length > 0 ? Math.max(...full) : resets(windows)[0];
}

/** A plan's name, where it looks like one. */
function planName(plan: string | undefined): string | undefined {
  return plan !== undefined && /^[a-z][a-z0-9_]{1,40}$/.test(plan) ? plan : undefined;
}

// Reasons that the official client 0.169.0 tells apart, in a header of the refusal.
const REACHED: Readonly<Record<string, { readonly what: string; readonly todo: string }>> = {
  workspace_owner_credits_depleted: {
    what: "The workspace has no credits left",
    todo: "Add credits to the workspace",
  },
  workspace_member_credits_depleted: {
    what: "The workspace has no credits left",
    todo: "Ask the workspace's owner to add credits",
  },
  workspace_owner_usage_limit_reached: {
    what: "The spending limit of the workspace is reached",
    todo: "Raise the spending limit",
  },
  workspace_member_usage_limit_reached: {
    what: "The spending limit of the workspace is reached",
    todo: "Ask the workspace's owner to raise the spending limit",
  },
};

/** What a plan can do besides waiting; `undefined` for one that can only wait. */
function todoOfPlan(plan: string | undefined): string | undefined {
  switch (plan) {
    case "free":
    case "go":
      return "Upgrade to Plus at https://chatgpt.com/explore/plus";
    case "plus":
      return "Upgrade to Pro at https://chatgpt.com/explore/pro, " +
        "buy credits at https://chatgpt.com/settings/usage";
    case "pro":
    case "prolite":
    case "promax":
      return "Buy credits at https://chatgpt.com/settings/usage";
    case "team":
    case "business":
    case "self_serve_business_usage_based":
    case "self_serve_business_prolite":
      return "Ask the workspace's administrator for more";
    default:
      return undefined;
  }
}

function hintOf(todo: string | undefined, known: boolean): string {
  const wait = known ? "wait until then" : "try again later";
  return todo === undefined ? wait[0]?.toUpperCase() + wait.slice(1) : `${todo}, or ${wait}`;
}
