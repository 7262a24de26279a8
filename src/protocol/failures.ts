/**
 * How the service says no: the shapes of an error, and what each code means.
 *
 * Codes as the official client 0.169.0 tells them apart, in HTTP answers, in `response.failed` and
 * in `error` events alike; codes that it does not know were reported or are the public API's.
 */
import type { ErrorCode } from "../base/errors.ts";
import { arrayAt, isObject, type JsonObject, numberAt, stringAt } from "../base/json.ts";
import { instant } from "./limits.ts";

/** An error, whatever shape it came in. */
export interface WireFailure {
  /** What kind, where told: the code, else the type when that names a known failure. */
  readonly code: string | undefined;
  /** What the service says about it. */
  readonly message: string | undefined;
  /** The member of the request that it is about. */
  readonly param: string | undefined;
  /** The plan that a limit belongs to. */
  readonly plan: string | undefined;
  /** When a limit resets, in milliseconds since the epoch. */
  readonly resetsAt: number | undefined;
}

/**
 * Reads an error in any of the shapes that were seen: `{error: {code, type, message}}`,
 * `{detail: "…"}`, `{detail: {code, message}}`, a list of complaints in `detail`, or the members
 * at the top, as an `error` event of the public API has them.
 *
 * @param body The parsed answer, or the event, or its `response`.
 * @param now The present instant, for a reset that is told as a distance.
 */
export function readWireFailure(body: unknown, now: number): WireFailure {
  const error = errorOf(body);
  const code = stringAt(error, "code") || undefined;
  const type = stringAt(error, "type") || undefined;
  const after = numberAt(error, "resets_in_seconds");
  return {
    // The plan's limits are told by the type alone (seen in answers with status 429).
    code: code === undefined || type === "usage_limit_reached" || type === "usage_not_included"
      ? type ?? code
      : code,
    message: stringAt(error, "message") || undefined,
    param: stringAt(error, "param") || undefined,
    plan: stringAt(error, "plan_type") || undefined,
    resetsAt: instant(numberAt(error, "resets_at")) ??
      (after === undefined ? undefined : now + after * 1000),
  };
}

function errorOf(body: unknown): JsonObject {
  if (!isObject(body)) return {};
  const { error, detail } = body;
  if (isObject(error)) return error;
  if (typeof error === "string") {
    return { code: error, message: stringAt(body, "message") ?? error };
  }
  if (isObject(detail)) return detail;
  if (typeof detail === "string") return { message: detail };
  if (Array.isArray(detail)) {
    return {
      message: arrayAt(body, "detail").flatMap((one) => stringAt(one, "msg") ?? []).join("; "),
    };
  }
  return typeof body["message"] === "string" ? body : {};
}

/** What a code of the service means. */
export interface FailureMeaning {
  /** Our code for it. */
  readonly code: ErrorCode;
  /** What happened, in our words; the service's own words follow it where it has any. */
  readonly what: string;
  /** What to do next. */
  readonly hint: string;
  /** Where trying again does not go by our code. */
  readonly retryable?: boolean;
}

const RULES = "Change the request: the service's usage rules do not allow this one";
const BILLING = "Check the plan and its billing at https://chatgpt.com/settings/usage";
const WORKSPACE = "Sign in to another workspace with: codex login";

const refused: FailureMeaning = {
  code: "refused",
  what: "The service refused the request by its usage rules",
  hint: RULES,
};
const quota: FailureMeaning = {
  code: "usage_limit",
  what: "The quota of the account or its organization is used up",
  hint: BILLING,
};
const tooLarge: FailureMeaning = {
  code: "input_too_large",
  what: "The input is larger than the model takes",
  hint: "Send less, or choose a model with a larger window: codex models",
};
const badImage: FailureMeaning = {
  code: "invalid_request",
  what: "The service cannot read an image of the input",
  hint: "Send a PNG, JPEG, WebP or GIF file that opens elsewhere",
};
const noCapacity: FailureMeaning = {
  code: "overloaded",
  what: "The service has no capacity for this model at the moment",
  hint: "Try again in a minute, or choose another model",
};
const throttled: FailureMeaning = {
  code: "rate_limit",
  what: "Too many requests in a short time",
  hint: "Wait a little, then try again",
};
const workspaceClosed: FailureMeaning = {
  code: "sign_in_rejected",
  what: "The workspace of this sign-in cannot be used",
  hint: WORKSPACE,
};

