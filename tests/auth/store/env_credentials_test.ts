import assert from "node:assert/strict";
import { hasEnvCredentials, readEnvCredentials } from "../../../src/auth/store/env_credentials.ts";
import { UNKNOWN_EXPIRY_MS } from "../../../src/auth/store/official_auth.ts";
import type { Credentials } from "../../../src/base/credentials.ts";
import { isCodexError } from "../../../src/base/errors.ts";
import { jwt, signIn } from "./support.ts";

function read(variables: Record<string, string>, key: string = "openai"): Credentials | undefined {
  return readEnvCredentials((name) => variables[name], key);
}

function refused(variables: Record<string, string>): string {
  try {
    read(variables);
  } catch (error) {
    assert.ok(isCodexError(error, "invalid_usage"), String(error));
    assert.ok(error.hint);
    assert.ok(!JSON.stringify(error).includes("secret"), "the value is not repeated");
    return error.message;
  }
  return assert.fail("taken");
}

Deno.test("hasEnvCredentials() is true when a variable holds more than blanks", () => {
  assert.equal(hasEnvCredentials(() => undefined), false);
  assert.equal(hasEnvCredentials(() => " \n"), false);
  assert.equal(hasEnvCredentials((name) => name === "CODEX_AUTH_JSON" ? "{}" : undefined), true);
  assert.equal(hasEnvCredentials((name) => name === "CODEX_ACCESS_TOKEN" ? "x" : undefined), true);
});

Deno.test("readEnvCredentials() gives nothing when nothing is set", () => {
  assert.equal(read({}), undefined);
  assert.equal(read({ CODEX_ACCESS_TOKEN: "", CODEX_AUTH_JSON: " " }), undefined);
});

Deno.test("readEnvCredentials() reads expiry and account from an access token", () => {
  const access = jwt({
    exp: 1_800_000_000,
    "https://api.openai.com/auth": { chatgpt_account_id: "acct-1" },
  });
  assert.deepEqual(read({ CODEX_ACCESS_TOKEN: `${access}\n` }), {
    type: "oauth",
    refresh: "",
    access,
    expires: 1_800_000_000_000,
    accountId: "acct-1",
  });
});

Deno.test("readEnvCredentials() takes a token that tells nothing for one that does not expire", () => {
  assert.deepEqual(read({ CODEX_ACCESS_TOKEN: "opaque" }), {
    type: "oauth",
    refresh: "",
    access: "opaque",
    expires: UNKNOWN_EXPIRY_MS,
  });
});

Deno.test("readEnvCredentials() refuses in words what is no ChatGPT access token", () => {
  assert.match(refused({ CODEX_ACCESS_TOKEN: "at-secret" }), /holds a personal access token/);
  assert.match(refused({ CODEX_ACCESS_TOKEN: "sk-secret" }), /holds an API key/);
  for (const value of ["two secrets", "secret\nlines", "sécret", '{"secret":1}']) {
    assert.match(refused({ CODEX_ACCESS_TOKEN: value }), /holds no access token/);
  }
});

Deno.test("readEnvCredentials() takes an entry, a whole file, or the official tool's file", () => {
  const entry = JSON.stringify(signIn(1));
  const file = JSON.stringify({ anthropic: {}, openai: signIn(1), "openai@work": signIn(2) });
  const access = jwt({ exp: 1_800_000_000 });
  const tokens = { access_token: access, refresh_token: "rt_1", account_id: "acct-1" };
  assert.deepEqual(read({ CODEX_AUTH_JSON: entry }), signIn(1));
  assert.deepEqual(read({ CODEX_AUTH_JSON: file }), signIn(1));
  assert.deepEqual(read({ CODEX_AUTH_JSON: file }, "openai@work"), signIn(2));
  assert.deepEqual(read({ CODEX_AUTH_JSON: JSON.stringify({ auth_mode: "chatgpt", tokens }) }), {
    type: "oauth",
    refresh: "rt_1",
    access,
    expires: 1_800_000_000_000,
    accountId: "acct-1",
  });
  assert.deepEqual(read({ CODEX_AUTH_JSON: '{"type":"api","key":"sk-example"}' }), {
    type: "api",
    key: "sk-example",
  });
  assert.deepEqual(read({ CODEX_AUTH_JSON: '{"auth_mode":"apikey","OPENAI_API_KEY":"sk-x"}' }), {
    type: "api",
    key: "sk-x",
  });
});

Deno.test("readEnvCredentials() refuses in words JSON that is no sign-in", () => {
  for (
    const [json, pattern] of [
      ['{"secret', /holds no JSON object/],
      ['["secret"]', /holds no JSON object/],
      ['{"type":"wellknown","token":"secret"}', /no sign-in of a kind known here/],
      ['{"anthropic":{"key":"secret"}}', /holds no sign-in under "openai"/],
      ['{"openai":{"type":"oauth","refresh":"secret"}}', /holds no sign-in under "openai"/],
      ['{"tokens":{}}', /is empty/],
      ['{"auth_mode":"personalAccessToken"}', /holds a personal access token/],
    ] as const
  ) {
    assert.match(refused({ CODEX_AUTH_JSON: json }), pattern);
  }
});

Deno.test("readEnvCredentials() refuses to choose between two sign-ins", () => {
  const message = refused({ CODEX_ACCESS_TOKEN: "secret", CODEX_AUTH_JSON: "{}" });
  assert.match(message, /both set/);
});
