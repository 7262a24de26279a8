/** The allowance, in the headers of every answer and in its own report. */
import { LIMIT_HEADER_PREFIX } from "../../protocol/headers.ts";
import { jsonAnswer } from "../answers.ts";
import type { WindowSettings } from "../scenario.ts";
import type { UsageLimitTurn } from "../turns.ts";
import type { World } from "../world.ts";

/** A window with the instant at which it begins anew, in seconds since the epoch. */
export interface LimitWindow extends Required<WindowSettings> {
  /** When it begins anew. */
  readonly resetAt: number;
}

/** Both windows as they stand. A window that has ended begins anew, unused. */
export function windowsOf(
  { settings, clock, startedAt }: World,
): { readonly primary: LimitWindow | null; readonly secondary: LimitWindow | null } {
  const start = Math.floor(startedAt / 1000);
  const now = Math.floor(clock.now() / 1000);
  const at = (window: Required<WindowSettings> | null) => {
    if (window === null) return null;
    const length = window.windowMinutes * 60;
    const firstEnd = start + window.resetsIn;
    const begun = now < firstEnd ? 0 : Math.floor((now - firstEnd) / length) + 1;
    const resetAt = firstEnd + begun * length;
    const usedPercent = begun === 0 ? window.usedPercent : 0;
    return { ...window, usedPercent, resetAt, resetsIn: resetAt - now };
  };
  return { primary: at(settings.limits.primary), secondary: at(settings.limits.secondary) };
}

/** The headers that tell the allowance. */
export function limitHeaders(world: World): Record<string, string> {
  const { primary, secondary } = windowsOf(world);
  return {
    ...windowHeaders("primary", primary),
    ...windowHeaders("secondary", secondary),
    ...creditHeaders(world),
  };
}

function windowHeaders(name: string, window: LimitWindow | null): Record<string, string> {
  if (window === null) return {};
  const prefix = `${LIMIT_HEADER_PREFIX}${name}-`;
  return {
    [`${prefix}used-percent`]: String(window.usedPercent),
    [`${prefix}window-minutes`]: String(window.windowMinutes),
    [`${prefix}reset-at`]: String(window.resetAt),
  };
}

function creditHeaders({ settings }: World): Record<string, string> {
  const { credits } = settings.limits;
  if (credits === undefined) return {};
  const prefix = `${LIMIT_HEADER_PREFIX}credits-`;
  const has = credits.unlimited === true || Number(credits.balance ?? 0) > 0;
  return {
    [`${prefix}has-credits`]: String(has),
    [`${prefix}unlimited`]: String(credits.unlimited ?? false),
    ...(credits.balance === undefined ? {} : { [`${prefix}balance`]: credits.balance }),
  };
}

/** The answer to a request that the allowance no longer covers. */
export function usageLimitAnswer(turn: UsageLimitTurn, plan: string, world: World): Response {
  const { resetsIn } = turn;
  const resetsAt = resetsIn === undefined
    ? undefined
    : Math.floor(world.clock.now() / 1000) + resetsIn;
  const prefix = `${LIMIT_HEADER_PREFIX}primary-`;
  const headers = {
    ...limitHeaders(world),
    [`${prefix}used-percent`]: "100",
    ...(resetsAt === undefined ? {} : { [`${prefix}reset-at`]: String(resetsAt) }),
    ...turn.headers,
  };
  // Without an instant in the body there is none in the headers either.
  if (resetsAt === undefined) delete headers[`${prefix}reset-at`];
  const named = turn.plan === undefined ? plan : turn.plan;
  return jsonAnswer(429, {
    error: {
      type: "usage_limit_reached",
      message: "The usage limit has been reached",
      ...(named === null ? {} : { plan_type: named }),
      ...(resetsAt === undefined ? {} : { resets_at: resetsAt, resets_in_seconds: resetsIn }),
      eligible_promo: null,
    },
  }, headers);
}