/** What each known code means. */
export const FAILURES: ReadonlyMap<string, FailureMeaning> = new Map([
  ["usage_limit_reached", {
    code: "usage_limit",
    what: "The usage limit of the plan is reached",
    hint: "Wait until it resets, or see: codex usage",
  }],
  ["usage_not_included", {
    code: "plan_not_included",
    what: "The plan of this account does not include Codex",
    hint: "Upgrade at https://chatgpt.com/explore/plus, or sign in to another account",
  }],
  ["insufficient_quota", quota],
  ["organization_spend_limit_exceeded", quota],
  ["organization_usage_limit_exceeded", quota],
  ["budget_reached", {
    code: "usage_limit",
    what: "The budget that was set for this account is reached",
    hint: "Ask whoever set the budget to raise it",
  }],
  ["rate_limit_exceeded", throttled],
  ["slow_down", throttled],
  ["server_is_overloaded", noCapacity],
  ["resource_unavailable", noCapacity],
  ["policy_capacity_unavailable", noCapacity],
  ["flex_unavailable", {
    code: "overloaded",
    what: "There is no capacity for the flex tier at the moment",
    hint: "Leave the flex tier out, or try again later",
    retryable: false,
  }],
  ["previous_response_not_found", {
    code: "invalid_request",
    what: "The service does not know the answer that the request goes on from",
    hint: "Send the conversation itself",
  }],
  ["context_length_exceeded", tooLarge],
  ["string_above_max_length", tooLarge],
  ["request_too_large", tooLarge],
  ["invalid_image", badImage],
  ["invalid_image_request", badImage],
  ["invalid_image_format", badImage],
  ["invalid_prompt", refused],
  ["cyber_policy", refused],
  ["bio_policy", refused],
  ["misalignment_policy", refused],
  ["misalignment_policy_violation", refused],
  ["content_policy_violation", refused],
  ["content_filter", refused],
  ["inference_hook_denied", {
    code: "refused",
    what: "A rule of the workspace refused the request",
    hint: "Ask the workspace's administrator",
  }],
  ["access_program_not_enabled", {
    code: "plan_not_included",
    what: "The account is not enrolled in the access program that this needs",
    hint: "Choose another model: codex models",
  }],
  ["model_not_found", {
    code: "model_unavailable",
    what: "The service does not offer this model to this account",
    hint: "See what it offers with: codex models",
  }],
  ["workspace_access_denied", workspaceClosed],
  ["deactivated_workspace", workspaceClosed],
  ["unsupported_country_region_territory", {
    code: "invalid_request",
    what: "The service is not offered in this country or region",
    hint: "See where it is offered: https://help.openai.com",
  }],
  ["invalid_json_schema", {
    code: "schema_unsupported",
    what: "The output schema uses what the service does not take",
    hint: "Keep to the strict subset: every property required, additionalProperties false",
  }],
]);

/** What the status of an answer means where its body says nothing more. */
export function meaningOfStatus(status: number): FailureMeaning {
  switch (status) {
    case 401:
      return {
        code: "sign_in_rejected",
        what: "The service did not accept the sign-in",
        hint: "Sign in again with: codex login",
      };
    case 402:
      return quota;
    case 408:
      return {
        code: "network",
        what: "The request did not reach the service in time",
        hint: "Try again, or send less at once",
      };
    case 409:
      return {
        code: "overloaded",
        what: "The service could not take the request just now",
        hint: "Try again",
      };
    case 413:
      return tooLarge;
    case 429:
      return throttled;
  }
  return status >= 500
    ? { code: "overloaded", what: "The service failed", hint: "Try again in a minute" }
    : {
      code: "invalid_request",
      what: "The service refused the request",
      hint: status === 403 || status === 404
        ? "Check the sign-in and the addresses in force with: codex doctor"
        : "Change what the message names, then try again",
    };
}

/** What a failure in the stream means where its code is not known: try again, as the official client does. */
export const UNKNOWN_FAILURE: FailureMeaning = {
  code: "overloaded",
  what: "The service failed while it answered",
  hint: "Try again in a minute",
};

// Reported by several clients, July to October 2026; the official client asks in the right shape
// from the start and never sees them.
const OTHER_SHAPE = [
  // No \b before "model": the word may be quoted or capitalized, the slug follows it.
  /model not found\b/i,
  /requires a newer version of codex/i,
  /responses-lite/i,
];

/**
 * Whether a refusal means "not in this shape, or not for this program": one attempt in the other
 * request shape may work.
 */
export function wantsOtherShape(status: number, failure: WireFailure): boolean {
  const { code, message = "", param } = failure;
  if (status !== 400 && status !== 404) return false;
  if (code === "unsupported_value" && param === "reasoning.context") return true;
  return OTHER_SHAPE.some((pattern) => pattern.test(message));
}

/** Whether a refusal means that this account may not use the model, in either shape. */
export function refusesModel({ code, message = "", param }: WireFailure): boolean {
  return code === "model_not_found" ||
    (code === "unsupported_value" && param === "model") ||
    /\bmodel is not supported\b|does not exist or you do not have access/i.test(message);
}

/** Whether a refusal is about an image, which has no code of its own (status 400). */
export function refusesImage({ message = "" }: WireFailure): boolean {
  return /image data you provided does not represent a valid image/i.test(message);
}

/** Whether a refusal is about the output schema, which older answers tell by the parameter alone. */
export function refusesSchema({ code, param = "", message = "" }: WireFailure): boolean {
  return code === "invalid_json_schema" || param.startsWith("text.format") ||
    /invalid schema for response_format/i.test(message);
}

/** How long to wait, as some refusals say it in words: `try again in 1.2s`, `in 20ms`, `in 3 seconds`. */
export function waitInWords(message: string | undefined): number | undefined {
  const found = /try again in (\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|seconds?|m|minutes?)\b/i
    .exec(message ?? "");
  if (found === null) return undefined;
  const [, amount, unit = "s"] = found;
  const scale = /^m(s|illi)/i.test(unit) ? 1 : /^m/i.test(unit) ? 60_000 : 1000;
  return Number(amount) * scale;
}
