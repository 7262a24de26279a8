/** Whether something is a sign-in: for stores and callers whose types nobody has held them to. */
import type { Credentials } from "./credentials.ts";
import { CodexError } from "./errors.ts";
import { isObject } from "./json.ts";

/** The members that each kind of sign-in cannot be without, and their types. */
const NEEDED: Readonly<Record<Credentials["type"], Readonly<Record<string, string>>>> = {
  oauth: { refresh: "string", access: "string", expires: "number" },
  api: { key: "string" },
};

/** Members that may be there. */
const TEXTS: readonly string[] = ["accountId", "enterpriseUrl", "issuer", "baseUrl"];

/**
 * What keeps something from being a sign-in.
 *
 * @param value Anything.
 * @returns It as the end of a sentence, never with the value; `undefined` for a sign-in.
 */
export function credentialsProblem(value: unknown): string | undefined {
  if (!isObject(value)) return "it is no object";
  const { type } = value;
  if (type !== "oauth" && type !== "api") return 'its type is neither "oauth" nor "api"';
  for (const [name, wanted] of Object.entries(NEEDED[type])) {
    const given = value[name];
    if (typeof given !== wanted || Number.isNaN(given)) {
      return `its "${name}" is no ${wanted === "string" ? "text" : "number"}`;
    }
  }
  // A database may well give null for what is not there.
  const odd = TEXTS.find((name) => typeof (value[name] ?? "") !== "string");
  return odd === undefined ? undefined : `its "${odd}" is no text`;
}

/**
 * Refuses what is no sign-in, before a store keeps it.
 *
 * @param value Anything.
 * @param what What to call it.
 * @throws CodexError `invalid_usage`.
 */
export function checkCredentials(value: unknown, what: string): asserts value is Credentials {
  const problem = credentialsProblem(value);
  if (problem === undefined) return;
  throw new CodexError("invalid_usage", `${what} is no sign-in: ${problem}`, {
    hint: 'Give { type: "oauth", refresh, access, expires } or { type: "api", key }',
  });
}

/**
 * Refuses what no update of a store can decide, before anything is kept.
 *
 * @param decided What the callback gave.
 * @param current What it was given: no change, and so not looked at.
 * @throws CodexError `invalid_usage`.
 */
export function checkUpdate(decided: unknown, current: Credentials | undefined): void {
  // Left out by mistake it must not sign anybody out.
  if (!isObject(decided) || !("next" in decided)) {
    throw new CodexError("invalid_usage", "The callback of an update has decided nothing", {
      hint: "Let it give { next, value }",
    });
  }
  const { next } = decided;
  if (next !== undefined && next !== current) checkCredentials(next, "What an update shall keep");
}
