import assert from "node:assert/strict";
import type { Credentials, CredentialStore } from "../../src/base/credentials.ts";
import { systemClock } from "../../src/base/clock.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import { isCodexError } from "../../src/base/errors.ts";
import {
  chooseStore,
  SIGN_IN_VARIABLES,
  type StoreChoiceOptions,
} from "../../src/client/store_choice.ts";
import { TempDir } from "../support/temp_dir.ts";

const TOKEN = "a.bearer.token";
const JSON_SIGN_IN = JSON.stringify({ type: "oauth", refresh: "rt_1", access: "a", expires: 1 });
const EVERYTHING = {
  CODEX_AUTH_FILE: "/named/auth.json",
  CODEX_ACCESS_TOKEN: TOKEN,
  OPENAI_API_KEY: "sk-1",
};

/** Chooses with a home and nothing else, unless told. */
function choose(
  options: Partial<StoreChoiceOptions> = {},
  env: Readonly<Record<string, string>> = {},
) {
  const set: Readonly<Record<string, string>> = { HOME: "/home/ada", ...env };
  return chooseStore({
    profile: "default",
    env: (name) => set[name],
    clock: systemClock,
    onWarning: undefined,
    ...options,
  });
}

/** Reads a store, or gives the failure's message. */
async function said(store: CredentialStore): Promise<string> {
  try {
    await store.read();
  } catch (error) {
    if (isCodexError(error)) return error.message;
    throw error;
  }
  assert.fail("it could be read");
}

Deno.test("chooseStore() takes the caller's own store before everything else", async () => {
  const store = memoryStore({ type: "api", key: "sk-own" });
  const chosen = choose({ store, auth: "codex-cli", authFile: "x", rotateTo: "y" }, EVERYTHING);
  assert.deepEqual(await chosen.store.read(), { type: "api", key: "sk-own" });
  await chosen.store.update(() => Promise.resolve({ next: undefined, value: undefined }));
  assert.equal(store.snapshot(), undefined);
  assert.equal(chosen.path, undefined);
});

Deno.test("chooseStore() takes the command's own file when nothing else is asked for", () => {
  const { store, path } = choose({}, { XDG_DATA_HOME: "/data", OPENAI_API_KEY: "sk-1" });
  assert.equal(path, "/data/codex/auth.json");
  assert.equal(store.origin, "file");
  assert.equal(choose({}, { CODEX_AUTH_FILE: "/named.json" }).path, "/named.json");
  assert.equal(choose({ authFile: "./mine.json" }).path, "./mine.json");
});

Deno.test("chooseStore() takes a sign-in of the environment before the file of the environment", async () => {
  for (const env of [{ CODEX_ACCESS_TOKEN: TOKEN }, { CODEX_AUTH_JSON: JSON_SIGN_IN }]) {
    const { store, path } = choose({}, { CODEX_AUTH_FILE: "/named.json", ...env });
    assert.equal(store.origin, "environment");
    assert.equal(store.renewable, false);
    assert.equal(path, undefined, "nothing is kept beside it");
    assert.equal((await store.read())?.type, "oauth");
  }
});

Deno.test("chooseStore() takes the file that is named before a sign-in of the environment", () => {
  const { store, path } = choose({ authFile: "/mine.json" }, EVERYTHING);
  assert.deepEqual([store.origin, path], ["file", "/mine.json"]);
});

Deno.test("chooseStore() keeps to the file for whoever changes it", () => {
  const { store, path } = choose({ fileOnly: true }, EVERYTHING);
  assert.deepEqual([store.origin, path], ["file", "/named/auth.json"]);
});

Deno.test("chooseStore() does not take blanks in a variable for a sign-in", () => {
  for (const name of SIGN_IN_VARIABLES) {
    assert.equal(choose({}, { [name]: " \n" }).store.origin, "file");
  }
});

Deno.test("chooseStore() borrows the official tool's sign-in by name alone", async () => {
  assert.equal(choose({}, { CODEX_HOME: "/codex" }).store.origin, "file");
  const { store, path } = choose({ auth: "codex-cli" }, {
    ...EVERYTHING,
    CODEX_HOME: "/none/such",
  });
  assert.deepEqual([store.origin, store.renewable, path], ["codex-cli", false, undefined]);
  assert.equal(await said(store), 'The official tool has no sign-in in "/none/such/auth.json"');
});

Deno.test("chooseStore() takes an API key of the environment by name alone", async () => {
  const key = async (env: Readonly<Record<string, string>>): Promise<Credentials | undefined> =>
    await choose({ auth: "api-key" }, env).store.read();
  assert.deepEqual(await key({ OPENAI_API_KEY: "sk-1" }), { type: "api", key: "sk-1" });
  assert.deepEqual(await key({ OPENAI_API_KEY: "sk-1", CODEX_API_KEY: "sk-2" }), {
    type: "api",
    key: "sk-2",
  });
  const { store } = choose({ auth: "api-key" });
  assert.equal(await said(store), "There is no API key in the environment");
  assert.equal(store.renewable, false);
  await assert.rejects(store.update((current) => Promise.resolve({ next: current, value: 1 })));
});

Deno.test("chooseStore() gives a sign-in of the environment a place for the renewed one", async () => {
  await using dir = await TempDir.make();
  const rotateTo = dir.join("rotated.json");
  const { store, path } = choose({ rotateTo }, { CODEX_AUTH_JSON: JSON_SIGN_IN });
  assert.deepEqual([store.origin, store.renewable, path], ["environment", true, undefined]);
  assert.deepEqual(await dir.list(), [], "nothing is made beforehand");
  const next: Credentials = { type: "oauth", refresh: "rt_2", access: "b", expires: 2 };
  await store.update(() => Promise.resolve({ next, value: undefined }));
  assert.equal(JSON.parse(await dir.read("rotated.json")).openai.refresh, "rt_2");
});

const EXCLUDED: readonly (readonly [options: Partial<StoreChoiceOptions>, said: RegExp])[] = [
  [{ auth: "codex-cli", authFile: "a" }, /^--auth codex-cli and --auth-file exclude each other$/],
  [{ auth: "api-key", rotateTo: "a" }, /^--auth api-key and --rotate-to exclude each other$/],
  [{ authFile: "a", rotateTo: "b" }, /^--auth-file and --rotate-to exclude each other$/],
];

for (const [options, said] of EXCLUDED) {
  Deno.test(`chooseStore() refuses to choose between ${Object.keys(options).join(" and ")}`, () => {
    assert.throws(
      () => choose(options, { CODEX_AUTH_JSON: JSON_SIGN_IN }),
      (error) => isCodexError(error, "invalid_usage") && said.test(error.message),
    );
  });
}

Deno.test("chooseStore() refuses to rotate where there is no whole sign-in", () => {
  for (const env of [{}, { CODEX_ACCESS_TOKEN: TOKEN }]) {
    assert.throws(
      () => choose({ rotateTo: "a" }, env),
      (error) => isCodexError(error, "invalid_usage") && /CODEX_AUTH_JSON/.test(error.hint ?? ""),
    );
  }
});

Deno.test("chooseStore() refuses a name that cannot be a profile", () => {
  assert.throws(() => choose({ profile: "a b" }), (error) => isCodexError(error, "invalid_usage"));
});
