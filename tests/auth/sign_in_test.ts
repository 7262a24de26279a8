import assert from "node:assert/strict";
import {
  completeSignIn,
  proveStore,
  saveApiKey,
  type SignInOptions,
} from "../../src/auth/sign_in.ts";
import { marked } from "../../src/auth/refresh.ts";
import { fileStore } from "../../src/auth/store/file_store.ts";
import type { AuthorizationCode } from "../../src/auth/token_endpoint.ts";
import type { Credentials, CredentialStore } from "../../src/base/credentials.ts";
import { CodexError, exitCodeFor, isCodexError } from "../../src/base/errors.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import { AUTH_CLAIM } from "../../src/protocol/claims.ts";
import type { Addresses } from "../../src/protocol/endpoints.ts";
import { fail, type Handler, hang, json, text } from "../support/scripted_fetch.ts";
import { TempDir } from "../support/temp_dir.ts";
import { AuthDesk, CANCELLED } from "./auth_desk.ts";
import {
  accessToken,
  assertSilent,
  DAY,
  failure,
  NOW,
  PRODUCTION,
  signIn,
  STAND_IN,
  token,
} from "./sign_ins.ts";

const GRANT: AuthorizationCode = {
  code: "ac_secret_code",
  codeVerifier: "verifier-secret-0123456789",
  redirectUri: "http://127.0.0.1:1455/auth/callback",
};
const OLD = signIn("old", NOW + DAY);
const ACCESS = accessToken("new", NOW + 10 * DAY);
const ID = token({
  email: "a@example.test",
  exp: 1,
  [AUTH_CLAIM]: {
    chatgpt_account_id: "acct-1",
    chatgpt_plan_type: "Team",
    organizations: [{ id: "org-1", title: "One" }, { id: "org-2" }],
  },
});
const TOKENS = { id_token: ID, access_token: ACCESS, refresh_token: "rt_secret_new" };
const SECRETS = [GRANT.code, GRANT.codeVerifier, "rt_secret", ACCESS, ID, "sk-secret"];

/** What a sign-in works with. */
class Desk extends AuthDesk {
  readonly options: SignInOptions;

  constructor(handlers: readonly Handler[], more: Partial<SignInOptions> = {}) {
    super(OLD, ...handlers);
    this.options = { ...this.parts(), signal: this.controller.signal, ...more };
  }
}

Deno.test("completeSignIn() exchanges the code at the issuer in force, once", async () => {
  for (const addresses of [PRODUCTION, STAND_IN]) {
    const desk = new Desk([json(TOKENS)], { addresses });
    await completeSignIn(GRANT, desk.options);
    assert.deepEqual(desk.net.requests.map(({ url }) => url.href), [
      `${addresses.issuer}/oauth/token`,
    ]);
    const form = new URLSearchParams(desk.net.request(0).body);
    assert.equal(form.get("code"), GRANT.code);
    assert.equal(form.get("code_verifier"), GRANT.codeVerifier);
    assert.equal(form.get("redirect_uri"), GRANT.redirectUri);
  }
});

const HOMES: readonly (readonly [what: string, Addresses, Record<string, string>])[] = [
  ["in production", PRODUCTION, {}],
  ["at a stand-in", STAND_IN, { issuer: STAND_IN.issuer, baseUrl: STAND_IN.baseUrl }],
  ["with another base URL", { ...PRODUCTION, baseUrl: STAND_IN.baseUrl }, {
    issuer: PRODUCTION.issuer,
    baseUrl: STAND_IN.baseUrl,
  }],
];

for (const [what, addresses, home] of HOMES) {
  Deno.test(`completeSignIn() saves what opencode's shape has a place for, ${what}`, async () => {
    const desk = new Desk([json({ ...TOKENS, expires_in: 60 })], { addresses });
    await completeSignIn(GRANT, desk.options);
    assert.deepEqual(desk.shared.held, {
      type: "oauth",
      refresh: "rt_secret_new",
      access: ACCESS,
      expires: NOW + 10 * DAY,
      accountId: "acct-1",
      ...home,
    });
  });
}

