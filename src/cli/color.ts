/** Colours: whether they are wanted, and how they are made. */
import type { Env } from "../base/platform.ts";

/** When to colour. */
export type ColorChoice = "auto" | "always" | "never";

/** What is decided for each of the two streams. */
export interface ColorContext {
  /** What `--color` says. */
  readonly choice: ColorChoice | undefined;
  /** Whether a person sees the stream. */
  readonly isTerminal: boolean;
  /** Reads the environment. */
  readonly env: Env;
}

/**
 * Whether a stream is coloured. The option comes before `NO_COLOR` (no-color.org), and that before
 * what the terminal can do.
 */
export function wantsColor({ choice = "auto", isTerminal, env }: ColorContext): boolean {
  if (choice !== "auto") return choice === "always";
  return isTerminal && env("NO_COLOR") === undefined && env("TERM") !== "dumb";
}

const CODES = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;

/** A colour, or a weight. */
export type Color = keyof typeof CODES;

/** A text in a colour, for a terminal. */
export function paint(color: Color, text: string): string {
  return `\x1b[${CODES[color]}m${text}\x1b[0m`;
}

const PREFIXES: readonly (readonly [prefix: string, color: Color])[] = [
  ["codex: ", "bold"],
  ["warning: ", "yellow"],
  ["hint: ", "dim"],
];

/** A line of stderr with its first word in a colour. */
export function paintPrefix(line: string): string {
  const [prefix, color] = PREFIXES.find(([prefix]) => line.startsWith(prefix)) ?? [];
  if (prefix === undefined || color === undefined) return line;
  return paint(color, prefix.trimEnd()) + line.slice(prefix.length - 1);
}
