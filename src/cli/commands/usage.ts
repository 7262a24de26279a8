/** `codex usage`. */
import type { ExtraLimit, LimitWindow, RateLimits } from "../../responses/limits.ts";
import { fetchLimits } from "../../responses/usage.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { openContext } from "../context.ts";
import type { SourceFlags } from "../place.ts";
import { table } from "../table.ts";
import { formatDuration, formatWhen } from "../time.ts";

/** The options of `codex usage`. */
export type UsageFlags = SourceFlags;

const BAR_CELLS = 20;

/** Shows both windows of the plan, credits and other meters. Makes one request. */
export async function usage(cli: Cli, flags: UsageFlags & GlobalFlags): Promise<void> {
  const limits = await fetchLimits(openContext(cli, flags), { signal: cli.signal });
  await cli.stdout.write(
    flags.json
      ? `${JSON.stringify(limits)}\n`
      : describe(limits, cli.clock.now(), cli.stdout.isTerminal),
  );
}

function describe(limits: RateLimits, now: number, bars: boolean): string {
  const rows = [
    ...windows("", limits, now, bars),
    ...(limits.extra ?? []).flatMap((extra) =>
      windows(`${extra.name ?? extra.id}, `, extra, now, bars)
    ),
  ];
  const lines = [
    ...(limits.plan === undefined ? [] : [`Plan ${limits.plan}\n`]),
    table(rows),
    ...credits(limits),
  ];
  return lines.join("");
}

function windows(
  name: string,
  { primary, secondary }: RateLimits | ExtraLimit,
  now: number,
  bars: boolean,
): (readonly string[])[] {
  return [primary, secondary].flatMap((window, index) =>
    window === undefined ? [] : [row(name, window, index, now, bars)]
  );
}

function row(
  name: string,
  { usedPercent, windowSeconds, resetsAt }: LimitWindow,
  index: number,
  now: number,
  bars: boolean,
): readonly string[] {
  const span = windowSeconds === undefined
    ? index === 0 ? "short window" : "long window"
    : formatDuration(windowSeconds * 1000);
  const reset = resetsAt === undefined ? NaN : Date.parse(resetsAt);
  return [
    `${name}${span}`,
    ...(bars ? [bar(usedPercent)] : []),
    `${Math.round(usedPercent)}% used`,
    Number.isNaN(reset) ? "" : `resets ${formatWhen(reset, now)}`,
  ];
}

function bar(percent: number): string {
  const full = Math.round((Math.min(100, Math.max(0, percent)) / 100) * BAR_CELLS);
  return "█".repeat(full) + "░".repeat(BAR_CELLS - full);
}

function credits({ credits }: RateLimits): readonly string[] {
  if (credits?.unlimited) return ["Credits: unlimited\n"];
  return credits?.balance === undefined ? [] : [`Credits: ${credits.balance}\n`];
}