Deno.test("completeSignIn() shows what the id token says, this once", async () => {
  const desk = new Desk([json(TOKENS)]);
  assert.deepEqual(await completeSignIn(GRANT, desk.options), {
    method: "chatgpt",
    state: "valid",
    accountId: "acct-1",
    plan: "team",
    expiresAt: "2027-01-25T08:00:00.000Z",
    issuer: "https://auth.openai.com",
    email: "a@example.test",
    workspaces: [{ id: "org-1", title: "One" }, { id: "org-2", title: undefined }],
  });
  assert.doesNotMatch(JSON.stringify(desk.shared.held), /example\.test|org-1/);
});

Deno.test("completeSignIn() falls back on the access token, and does without any claims", async () => {
  const { id_token: _, ...unnamed } = TOKENS;
  const desk = new Desk([json(unnamed)]);
  const account = await completeSignIn(GRANT, desk.options);
  assert.deepEqual([account.accountId, account.plan, account.email], ["acct-1", "plus", undefined]);
  const opaque = new Desk([
    json({ access_token: "opaque", refresh_token: "rt_secret_new", expires_in: 3600 }),
  ]);
  assert.deepEqual(await completeSignIn(GRANT, opaque.options), {
    method: "chatgpt",
    state: "valid",
    expiresAt: "2027-01-15T09:00:00.000Z",
    issuer: "https://auth.openai.com",
  });
  assert.deepEqual(opaque.shared.held, {
    type: "oauth",
    refresh: "rt_secret_new",
    access: "opaque",
    expires: NOW + 3_600_000,
  });
});

Deno.test("completeSignIn() replaces whatever was there, a mark and an API key too", async () => {
  const before: readonly (Credentials | undefined)[] = [
    undefined,
    { type: "api", key: "sk-secret" },
    await marked(OLD, "invalid_grant", NOW),
    signIn("elsewhere", NOW, { ...STAND_IN, enterpriseUrl: "https://e.test" }),
  ];
  for (const held of before) {
    const desk = new Desk([json(TOKENS)]);
    desk.shared.held = held;
    await completeSignIn(GRANT, desk.options);
    assert.deepEqual(Object.keys(desk.shared.held ?? {}), [
      "type",
      "refresh",
      "access",
      "expires",
      "accountId",
    ]);
  }
});

Deno.test("completeSignIn() takes only a wanted workspace, where one is wanted", async () => {
  for (const workspaces of [undefined, [], ["acct-1"], ["acct-0", "acct-1"]]) {
    const desk = new Desk([json(TOKENS)], { workspaces });
    assert.equal((await completeSignIn(GRANT, desk.options)).accountId, "acct-1");
  }
  const other = new Desk([json(TOKENS)], { workspaces: ["acct-2", "acct-3"] });
  const error = await failure(completeSignIn(GRANT, other.options), "sign_in_rejected");
  assert.equal(error.message, "The sign-in is for the workspace acct-1, not acct-2 or acct-3");
  assert.match(error.hint ?? "", /--workspace/);
  const unnamed = new Desk([json({ access_token: "opaque", refresh_token: "rt_secret_new" })], {
    workspaces: ["acct-2"],
  });
  const without = await failure(completeSignIn(GRANT, unnamed.options), "sign_in_rejected");
  assert.match(without.message, /names no workspace/);
  for (const desk of [other, unnamed]) assert.equal(desk.shared.held, OLD);
});

const GOOD = json(TOKENS);

// Every way in which a sign-in can fail before it is saved.
const FAILURES: readonly (readonly [
  what: string,
  code: string,
  handlers: readonly Handler[],
  more?: Partial<SignInOptions>,
])[] = [
  ["the code is refused", "sign_in_rejected", [json({ error: "invalid_grant" }, 400)]],
  ["the answer holds no tokens", "sign_in_rejected", [json({})]],
  ["the answer holds no refresh token", "sign_in_rejected", [json({ access_token: ACCESS })]],
  ["the answer is no JSON", "sign_in_rejected", [text("<html>")]],
  ["the issuer is busy", "rate_limit", [text("", 429)]],
  ["the issuer fails", "overloaded", [text("", 500)]],
  ["the connection is lost", "network", [fail("connection reset")]],
  ["nobody answers", "network", [hang()]],
  ["the workspace is another one", "sign_in_rejected", [GOOD], { workspaces: ["acct-2"] }],
];

