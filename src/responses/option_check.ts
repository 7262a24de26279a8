/**
 * Checks of options that need nothing but themselves, before anything is read or sent. Whether each
 * is of the kind that it has to be is looked at where callers come in.
 */
import { CodexError } from "../base/errors.ts";
import { nearest } from "./nearest.ts";
import type { FunctionTool, StreamOptions } from "./options.ts";
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
  checkTools(options);
  const { timeout, retry, maxEventBytes } = options;
  checkAmounts("timeout", { ...timeout }, (value) => value > 0);
  checkAmounts(
    "retry",
    { maxDelay: retry?.maxDelay },
    (value) => value >= 0,
  );
  checkAmounts(
    "retry",
    { attempts: retry?.attempts },
    (value) => value === Infinity || (Number.isInteger(value) && value >= 0),
  );
  checkAmounts("option", { maxEventBytes }, (value) => value > 0);
}

/** Tools that cannot be told apart, and a wish for one that there is not. */
function checkTools({ tools = [], toolChoice }: StreamOptions): void {
  const names = new Set<string>();
  for (const tool of tools) {
    if (tool.type === "web-search") continue;
    if (names.has(tool.name)) {
      throw new CodexError("invalid_usage", `Two tools have the name "${tool.name}"`, {
        hint: "Give each a name of its own",
      });
    }
    names.add(tool.name);
    if (tool.type !== "custom") checkArguments(tool);
  }
  if (toolChoice === "required" && tools.length === 0) {
    throw new CodexError("invalid_usage", "A tool is required, and none was given", {
      hint: "Give `tools`, or leave the `toolChoice` out",
    });
  }
  if (typeof toolChoice !== "object" || names.has(toolChoice.name)) return;
  const [near] = nearest(toolChoice.name, [...names]);
  throw new CodexError("invalid_usage", `There is no tool "${toolChoice.name}" to choose`, {
    hint: near === undefined
      ? "Give it in `tools`"
      : `Name one of the \`tools\`, such as "${near}"`,
  });
}

/** The service takes arguments by their names, and so nothing but an object of them. */
function checkArguments({ name, parameters }: FunctionTool): void {
  if (parameters["type"] === "object") return;
  throw new CodexError(
    "schema_unsupported",
    `The service does not take the parameters of the tool "${name}": ` +
      'at "/type": the root must have the type "object"',
    { hint: "Make what it takes a property of an object" },
  );
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
