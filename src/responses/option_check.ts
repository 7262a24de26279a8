/**
 * Checks of options that need nothing but themselves, before anything is read or sent. Whether each
 * is of the kind that it has to be is looked at where callers come in.
 */
import { CodexError } from "../base/errors.ts";
import type { StreamOptions } from "./options.ts";
import { SCHEMA_NAME } from "./request.ts";

/**
 * Checks what the types cannot hold a caller to.
 *
 * @throws CodexError `invalid_usage`.
 */
export function checkOptions(options: StreamOptions): void {
  const { instructions, sessionKey, output } = options;
  if (instructions?.trim() === "") {
    throw new CodexError("invalid_usage", "The instructions are empty", {
      hint: "Leave them out for the default ones",
    });
  }
  if (sessionKey !== undefined && !/^[\x21-\x7e]{1,128}$/.test(sessionKey)) {
    throw new CodexError("invalid_usage", "The session key cannot stand in a header", {
      hint: "Use 1 to 128 visible ASCII characters without blanks",
    });
  }
  if (typeof output === "object" && !/^[A-Za-z0-9_-]{1,64}$/.test(output.name ?? SCHEMA_NAME)) {
    throw new CodexError("invalid_usage", "The name of the output schema is not usable", {
      hint: "Use 1 to 64 letters, digits, underscores and hyphens",
    });
  }
  for (const [name, allowed] of WORDS) {
    const given = options[name];
    if (given !== undefined && !allowed.includes(given)) {
      throw new CodexError("invalid_usage", `"${given}" is no ${name}`, {
        hint: `Use one of ${allowed.join(", ")}`,
      });
    }
  }
  const { timeout, retry, maxEventBytes } = options;
  checkAmounts("timeout", { ...timeout }, (value) => value > 0);
  checkAmounts(
    "retry",
    { attempts: retry?.attempts, maxDelay: retry?.maxDelay },
    (value) => value >= 0,
  );
  checkAmounts("option", { maxEventBytes }, (value) => value > 0);
}

/** Options whose values are words; the efforts are the models' own and checked against those. */
const WORDS: readonly (readonly [
  name: "reasoningSummary" | "verbosity" | "serviceTier",
  allowed: readonly string[],
])[] = [
  ["reasoningSummary", ["off", "auto", "concise", "detailed"]],
  ["verbosity", ["low", "medium", "high"]],
  ["serviceTier", ["default", "priority", "flex"]],
];

/** What a caller without types may give for a time or a count. */
function checkAmounts(
  what: string,
  amounts: Readonly<Record<string, unknown>>,
  isRight: (value: number) => boolean,
): void {
  for (const [name, value] of Object.entries(amounts)) {
    if (value === undefined || (typeof value === "number" && isRight(value))) continue;
    throw new CodexError("invalid_usage", `The ${what} ${name} is not an amount: ${value}`, {
      hint: "Give a time in milliseconds above 0, or a count of 0 or more",
    });
  }
}
