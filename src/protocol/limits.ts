/**
 * The three ways in which the service tells how much of an allowance is used: headers of any model
 * answer, a `codex.rate_limits` event, and the usage endpoint. Names as the official client 0.169.0
 * and its sources read them.
 */
import { arrayAt, booleanAt, isObject, numberAt, objectAt, stringAt } from "../base/json.ts";
import { LIMIT_HEADER_PREFIX } from "./headers.ts";

/** One window of an allowance. */
export interface WireWindow {
  /** How much of it is used. */
  readonly usedPercent: number;
  /** How long it is, where told. */
  readonly windowSeconds: number | undefined;
  /** When it resets, in milliseconds since the epoch, where told. */
  readonly resetsAt: number | undefined;
}

/** An allowance of its own: the plan's, or one for certain models. */
export interface WireMeter {
  /** Its id, such as `codex_bengalfox`; `codex` is the plan's own. */
  readonly id: string;
  /** What a person reads, where told. */
  readonly name: string | undefined;
  /** The short window (five hours). */
  readonly primary: WireWindow | undefined;
  /** The long window (a week). */
  readonly secondary: WireWindow | undefined;
}

/** What is left beside the windows. */
export interface WireCredits {
  /** As the service writes it, such as `12.50`. */
  readonly balance: string | undefined;
  /** Whether there is no bound. */
  readonly unlimited: boolean | undefined;
}

/** All that was told in one place. */
export interface WireLimits {
  /** The plan, where told. */
  readonly plan: string | undefined;
  /** The plan's own allowance first, where told. */
  readonly meters: readonly WireMeter[];
  /** Credits, where told. */
  readonly credits: WireCredits | undefined;
}

/** The id of the allowance that a plan comes with. */
export const PLAN_METER = "codex";

/** Names the allowance that a refusal is about. */
export const ACTIVE_LIMIT_HEADER = "x-codex-active-limit";

/** Names the reason of a refusal, such as `workspace_owner_credits_depleted`. */
export const REACHED_TYPE_HEADER = "x-codex-rate-limit-reached-type";

/** A text of the service that replaces the advice. */
export const PROMO_HEADER = "x-codex-promo-message";

/**
 * Reads the limits from the headers of an answer.
 *
 * @param headers The headers.
 * @param now The present instant, for a reset that is told as a distance.
 * @returns The limits, or `undefined` when there are none.
 */
export function readLimitHeaders(headers: Headers, now: number): WireLimits | undefined {
  const meters: WireMeter[] = [];
  for (const id of meterIds(headers)) {
    const prefix = `x-${id.replaceAll("_", "-")}-`;
    const primary = readWindow(headers, `${prefix}primary-`, now);
    const secondary = readWindow(headers, `${prefix}secondary-`, now);
    if (primary === undefined && secondary === undefined) continue;
    const name = headers.get(`${prefix}limit-name`) || undefined;
    meters.push({ id, name, primary, secondary });
  }
  const credits = readCreditHeaders(headers);
  if (meters.length === 0 && credits === undefined) return undefined;
  return { plan: headers.get(`${LIMIT_HEADER_PREFIX}plan-type`) || undefined, meters, credits };
}

/** The ids of all allowances that any header is about, the plan's first. */
function meterIds(headers: Headers): Iterable<string> {
  const ids = new Set([PLAN_METER]);
  for (const name of headers.keys()) {
    const family = /^x-(codex(?:-.+)?)-(?:primary|secondary)-used-percent$/.exec(name)?.[1];
    if (family !== undefined) ids.add(family.replaceAll("-", "_"));
  }
  return ids;
}

function readWindow(headers: Headers, prefix: string, now: number): WireWindow | undefined {
  const number = (name: string): number | undefined => {
    const text = headers.get(prefix + name)?.trim();
    return text && Number.isFinite(Number(text)) ? Number(text) : undefined;
  };
  const usedPercent = number("used-percent");
  if (usedPercent === undefined) return undefined;
  const minutes = number("window-minutes");
  const at = number("reset-at");
  const after = number("reset-after-seconds");
  // The official client takes a bare zero for "nothing to tell".
  if (usedPercent === 0 && !minutes && at === undefined && after === undefined) return undefined;
  return {
    usedPercent,
    windowSeconds: minutes ? minutes * 60 : undefined,
    resetsAt: instant(at) ?? (after === undefined ? undefined : now + after * 1000),
  };
}