for (const [what, code, handlers, more] of FAILURES) {
  Deno.test(`completeSignIn() leaves the file byte for byte when ${what}`, async () => {
    await using dir = await TempDir.make();
    const before = ` {"github":{"x":1e2}, "openai": ${JSON.stringify(OLD)} }\r\n`;
    const path = await dir.write("auth.json", before, 0o600);
    const desk = new Desk(handlers, { ...more, store: fileStore(path) });
    const error: unknown = await desk.clock.run(
      completeSignIn(GRANT, desk.options).catch((error) => error),
    );
    assert.ok(isCodexError(error) && error.code === code, String(error));
    assertSilent(error, SECRETS);
    assert.equal(await dir.read("auth.json"), before);
    assert.equal(desk.clock.pending, 0);
    assert.equal(desk.net.requests.length, 1);
  });
}

Deno.test("completeSignIn() keeps other programs' entries when it saves", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", '{"github":{"x":1e2},"openai":{}}', 0o600);
  await dir.write("auth.json", `{"github":{"x":1e2},"openai":${JSON.stringify(OLD)}}`, 0o600);
  const desk = new Desk([GOOD], { store: fileStore(path) });
  await completeSignIn(GRANT, desk.options);
  const after = await dir.read("auth.json");
  assert.match(after, /"github":\s*\{"x":1e2\}/);
  assert.equal(JSON.parse(after).openai.refresh, "rt_secret_new");
});

Deno.test("completeSignIn() leaves the old sign-in when it is cancelled before it is saved", async () => {
  const asking = new Desk([hang()]);
  const work = completeSignIn(GRANT, asking.options);
  const rejected = assert.rejects(work, (error) => error === CANCELLED);
  await asking.clock.advance(1000);
  asking.controller.abort(CANCELLED);
  await rejected;
  assert.equal(asking.shared.held, OLD);
  assert.equal(asking.clock.pending, 0);

  const waiting = new Desk([GOOD]);
  await waiting.shared.locked(async () => {
    const work = completeSignIn(GRANT, waiting.options);
    const rejected = assert.rejects(work, (error) => error === CANCELLED);
    await waiting.clock.advance(1000);
    waiting.controller.abort(CANCELLED);
    await rejected;
  });
  assert.equal(waiting.shared.held, OLD);
  assert.equal(waiting.shared.saves, 0);
});

Deno.test("completeSignIn() leaves the old sign-in when the new one cannot be saved", async () => {
  const desk = new Desk([GOOD]);
  desk.shared.full = true;
  const error = await failure(completeSignIn(GRANT, desk.options), "store_unavailable");
  assertSilent(error, SECRETS);
  assert.equal(desk.shared.held, OLD);
});

// Stores that say they have saved, and give something else afterwards.
const FORGETFUL: readonly (readonly [what: string, later: Credentials | undefined])[] = [
  ["the old sign-in", OLD],
  ["nothing", undefined],
  ["an API key", { type: "api", key: "rt_secret_new" }],
  ["somebody else's sign-in", signIn("else", NOW + DAY)],
];

for (const [what, later] of FORGETFUL) {
  Deno.test(`completeSignIn() does not call it a success when ${what} is read back`, async () => {
    const store: CredentialStore = {
      read: () => Promise.resolve(later),
      update: async (fn) => (await fn(OLD)).value,
    };
    const desk = new Desk([GOOD], { store });
    const error = await failure(completeSignIn(GRANT, desk.options), "store_unavailable");
    assert.match(error.message, /cannot be read back/);
    assertSilent(error, SECRETS);
  });
}

Deno.test("completeSignIn() passes on that what was saved cannot be read", async () => {
  const desk = new Desk([GOOD]);
  desk.shared.damaged = true;
  await failure(completeSignIn(GRANT, desk.options), "store_unavailable");
});

