/** How much of an allowance is used: one type for headers, events and the usage endpoint. */
import {
  PLAN_METER,
  type WireLimits,
  type WireMeter,
  type WireWindow,
} from "../protocol/limits.ts";

/** How much of an allowance is used. */
export interface RateLimits {
  /** The plan, where told. */
  readonly plan?: string;
  /** The short window, of five hours. */
  readonly primary?: LimitWindow;
  /** The long window, of a week. */
  readonly secondary?: LimitWindow;
  /** Credits beside the windows. */
  readonly credits?: { readonly balance?: string; readonly unlimited?: boolean };
  /** Allowances of their own, such as one for certain models. */
  readonly extra?: readonly ExtraLimit[];
}

/** One window of an allowance. */
export interface LimitWindow {
  /** How much of it is used, in percent. */
  readonly usedPercent: number;
  /** How long it is, where told. */
  readonly windowSeconds?: number;
  /** When it resets, as an ISO 8601 instant, where told. */
  readonly resetsAt?: string;
}

/** An allowance beside the plan's own. */
export interface ExtraLimit {
  /** Its id, such as `codex_bengalfox`. */
  readonly id: string;
  /** What a person reads, where told. */
  readonly name?: string;
  /** The short window. */
  readonly primary?: LimitWindow;
  /** The long window. */
  readonly secondary?: LimitWindow;
}

/** What was read from the wire, in the shape that this package shows. */
export function rateLimits({ plan, meters, credits }: WireLimits): RateLimits {
  const own = meters.find(({ id }) => id === PLAN_METER);
  const extra = meters.filter(({ id }) => id !== PLAN_METER).map(extraLimit);
  return {
    ...(plan === undefined ? {} : { plan }),
    ...(own === undefined ? {} : windows(own)),
    ...(credits === undefined ? {} : {
      credits: {
        ...(credits.balance === undefined ? {} : { balance: credits.balance }),
        ...(credits.unlimited === undefined ? {} : { unlimited: credits.unlimited }),
      },
    }),
    ...(extra.length === 0 ? {} : { extra }),
  };
}

function extraLimit(meter: WireMeter): ExtraLimit {
  const { id, name } = meter;
  return { id, ...(name === undefined ? {} : { name }), ...windows(meter) };
}

function windows({ primary, secondary }: WireMeter): Pick<RateLimits, "primary" | "secondary"> {
  return {
    ...(primary === undefined ? {} : { primary: limitWindow(primary) }),
    ...(secondary === undefined ? {} : { secondary: limitWindow(secondary) }),
  };
}

function limitWindow({ usedPercent, windowSeconds, resetsAt }: WireWindow): LimitWindow {
  return {
    usedPercent,
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(resetsAt === undefined ? {} : { resetsAt: new Date(resetsAt).toISOString() }),
  };
}

/** Adds what was told later to what was told before. */
export function mergeLimits(before: RateLimits | undefined, later: RateLimits): RateLimits {
  if (before === undefined) return later;
  const told = new Set(later.extra?.map(({ id }) => id));
  const extra = [
    ...before.extra?.filter(({ id }) => !told.has(id)) ?? [],
    ...later.extra ?? [],
  ];
  return { ...before, ...later, ...(extra.length === 0 ? {} : { extra }) };
}
