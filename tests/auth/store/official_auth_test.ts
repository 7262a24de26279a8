import assert from "node:assert/strict";
import { readOfficialAuth, UNKNOWN_EXPIRY_MS } from "../../../src/auth/store/official_auth.ts";
import { jwt } from "./support.ts";

const ACCESS = jwt({ exp: 1_800_000_000 });
const TOKENS = {
  id_token: jwt({}),
  access_token: ACCESS,
  refresh_token: "rt_1",
  oauth_provenance: { issuer: "https://auth.openai.com", client_id: "app_x" },
  account_id: "acct-1",
};

Deno.test("readOfficialAuth() reads a ChatGPT sign-in as 0.169.0 writes it", () => {
  const file = {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens: TOKENS,
    last_refresh: "2026-11-20T07:20:41.808036568Z",
  };
  assert.deepEqual(readOfficialAuth(file), {
    kind: "chatgpt",
    credentials: {
      type: "oauth",
      refresh: "rt_1",
      access: ACCESS,
      expires: 1_800_000_000_000,
      accountId: "acct-1",
    },
  });
});

Deno.test("readOfficialAuth() takes a ChatGPT sign-in over a key when the mode says so", () => {
  const file = { auth_mode: "chatgpt", OPENAI_API_KEY: "sk-example", tokens: TOKENS };
  assert.equal(readOfficialAuth(file)?.kind, "chatgpt");
  const older = { OPENAI_API_KEY: null, tokens: TOKENS };
  assert.equal(readOfficialAuth(older)?.kind, "chatgpt");
});

Deno.test("readOfficialAuth() uses a token whose expiry it cannot read", () => {
  const found = readOfficialAuth({ tokens: { access_token: "opaque", account_id: null } });
  assert.ok(found?.kind === "chatgpt" && found.credentials.type === "oauth");
  assert.equal(found.credentials.expires, UNKNOWN_EXPIRY_MS);
  assert.equal(new Date(UNKNOWN_EXPIRY_MS).toISOString(), "+275760-09-13T00:00:00.000Z");
  assert.equal(found.credentials.accountId, undefined);
});

Deno.test("readOfficialAuth() takes the account from the access token when the file names none", () => {
  const access = jwt({ "https://api.openai.com/auth": { chatgpt_account_id: "acct-2" } });
  const found = readOfficialAuth({ tokens: { access_token: access, account_id: null } });
  assert.ok(found?.kind === "chatgpt" && found.credentials.type === "oauth");
  assert.equal(found.credentials.accountId, "acct-2");
});

Deno.test("readOfficialAuth() tells an API key, nothing, and other kinds apart", () => {
  const key = { kind: "api-key", credentials: { type: "api", key: "sk-example" } };
  assert.deepEqual(readOfficialAuth({ auth_mode: "apikey", OPENAI_API_KEY: "sk-example" }), key);
  assert.deepEqual(readOfficialAuth({ OPENAI_API_KEY: "sk-example", tokens: TOKENS }), key);
  for (const empty of [{}, { auth_mode: "apikey" }, { auth_mode: "chatgpt", tokens: {} }]) {
    assert.deepEqual(readOfficialAuth(empty), { kind: "empty" });
  }
  const pat = { OPENAI_API_KEY: null, personal_access_token: "at-example" };
  assert.deepEqual(readOfficialAuth(pat), { kind: "other", what: "a personal access token" });
  assert.equal(readOfficialAuth({ auth_mode: "bedrockApiKey" })?.kind, "other");
  assert.equal(readOfficialAuth({ auth_mode: "somethingNew" })?.kind, "other");
});

Deno.test("readOfficialAuth() makes nothing of what is no object", () => {
  for (const value of [undefined, null, [], "x", 1]) {
    assert.equal(readOfficialAuth(value), undefined);
  }
});
