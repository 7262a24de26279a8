/** `codex usage`. */
import type { ExtraLimit, LimitWindow, RateLimits } from "../../responses/limits.ts";
import { fetchLimits } from "../../responses/usage.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { type Color, paint, wantsColor } from "../color.ts";
import { openContext } from "../context.ts";
import { visible } from "../output.ts";
import type { SourceFlags } from "../place.ts";
import { formatDuration, formatWhen } from "../time.ts";

/** The options of `codex usage`. */
export type UsageFlags = SourceFlags;

/** Shows both windows of the plan, credits and other meters. Makes one request. */
export async function usage(cli: Cli, flags: UsageFlags & GlobalFlags): Promise<void> {
  const limits = await fetchLimits(openContext(cli, flags), { signal: cli.signal });
  if (flags.json) return await cli.stdout.write(`${JSON.stringify(limits)}\n`);
  const { isTerminal } = cli.stdout;
  const page = describeLimits(limits, {
    now: cli.clock.now(),
    columns: isTerminal ? cli.columns() : undefined,
    colored: wantsColor({ choice: flags.color, isTerminal, env: cli.env }),
  });
  await cli.stdout.writeAsIs(page);
}

/** How limits are shown. */
export interface LimitsView {
  /** The present instant. */
  readonly now: number;
  /** The width of the terminal; without one there are no bars. */
  readonly columns: number | undefined;
  /** Whether the bars are coloured. */
  readonly colored: boolean;
}

/** A window of an allowance, in words. */
interface Row {
  readonly name: string;
  readonly percent: number;
  readonly used: string;
  readonly reset: string;
}

/**
 * The limits as a person reads them.
 *
 * @param limits What the service told.
 * @param view How to show them.
 * @returns Lines, harmless on a terminal.
 */
export function describeLimits(limits: RateLimits, view: LimitsView): string {
  const rows = [
    ...windows("", limits, view.now),
    ...(limits.extra ?? []).flatMap((extra) =>
      windows(`${visible(extra.name ?? extra.id)}, `, extra, view.now)
    ),
  ];
  const lines = [
    ...(limits.plan === undefined ? [] : [`Plan ${visible(limits.plan)}`, ""]),
    ...(rows.length === 0 ? ["No limits were told"] : table(rows, view)),
    ...credits(limits),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function windows(
  name: string,
  { primary, secondary }: RateLimits | ExtraLimit,
  now: number,
): readonly Row[] {
  return [primary, secondary].flatMap((window, index) =>
    window === undefined ? [] : [row(name, window, index, now)]
  );
}

function row(
  name: string,
  { usedPercent, windowSeconds, resetsAt }: LimitWindow,
  index: number,
  now: number,
): Row {
  const span = windowSeconds === undefined
    ? index === 0 ? "short window" : "long window"
    : formatDuration(windowSeconds * 1000);
  const reset = resetsAt === undefined ? NaN : Date.parse(resetsAt);
  return {
    name: `${name}${span}`,
    percent: usedPercent,
    used: `${Math.round(usedPercent)}% used`,
    reset: Number.isNaN(reset) ? "" : `resets ${formatWhen(reset, now)}`,
  };
}

const MOST_CELLS = 20;
/** A shorter bar says nothing. */
const LEAST_CELLS = 5;
const GAP = "  ";

function table(rows: readonly Row[], { columns, colored }: LimitsView): readonly string[] {
  const widest = (of: (row: Row) => string) => Math.max(...rows.map((row) => of(row).length));
  const [name, used, reset] = [
    widest((row) => row.name),
    widest((row) => row.used),
    widest((row) => row.reset),
  ];
  const room = (columns ?? 0) - 1 - name - used - reset - 3 * GAP.length;
  const cells = room < LEAST_CELLS ? 0 : Math.min(MOST_CELLS, room);
  return rows.map((row) => {
    const bar = cells === 0 ? [] : [barOf(row.percent, cells, colored)];
    return [row.name.padEnd(name), ...bar, row.used.padStart(used), row.reset].join(GAP).trimEnd();
  });
}

function barOf(percent: number, cells: number, colored: boolean): string {
  const share = Math.min(100, Math.max(0, percent)) / 100;
  const full = "█".repeat(Math.round(share * cells));
  const rest = "░".repeat(cells - full.length);
  return colored ? paint(colorOf(percent), full) + paint("dim", rest) : full + rest;
}

function colorOf(percent: number): Color {
  return percent >= 90 ? "red" : percent >= 70 ? "yellow" : "green";
}

function credits({ credits }: RateLimits): readonly string[] {
  if (credits?.unlimited) return ["", "Credits: unlimited"];
  return credits?.balance === undefined ? [] : ["", `Credits: ${visible(credits.balance)}`];
}