Deno.test("proveStore() changes nothing, and waits for its turn", async () => {
  const desk = new Desk([]);
  const order: string[] = [];
  const locked = desk.shared.locked(async () => {
    await desk.clock.advance(1000);
    order.push("other");
  });
  await Promise.all([locked, proveStore(desk.options).then(() => order.push("proven"))]);
  assert.deepEqual(order, ["other", "proven"]);
  assert.equal(desk.shared.saves, 0);
  assert.equal(desk.shared.held, OLD);
});

Deno.test("proveStore() refuses a store that keeps nothing before anybody is asked", async () => {
  const never = () => Promise.reject(new Error("was updated"));
  const store: CredentialStore = { ...memoryStore(OLD), renewable: false, update: never };
  const error = await failure(proveStore(new Desk([], { store }).options), "invalid_usage");
  assert.equal(exitCodeFor(error), 2);
});

Deno.test("proveStore() tells a store that cannot be used, and ends when it is cancelled", async () => {
  const refused = () => Promise.reject(new CodexError("store_unavailable", "No"));
  const store: CredentialStore = { ...memoryStore(OLD), update: refused };
  await failure(proveStore(new Desk([], { store }).options), "store_unavailable");
  const desk = new Desk([]);
  desk.controller.abort(CANCELLED);
  await assert.rejects(proveStore(desk.options), (error) => error === CANCELLED);
});

Deno.test("saveApiKey() stores the key without the blanks around it, and asks nobody", async () => {
  for (
    const given of ["sk-secret-1", " sk-secret-1\n", "\t\r\nsk-secret-1\r\n\n", "\ufeffsk-secret-1"]
  ) {
    const desk = new Desk([]);
    assert.deepEqual(await saveApiKey(given, desk.options), { method: "api-key", state: "valid" });
    assert.deepEqual(desk.shared.held, { type: "api", key: "sk-secret-1" });
    assert.equal(desk.net.requests.length, 0);
  }
});

Deno.test("saveApiKey() notes the base URL in force where it is another one", async () => {
  const desk = new Desk([], { addresses: STAND_IN });
  await saveApiKey("sk-secret-1", desk.options);
  assert.deepEqual(desk.shared.held, {
    type: "api",
    key: "sk-secret-1",
    baseUrl: STAND_IN.apiBaseUrl,
  });
});

const BAD_KEYS: readonly (readonly [key: string, why: RegExp])[] = [
  ["", /is empty/],
  [" \r\n\t ", /is empty/],
  ["sk-secret-1\nsk-secret-2", /more than one line or word/],
  ["sk-secret 1", /more than one line or word/],
  ["OPENAI_API_KEY = sk-secret-1", /more than one line or word/],
  ["sk-secret-1\u00a0x", /more than one line or word/],
  ["sk-secret-\u00e9", /characters that no key has/],
  ["\u201csk-secret-1\u201d", /characters that no key has/],
  ["sk-secret-1\u0000", /characters that no key has/],
  ["sk-secret-\u001b[31m", /characters that no key has/],
];

for (const [key, why] of BAD_KEYS) {
  Deno.test(`saveApiKey() refuses ${JSON.stringify(key)} and keeps what was there`, async () => {
    const desk = new Desk([]);
    const error = await failure(saveApiKey(key, desk.options), "invalid_usage");
    assert.match(error.message, why);
    assertSilent(error, ["sk-secret"]);
    assert.equal(desk.shared.held, OLD);
    assert.equal(desk.shared.saves, 0);
  });
}

Deno.test("saveApiKey() leaves the old sign-in when the key cannot be saved", async () => {
  const desk = new Desk([]);
  desk.shared.full = true;
  await failure(saveApiKey("sk-secret-1", desk.options), "store_unavailable");
  assert.equal(desk.shared.held, OLD);
  const cancelled = new Desk([]);
  cancelled.controller.abort(CANCELLED);
  await assert.rejects(saveApiKey("sk-secret-1", cancelled.options), (e) => e === CANCELLED);
  assert.equal(cancelled.shared.held, OLD);
});
