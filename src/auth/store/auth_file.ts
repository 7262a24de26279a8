/**
 * The credential file as text: opencode's shape, an object keyed by provider, with our sign-in
 * under `openai` and those of other profiles under `openai@NAME`. Pure.
 *
 * Whatever is not ours stays as it is, character for character: see `json_members.ts`.
 */
import type { Credentials, OAuthCredentials, ReauthMark } from "../../base/credentials.ts";
import { CodexError } from "../../base/errors.ts";
import { isObject, type JsonObject, numberAt, stringAt } from "../../base/json.ts";
import {
  EMPTY_OBJECT,
  type Layout,
  layoutOf,
  membersOf,
  memberText,
  nested,
  parseText,
  PRETTY,
  withMember,
  withoutMember,
} from "./json_members.ts";

/** The profile that is meant when none is named. */
export const DEFAULT_PROFILE = "default";

const PROVIDER = "openai";

/** Whether a text can be the name of a profile. */
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,64}$/.test(name);
}

/**
 * The key under which a profile's sign-in is kept.
 *
 * @param profile The profile's name; absent or `default` for the one without a name.
 * @throws CodexError `invalid_usage` for a name that cannot be one.
 */
export function providerKey(profile: string = DEFAULT_PROFILE): string {
  if (!isProfileName(profile)) {
    throw new CodexError("invalid_usage", `"${profile}" cannot be the name of a profile`, {
      hint: "Use 1 to 64 letters, digits, dots, underscores and hyphens",
    });
  }
  return profile === DEFAULT_PROFILE ? PROVIDER : `${PROVIDER}@${profile}`;
}

/** The profiles that have an entry in a file, in its order. */
export function profilesIn(text: string): readonly string[] {
  const names = (membersOf(text) ?? []).flatMap(({ key }) => {
    if (key === PROVIDER) return [DEFAULT_PROFILE];
    const name = key.startsWith(`${PROVIDER}@`) ? key.slice(PROVIDER.length + 1) : "";
    return isProfileName(name) && name !== DEFAULT_PROFILE ? [name] : [];
  });
  return [...new Set(names)];
}

/** What a file holds under a key. */
export type Entry =
  | {
    /** The file can be used. */
    readonly usable: true;
    /** The sign-in, if there is one. */
    readonly credentials: Credentials | undefined;
    /** The entry's own text, if there is one: it tells whether anybody has changed it. */
    readonly raw: string | undefined;
  }
  | {
    /** The file is damaged or somebody else's, and is not to be written. */
    readonly usable: false;
    /** Why, as the end of a sentence. */
    readonly why: string;
  };

/**
 * Reads an entry.
 *
 * @param text The file's text; blank counts as a file without entries, as nothing is lost with it.
 * @param key The entry's key.
 */
export function readEntry(text: string, key: string): Entry {
  if (isBlank(text)) return { usable: true, credentials: undefined, raw: undefined };
  if (!isObject(parseText(text))) {
    return { usable: false, why: "it is damaged or something else: it is no JSON object" };
  }
  const raw = memberText(text, key);
  if (raw === undefined) return { usable: true, credentials: undefined, raw };
  const credentials = readCredentials(parseText(raw));
  if (credentials !== undefined) return { usable: true, credentials, raw };
  return { usable: false, why: `its entry "${key}" is no sign-in of a kind known here` };
}

/**
 * Reads a sign-in.
 *
 * @param value An entry of the file, from anybody.
 * @returns The sign-in with the members known here; `undefined` when it is something else.
 */
export function readCredentials(value: unknown): Credentials | undefined {
  if (!isObject(value)) return undefined;
  const baseUrl = optional(value, "baseUrl");
  if (stringAt(value, "type") === "api") {
    const key = stringAt(value, "key");
    return key === undefined ? undefined : { type: "api", key, ...baseUrl };
  }
  return stringAt(value, "type") === "oauth" ? readOAuth(value, baseUrl) : undefined;
}

function readOAuth(
  value: JsonObject,
  baseUrl: { readonly baseUrl?: string },
): OAuthCredentials | undefined {
  const [refresh, access] = [stringAt(value, "refresh"), stringAt(value, "access")];
  const expires = numberAt(value, "expires");
  if (refresh === undefined || access === undefined || expires === undefined) return undefined;
  const reauth = readMark(value["reauth"]);
  return {
    type: "oauth",
    refresh,
    access,
    expires,
    ...optional(value, "accountId"),
    ...optional(value, "enterpriseUrl"),
    ...optional(value, "issuer"),
    ...baseUrl,
    ...(reauth === undefined ? {} : { reauth }),
  };
}

function optional<K extends string>(value: JsonObject, key: K): { readonly [P in K]?: string } {
  const text = stringAt(value, key);
  // The type of a computed key is widened to `string`; it is `K` here.
  return text === undefined ? {} : { [key]: text } as { [P in K]: string };
}

function readMark(value: unknown): ReauthMark | undefined {
  if (!isObject(value)) return undefined;
  const [code, at, hash] = [stringAt(value, "code"), stringAt(value, "at"), stringAt(value, "for")];
  if (code === undefined || at === undefined || hash === undefined) return undefined;
  return { code, at, for: hash, ...optional(value, "from") };
}

/**
 * Changes an entry, and nothing else.
 *
 * Members of the entry that are not known here are kept, as are the texts of values that do not
 * change.
 *
 * @param text The file's text, which {@linkcode readEntry} found usable.
 * @param key The entry's key.
 * @param next The sign-in; `undefined` takes the entry out.
 * @returns The file's new text.
 */
export function writeEntry(text: string, key: string, next: Credentials | undefined): string {
  if (isBlank(text)) {
    return next === undefined ? text : writeEntry(`${EMPTY_OBJECT}\n`, key, next);
  }
  if (next === undefined) return withoutMember(text, key);
  const layout = layoutOf(text, PRETTY);
  const entry = entryText(memberText(text, key) ?? EMPTY_OBJECT, next, nested(layout));
  return withMember(text, key, entry, layout);
}

/** The members known here and their types, in the order of a new entry: opencode's first. */
const KNOWN: readonly (readonly [key: string, type: "string" | "number" | "object"])[] = [
  ["type", "string"],
  ["refresh", "string"],
  ["access", "string"],
  ["expires", "number"],
  ["key", "string"],
  ["accountId", "string"],
  ["enterpriseUrl", "string"],
  ["issuer", "string"],
  ["baseUrl", "string"],
  ["reauth", "object"],
];

function entryText(old: string, next: Credentials, layout: Layout): string {
  const members = new Map<string, unknown>(Object.entries(next));
  let text = old;
  for (const [key, type] of KNOWN) {
    const value = members.get(key);
    const before = memberText(text, key);
    if (value !== undefined) {
      if (!isSame(before, value)) text = withMember(text, key, JSON.stringify(value), layout);
    } else if (before !== undefined && typeof parseText(before) === type) {
      // One of another type was never read, so its absence in `next` says nothing about it.
      text = withoutMember(text, key);
    }
  }
  return text;
}

/** Whether a member's text already says this, perhaps in other words such as `1e3`. */
function isSame(text: string | undefined, value: unknown): boolean {
  return text !== undefined && typeof value !== "object" && parseText(text) === value;
}

function isBlank(text: string): boolean {
  return /^\uFEFF?[ \t\r\n]*$/.test(text);
}
