/** A sign-in from the environment, as a job in CI has it. Pure. */
import type { Credentials } from "../../base/credentials.ts";
import { CodexError } from "../../base/errors.ts";
import { isObject, parseJson } from "../../base/json.ts";
import type { Env } from "../../base/platform.ts";
import { readClaims } from "../claims.ts";
import { readCredentials } from "./auth_file.ts";
import { readOfficialAuth, UNKNOWN_EXPIRY_MS } from "./official_auth.ts";

/** Holds an access token and nothing else. */
export const ACCESS_TOKEN_VARIABLE = "CODEX_ACCESS_TOKEN";

/** Holds a whole sign-in as JSON. */
export const AUTH_JSON_VARIABLE = "CODEX_AUTH_JSON";

/** Whether the environment holds a sign-in. */
export function hasEnvCredentials(env: Env): boolean {
  return valueOf(env, ACCESS_TOKEN_VARIABLE) !== "" || valueOf(env, AUTH_JSON_VARIABLE) !== "";
}

/**
 * Reads the sign-in from the environment.
 *
 * @param env Reads a variable.
 * @param key The entry to take when it holds a whole credential file.
 * @returns The sign-in; `undefined` when there is none. One from an access token alone has an
 * empty refresh token.
 * @throws CodexError `invalid_usage` when a variable holds something else; no message repeats it.
 */
export function readEnvCredentials(env: Env, key: string): Credentials | undefined {
  const token = valueOf(env, ACCESS_TOKEN_VARIABLE);
  const json = valueOf(env, AUTH_JSON_VARIABLE);
  if (token !== "" && json !== "") {
    throw new CodexError(
      "invalid_usage",
      `${ACCESS_TOKEN_VARIABLE} and ${AUTH_JSON_VARIABLE} are both set`,
      { hint: "Unset one of them" },
    );
  }
  if (token !== "") return fromToken(token);
  return json === "" ? undefined : fromJson(json, key);
}

function valueOf(env: Env, name: string): string {
  return env(name)?.trim() ?? "";
}

function fromToken(access: string): Credentials {
  if (access.startsWith("at-")) {
    throw unfit(ACCESS_TOKEN_VARIABLE, "holds a personal access token, which is not taken here");
  }
  if (access.startsWith("sk-")) {
    throw unfit(ACCESS_TOKEN_VARIABLE, "holds an API key and no access token");
  }
  // What cannot stand in a header is no token: most often the file's JSON, or two lines.
  if (!/^[\x21-\x7e]+$/.test(access) || access.startsWith("{")) {
    throw unfit(ACCESS_TOKEN_VARIABLE, "holds no access token");
  }
  const { expiresAt, accountId } = readClaims(access);
  return {
    type: "oauth",
    refresh: "",
    access,
    expires: expiresAt ?? UNKNOWN_EXPIRY_MS,
    ...(accountId === undefined ? {} : { accountId }),
  };
}

function fromJson(json: string, key: string): Credentials {
  const value = parseJson(json);
  if (!isObject(value)) throw unfit(AUTH_JSON_VARIABLE, "holds no JSON object");
  if ("type" in value) {
    return readCredentials(value) ?? fail(`holds no sign-in of a kind known here`);
  }
  if ("auth_mode" in value || "tokens" in value || "OPENAI_API_KEY" in value) {
    const found = readOfficialAuth(value);
    if (found?.kind === "chatgpt" || found?.kind === "api-key") return found.credentials;
    fail(found?.kind === "other" ? `holds ${found.what}, which is not taken here` : "is empty");
  }
  return readCredentials(value[key]) ?? fail(`holds no sign-in under "${key}"`);
}

function fail(why: string): never {
  throw unfit(AUTH_JSON_VARIABLE, why);
}

function unfit(variable: string, why: string): CodexError {
  return new CodexError("invalid_usage", `${variable} ${why}`, {
    hint: variable === AUTH_JSON_VARIABLE
      ? "Give the credential file's whole content, or the entry alone"
      : `Give a ChatGPT access token, or a whole sign-in in ${AUTH_JSON_VARIABLE}`,
  });
}
