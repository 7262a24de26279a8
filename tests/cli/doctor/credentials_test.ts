import assert from "node:assert/strict";
import { marked } from "../../../src/auth/refresh.ts";
import { systemClock } from "../../../src/base/clock.ts";
import type {
  Credentials,
  CredentialStore,
  OAuthCredentials,
} from "../../../src/base/credentials.ts";
import { CodexError } from "../../../src/base/errors.ts";
import { memoryStore } from "../../../src/base/memory_store.ts";
import { checkCredentials } from "../../../src/cli/doctor/credentials.ts";
import type { Finding } from "../../../src/cli/doctor/finding.ts";
import { placeOf, type PlaceOptions } from "../../../src/client/place.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { TempDir } from "../../support/temp_dir.ts";

const NOW = Date.parse("2027-01-15T08:00:00Z");
const HOUR = 3_600_000;
const SIGN_IN: OAuthCredentials = {
  type: "oauth",
  refresh: "rt_secret_refresh",
  access: "secret-access-token",
  expires: NOW + 10 * HOUR,
  accountId: "acct-secret",
};
const KEY: Credentials = { type: "api", key: "sk-secret-key" };

/** What the doctor finds at a place. Nothing that it says may hold a secret or name anybody. */
async function findings(
  options: PlaceOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Finding[]> {
  const warnings: string[] = [];
  const place = placeOf({
    clock: new ManualClock(),
    env: (name) => env[name],
    onWarning: (message) => void warnings.push(message),
    ...options,
  });
  const found = await checkCredentials({
    ...place,
    takeWarnings: () => warnings.splice(0),
    signal: new AbortController().signal,
  });
  assert.doesNotMatch(JSON.stringify(found), /secret/);
  return found;
}

/** The same for a file with a sign-in. */
async function inFile(
  content: Credentials | string,
  env: Readonly<Record<string, string>> = {},
  options: PlaceOptions = {},
): Promise<readonly Finding[]> {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("codex"), { mode: 0o700 });
  const text = typeof content === "string" ? content : JSON.stringify({ openai: content });
  const authFile = await dir.write("codex/auth.json", text, 0o600);
  return await findings({ authFile, ...options }, env);
}

function about(found: readonly Finding[], name: string): Finding | undefined {
  return found.find((finding) => finding.about === name);
}

Deno.test("checkCredentials() finds a good sign-in, in the order of the place, the lock, the token", async () => {
  const found = await inFile(SIGN_IN);
  assert.deepEqual(found.map((finding) => [finding.about, finding.severity]), [
    ["file", "ok"],
    ["mode", "ok"],
    ["lock", "ok"],
    ["sign-in", "ok"],
  ]);
  assert.match(
    about(found, "sign-in")?.text ?? "",
    /^the access token is good until .* \(in 10 h\) and renewed shortly before$/,
  );
});

const AGES: readonly (readonly [lifetime: number, said: RegExp])[] = [
  [60_000, /^the access token ends .* \(in 1 min\); the next use renews it$/],
  [-60_000, /^the access token ended .* \(1 min ago\); the next use renews it$/],
];

for (const [lifetime, said] of AGES) {
  Deno.test(`checkCredentials() says what comes next when the token ends in ${lifetime} ms`, async () => {
    const finding = about(await inFile({ ...SIGN_IN, expires: NOW + lifetime }), "sign-in");
    assert.equal(finding?.severity, "ok");
    assert.match(finding?.text ?? "", said);
  });
}

Deno.test("checkCredentials() says that a token cannot be renewed before the lock works", async () => {
  await using dir = await TempDir.make();
  const expired = { ...SIGN_IN, expires: NOW - 60_000 };
  const authFile = await dir.write("auth.json", JSON.stringify({ openai: expired }), 0o600);
  await Deno.mkdir(`${authFile}.lock`);
  const found = await findings({ authFile });
  assert.equal(about(found, "lock")?.severity, "problem");
  assert.equal(about(found, "lock")?.code, "store_unavailable");
  const next = about(found, "sign-in");
  assert.equal(next?.severity, "note", "one problem is told once");
  assert.match(
    next?.text ?? "",
    /ended .*, and cannot be renewed before the problem above is mended$/,
  );
});

Deno.test("checkCredentials() says that a sign-in is over, and what mends it", async () => {
  const over = about(await inFile(await marked(SIGN_IN, "invalid_grant", NOW)), "sign-in");
  assert.equal(over?.severity, "problem");
  assert.equal(over?.code, "sign_in_expired");
  assert.equal(over?.text, "The sign-in is over (invalid_grant)");
  assert.match(over?.hint ?? "", /codex login$/);
});

Deno.test("checkCredentials() finds nobody signed in, with and without a file", async () => {
  await using dir = await TempDir.make();
  const none = await findings({ authFile: dir.join("auth.json") });
  assert.deepEqual(none.map(({ about, severity }) => [about, severity]), [
    ["file", "note"],
    ["sign-in", "problem"],
  ]);
  assert.equal(about(none, "sign-in")?.code, "not_signed_in");
  assert.deepEqual(await dir.list(), [], "nothing was made");
  const other = await inFile(SIGN_IN, {}, { profile: "other" });
  assert.equal(about(other, "sign-in")?.code, "not_signed_in");
});