function readCreditHeaders(headers: Headers): WireCredits | undefined {
  const balance = headers.get(`${LIMIT_HEADER_PREFIX}credits-balance`) || undefined;
  const unlimited = flag(headers.get(`${LIMIT_HEADER_PREFIX}credits-unlimited`));
  return balance === undefined && unlimited === undefined ? undefined : { balance, unlimited };
}

function flag(text: string | null): boolean | undefined {
  if (text === null) return undefined;
  return text === "1" || text.toLowerCase() === "true";
}

/** Reads a `codex.rate_limits` event. */
export function readLimitEvent(event: unknown): WireLimits {
  const limits = objectAt(event, "rate_limits");
  const name = stringAt(event, "metered_limit_name") ?? stringAt(event, "limit_name");
  const meter: WireMeter = {
    id: name ?? PLAN_METER,
    name: stringAt(event, "limit_name"),
    primary: readEventWindow(limits["primary"]),
    secondary: readEventWindow(limits["secondary"]),
  };
  return {
    plan: stringAt(event, "plan_type"),
    meters: meter.primary === undefined && meter.secondary === undefined ? [] : [meter],
    credits: readCredits(isObject(event) ? event["credits"] : undefined),
  };
}

function readEventWindow(window: unknown): WireWindow | undefined {
  const usedPercent = numberAt(window, "used_percent");
  if (usedPercent === undefined) return undefined;
  const minutes = numberAt(window, "window_minutes");
  return {
    usedPercent,
    windowSeconds: minutes === undefined ? undefined : minutes * 60,
    resetsAt: instant(numberAt(window, "reset_at")),
  };
}

/**
 * Reads the answer of the usage endpoint.
 *
 * @param body The parsed answer.
 * @param now The present instant, for a reset that is told as a distance.
 * @returns The limits, or `undefined` when the answer is none.
 */
export function readUsageAnswer(body: unknown, now: number): WireLimits | undefined {
  if (!isObject(body)) return undefined;
  if (body["plan_type"] === undefined && body["rate_limit"] === undefined) return undefined;
  const plan = readUsageMeter(PLAN_METER, undefined, body["rate_limit"], now);
  const extra = arrayAt(body, "additional_rate_limits").flatMap((entry) => {
    const name = stringAt(entry, "limit_name");
    const id = stringAt(entry, "metered_feature") ?? name;
    return id === undefined ? [] : readUsageMeter(id, name, objectAt(entry, "rate_limit"), now);
  });
  return {
    plan: stringAt(body, "plan_type"),
    meters: [...plan, ...extra],
    credits: readCredits(body["credits"]),
  };
}

function readUsageMeter(
  id: string,
  name: string | undefined,
  limit: unknown,
  now: number,
): readonly WireMeter[] {
  const window = (key: string): WireWindow | undefined => {
    const value = objectAt(limit, key);
    const usedPercent = numberAt(value, "used_percent");
    if (usedPercent === undefined) return undefined;
    const after = numberAt(value, "reset_after_seconds");
    return {
      usedPercent,
      windowSeconds: numberAt(value, "limit_window_seconds"),
      resetsAt: instant(numberAt(value, "reset_at")) ??
        (after === undefined ? undefined : now + after * 1000),
    };
  };
  const primary = window("primary_window");
  const secondary = window("secondary_window");
  if (primary === undefined && secondary === undefined) return [];
  return [{ id, name, primary, secondary }];
}

function readCredits(value: unknown): WireCredits | undefined {
  if (!isObject(value)) return undefined;
  const number = numberAt(value, "balance");
  const balance = stringAt(value, "balance") ?? (number === undefined ? undefined : String(number));
  const unlimited = booleanAt(value, "unlimited");
  return balance === undefined && unlimited === undefined ? undefined : { balance, unlimited };
}

/** The last instant that a `Date` can hold. */
const LAST_INSTANT = 8.64e15;

/**
 * An instant of the service, in milliseconds since the epoch: it writes Unix seconds. A value that
 * cannot be a date, or lies before 2001, is no instant.
 */
export function instant(seconds: number | undefined): number | undefined {
  if (seconds === undefined || !(seconds >= 1e9)) return undefined;
  const ms = seconds * 1000;
  return ms <= LAST_INSTANT ? ms : undefined;
}
