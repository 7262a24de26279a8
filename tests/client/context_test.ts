import assert from "node:assert/strict";
import { isCodexError } from "../../src/base/errors.ts";
import type { OAuthCredentials } from "../../src/base/credentials.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import { createContext } from "../../src/client/context.ts";
import type { PlaceOptions } from "../../src/client/place.ts";
import { createSimulator } from "../../testing.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { json, ScriptedFetch } from "../support/scripted_fetch.ts";
import { TempDir } from "../support/temp_dir.ts";

const EXPIRED: OAuthCredentials = {
  type: "oauth",
  refresh: "rt_1",
  access: "old",
  expires: 0,
  accountId: "acct-1",
};

function context(options: PlaceOptions, env: Readonly<Record<string, string>> = {}) {
  return createContext({ env: (name) => env[name], ...options });
}

Deno.test("createContext() reads and sends nothing", () => {
  const net = new ScriptedFetch();
  const store = {
    read: () => Promise.reject(new Error("it was read")),
    update: () => Promise.reject(new Error("it was updated")),
  };
  const { session, catalogue } = context({ store, fetch: net.fetch });
  assert.ok(session && catalogue);
  assert.deepEqual(net.requests, []);
});

Deno.test("createContext() gives session and catalogue the same store, fetch and clock", async () => {
  const simulator = createSimulator();
  await using _ = simulator;
  const { fetch, store, clock } = simulator;
  const { session, catalogue } = context({ fetch, store, clock });
  const before = store.snapshot();
  const { renewed } = await session.refresh({ force: true });
  assert.equal(renewed, true);
  assert.notDeepEqual(store.snapshot(), before);
  const models = await catalogue.list();
  assert.equal(models[0]?.source, "account");
  assert.deepEqual(simulator.requests.map(({ route }) => route), ["refresh", "models"]);
});

Deno.test("createContext() says who it is in each request, and takes another name", async () => {
  const CASES: readonly (readonly [PlaceOptions, Readonly<Record<string, string>>, string])[] = [
    [{}, {}, "codex_deno"],
    [{}, { CODEX_ORIGINATOR: "from_env" }, "from_env"],
    [{ originator: "mine" }, { CODEX_ORIGINATOR: "from_env" }, "mine"],
  ];
  for (const [options, env, expected] of CASES) {
    const net = new ScriptedFetch(json({ access_token: "new", expires_in: 864_000 }));
    const made = context({
      store: memoryStore(EXPIRED),
      fetch: net.fetch,
      clock: new ManualClock(),
      ...options,
    }, env);
    await made.session.authorize();
    assert.equal(made.originator, expected);
    assert.equal(net.request(0).headers.get("originator"), expected);
    assert.match(net.request(0).headers.get("user-agent") ?? "", new RegExp(`^${expected}/`));
  }
});

Deno.test("createContext() refuses a name that would break a header, and does not repeat it", () => {
  for (const originator of ["two words", "line\nbreak", "ünicode", "x".repeat(65)]) {
    assert.throws(
      () => context({ store: memoryStore(), originator }),
      (error) => isCodexError(error, "invalid_usage") && !error.message.includes(originator),
    );
  }
});

Deno.test("createContext() names the client's version as told", async () => {
  for (
    const [env, expected] of [[{}, /^\d+\.\d+\.\d+$/], [
      { CODEX_CLIENT_VERSION: "9.8.7" },
      /^9\.8\.7$/,
    ]] as const
  ) {
    await using simulator = createSimulator();
    const { fetch, store, clock } = simulator;
    await context({ fetch, store, clock }, env).catalogue.list();
    assert.match(simulator.requests[0]?.query["client_version"] ?? "", expected);
  }
});

Deno.test("createContext() keeps the model list beside the file, and nowhere for another store", async () => {
  await using dir = await TempDir.make();
  await using simulator = createSimulator();
  const { fetch, store, clock } = simulator;
  const authFile = await dir.write(
    "auth.json",
    JSON.stringify({ openai: simulator.signIn() }),
    0o600,
  );
  await context({ fetch, authFile, clock }).catalogue.list();
  assert.deepEqual(await dir.list(), ["auth.json", "auth.models.json"]);
  const other = context({ fetch, store, clock });
  await other.catalogue.list();
  await other.catalogue.list();
  assert.equal(simulator.requestsTo("models").length, 2, "the second time from memory");
});

Deno.test("createContext() passes warnings on", async () => {
  const warnings: string[] = [];
  const clock = new ManualClock();
  const { session } = context({
    store: memoryStore({ ...EXPIRED, expires: clock.now() + 60_000 }),
    fetch: new ScriptedFetch(json({})).fetch,
    clock,
    onWarning: (message) => void warnings.push(message),
  });
  await session.authorize();
  assert.match(warnings.join(), /^The sign-in could not be renewed yet: /);
});