Deno.test("checkCredentials() says why the file cannot be used", async () => {
  // A damaged file is looked at again after a moment, which a clock that stands still has not.
  const found = about(await inFile('{"openai":', {}, { clock: systemClock }), "sign-in");
  assert.equal(found?.severity, "problem");
  assert.equal(found?.code, "store_unavailable");
  assert.match(found?.text ?? "", /it is no JSON object$/);
});

Deno.test("checkCredentials() says where a sign-in belongs when it is sent elsewhere", async () => {
  const env = { CODEX_ISSUER_URL: "https://issuer.example" };
  const found = about(await inFile(SIGN_IN, env), "sign-in");
  assert.equal(found?.code, "sign_in_rejected");
  assert.match(found?.text ?? "", /belongs to https:\/\/auth\.openai\.com and is not sent to/);
});

Deno.test("checkCredentials() has what the store warns of", async () => {
  await using dir = await TempDir.make();
  const authFile = await dir.write("auth.json", JSON.stringify({ openai: SIGN_IN }), 0o644);
  await Deno.chmod(authFile, 0o644);
  const found = await findings({ authFile });
  assert.equal(about(found, "mode"), undefined, "told by the warning");
  const warning = found.find(({ severity }) => severity === "note");
  assert.match(warning?.text ?? "", /open to other users \(mode 644\): tightened to 600$/);
  assert.equal(about(await findings({ authFile }), "mode")?.text, "0600, owned by this user");
});

Deno.test("checkCredentials() says of an API key that it is billed", async () => {
  const found = await inFile(KEY, { OPENAI_API_KEY: "sk-secret-other" });
  assert.deepEqual(found.map(({ about }) => about), ["file", "mode", "sign-in"]);
  assert.match(about(found, "sign-in")?.text ?? "", /an API key, which is billed/);
});

Deno.test("checkCredentials() says of keys in the environment that they are not used", async () => {
  const found = await inFile(SIGN_IN, { OPENAI_API_KEY: "sk-secret", CODEX_API_KEY: "sk-secret" });
  assert.deepEqual(
    found.filter(({ about }) => about === "billing").map(({ text }) => text),
    [
      "CODEX_API_KEY is set, and not used without --auth api-key",
      "OPENAI_API_KEY is set, and not used without --auth api-key",
    ],
  );
});

Deno.test("checkCredentials() names the variable that a sign-in comes from, and who renews it", async () => {
  const CODEX_AUTH_JSON = JSON.stringify(SIGN_IN);
  const plain = await findings({}, { CODEX_AUTH_JSON });
  assert.equal(plain[0]?.text, "the environment (CODEX_AUTH_JSON), not renewed");
  assert.match(about(plain, "sign-in")?.text ?? "", / and not renewed then$/);
  await using dir = await TempDir.make();
  const rotateTo = dir.join("rotated.json");
  const rotated = await findings({ rotateTo }, { CODEX_AUTH_JSON });
  assert.match(rotated[0]?.text ?? "", /renewed to the file of --rotate-to$/);
  assert.equal(about(rotated, "lock")?.severity, "ok", "its place is proven too");
  const token = await findings({}, { CODEX_ACCESS_TOKEN: "secret.access.token" });
  assert.equal(token[0]?.text, "the environment (CODEX_ACCESS_TOKEN), not renewed");
});

Deno.test("checkCredentials() says in words that a sign-in of the environment has expired", async () => {
  const CODEX_AUTH_JSON = JSON.stringify({ ...SIGN_IN, expires: NOW });
  const found = about(await findings({}, { CODEX_AUTH_JSON }), "sign-in");
  assert.equal(found?.severity, "problem");
  assert.equal(found?.code, "sign_in_expired");
  assert.match(found?.hint ?? "", /--rotate-to FILE/);
});

Deno.test("checkCredentials() says that a sign-in is borrowed, and reads it alone", async () => {
  await using dir = await TempDir.make();
  const tokens = { access_token: "secret.access.token", refresh_token: "rt_secret" };
  await dir.write("auth.json", JSON.stringify({ auth_mode: "chatgpt", tokens }), 0o600);
  const found = await findings({ auth: "codex-cli" }, { CODEX_HOME: dir.path });
  assert.match(found[0]?.text ?? "", /official tool's file, only read/);
  assert.match(about(found, "sign-in")?.text ?? "", / and not renewed then$/);
  assert.deepEqual(await dir.list(), ["auth.json"]);
});

Deno.test("checkCredentials() takes a key of the environment that was asked for", async () => {
  const found = await findings({ auth: "api-key" }, { OPENAI_API_KEY: "sk-secret" });
  assert.deepEqual(found.map(({ severity }) => severity), ["note", "ok"]);
  assert.equal(found[0]?.text, "the environment (an API key), not renewed");
});

Deno.test("checkCredentials() takes a store of the caller, whatever it throws", async () => {
  const found = await findings({ store: memoryStore(SIGN_IN) });
  assert.equal(found[0]?.text, "a store of the caller");
  const store: CredentialStore = {
    read: () =>
      Promise.reject(new CodexError("store_unavailable", "No vault", { hint: "Open it" })),
    update: () => Promise.reject(new Error("not asked")),
  };
  assert.deepEqual(about(await findings({ store }), "sign-in"), {
    about: "sign-in",
    severity: "problem",
    text: "No vault",
    hint: "Open it",
    code: "store_unavailable",
  });
  const bug = { ...store, read: () => Promise.reject(new TypeError("a mistake")) };
  const told = about(await findings({ store: bug }), "sign-in");
  assert.deepEqual([told?.severity, told?.code], ["problem", "store_unavailable"]);
});
