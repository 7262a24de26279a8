/** Tells a client's options from those of a call, and what is wrong with either. */
import type { LoginMethod } from "../auth/login.ts";
import { CodexError } from "../base/errors.ts";
import { isObject, isPlainObject } from "../base/json.ts";
import {
  allOptional,
  BOOLEAN,
  check,
  checkNames,
  FUNCTION,
  type Kind,
  list,
  type Members,
  NUMBER,
  OBJECT,
  shape,
  SIGNAL,
  TEXT,
  TIME,
} from "../responses/members.ts";
import type { ClientOptions } from "./options.ts";

const ADDRESS: Kind = {
  what: "text or a URL",
  is: (value) => typeof value === "string" || value instanceof URL,
};

/** A client's options by name, each with what it has to be: the one list of them. */
const CLIENT_MEMBERS: Readonly<Record<keyof ClientOptions, Kind>> = allOptional({
  store: shape({ read: FUNCTION, update: FUNCTION }, {
    what: "a store",
    hint: "Give fileStore(), memoryStore(), or another one with read() and update()",
  }),
  profile: TEXT,
  fetch: { ...FUNCTION, hint: "Give a function like the platform's fetch, or leave it out" },
  clock: shape({ now: FUNCTION, after: FUNCTION }),
  issuer: ADDRESS,
  baseUrl: ADDRESS,
  apiBaseUrl: ADDRESS,
  originator: TEXT,
  signal: SIGNAL,
  onWarning: FUNCTION,
});

const CLIENT_NAMES: readonly string[] = Object.keys(CLIENT_MEMBERS);

/** The members of a union, whichever of its types they are of. */
type KeyOfAny<U> = U extends unknown ? keyof U : never;

/** What `login()` takes by whichever way; what the way itself needs is checked with it. */
export const LOGIN_MEMBERS: Readonly<
  Record<KeyOfAny<LoginMethod> | "workspaces" | "signal", Kind>
> = allOptional({
  method: { what: "a way to sign in", is: () => true },
  onUrl: FUNCTION,
  paste: FUNCTION,
  onPasteProblem: FUNCTION,
  describe: FUNCTION,
  ports: list(NUMBER, "a list of ports"),
  timeoutMs: TIME,
  onCode: FUNCTION,
  key: { what: "text, or a function that asks for it", is: isTextOrFunction },
  workspaces: list(TEXT, "a list of ids"),
  signal: SIGNAL,
});

/** What `models()` takes. */
export const MODELS_MEMBERS: Members = allOptional({ refresh: BOOLEAN, signal: SIGNAL });
/** What `limits()` takes. */
export const LIMITS_MEMBERS: Members = allOptional({ signal: SIGNAL });
/** What `logout()` takes. */
export const LOGOUT_MEMBERS: Members = allOptional({ revoke: BOOLEAN, signal: SIGNAL });
/** What `refresh()` takes. */
export const REFRESH_MEMBERS: Members = allOptional({ force: BOOLEAN, signal: SIGNAL });

function isTextOrFunction(value: unknown): boolean {
  return typeof value === "string" || typeof value === "function";
}

/**
 * Checks a client's options. What is no plain object, such as a simulator, may have more members.
 *
 * @throws CodexError `invalid_usage`.
 */
export function checkClientOptions(options: unknown): void {
  check(options, OBJECT, "options");
  const members = Object(options);
  if (isPlainObject(members)) checkNames(members, CLIENT_NAMES, "options");
  check(options, shape(CLIENT_MEMBERS), "options");
}

/**
 * Checks the options of a call.
 *
 * @param options The caller's.
 * @param members What it takes.
 * @throws CodexError `invalid_usage`.
 */
export function checkCallOptions(options: unknown, members: Members): void {
  check(options, OBJECT, "options");
  const misplaced = Object.entries(Object(options)).find(([name, value]) =>
    value !== undefined && CLIENT_NAMES.includes(name) && !Object.hasOwn(members, name)
  );
  if (misplaced !== undefined) {
    const [name] = misplaced;
    throw new CodexError("invalid_usage", `options.${name} is an option of the whole client`, {
      hint: "Give it to createClient()",
    });
  }
  // The client's are among them for those who mixed both, and are near to what they meant.
  checkNames(Object(options), [...Object.keys(members), ...CLIENT_NAMES], "options");
  check(options, shape(members), "options");
}

/**
 * Takes the client's options out of those of a call that was given both. The signal ends the call:
 * nobody else has the client.
 *
 * @param options Both; what is no object goes to the call, which tells of it.
 */
export function parted<O extends object>(
  options: O & ClientOptions,
): { readonly client: ClientOptions; readonly call: O } {
  if (!isObject(options)) return { client: {}, call: options };
  const { store, profile, fetch, clock, issuer, baseUrl, apiBaseUrl, originator, onWarning } =
    options;
  const mine = new Set<string>(CLIENT_NAMES.filter((name) => name !== "signal"));
  const rest = Object.entries(options).filter(([name]) => !mine.has(name));
  return {
    client: { store, profile, fetch, clock, issuer, baseUrl, apiBaseUrl, originator, onWarning },
    // What is left of them is the call's own.
    call: Object.fromEntries(rest) as O,
  };
}
