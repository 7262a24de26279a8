import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { isCodexError } from "../../src/base/errors.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import { placeOf, type PlaceOptions } from "../../src/client/place.ts";
import { PRODUCTION } from "../../src/protocol/endpoints.ts";
import { ManualClock } from "../support/manual_clock.ts";

function place(options: PlaceOptions = {}, env: Readonly<Record<string, string>> = {}) {
  const set: Readonly<Record<string, string>> = { HOME: "/home/ada", ...env };
  return placeOf({ env: (name) => set[name], ...options });
}

/** The message of the `invalid_usage` error that a place is refused with. */
function refusal(options: PlaceOptions, env: Readonly<Record<string, string>> = {}): string {
  try {
    place(options, env);
  } catch (error) {
    if (isCodexError(error, "invalid_usage")) return error.message;
    throw error;
  }
  assert.fail("it was not refused");
}

Deno.test("placeOf() is the command's own place by default", () => {
  const { path, addresses, profile, clock, store } = place({}, { XDG_DATA_HOME: "/data" });
  assert.equal(path, "/data/codex/auth.json");
  assert.deepEqual(addresses, PRODUCTION);
  assert.equal(profile, "default");
  assert.equal(clock, systemClock);
  assert.equal(store.origin, "file");
});

Deno.test("placeOf() takes addresses from the options, then from the environment", () => {
  const env = { CODEX_ISSUER_URL: "https://env.test/", CODEX_BASE_URL: "http://127.0.0.1:1/b/" };
  assert.deepEqual(place({ issuer: new URL("https://option.test") }, env).addresses, {
    issuer: "https://option.test",
    baseUrl: "http://127.0.0.1:1/b",
    apiBaseUrl: PRODUCTION.apiBaseUrl,
  });
});

Deno.test("placeOf() names the variable or the option that holds a bad address", () => {
  assert.match(
    refusal({}, { CODEX_BASE_URL: "http://example.com" }),
    /^CODEX_BASE_URL must be https/,
  );
  assert.match(refusal({ issuer: "ftp://a.test" }), /^(The option )?issuer must be https/);
  const secret = refusal({}, { CODEX_ISSUER_URL: "https://ada:pass@a.test" });
  assert.match(secret, /^CODEX_ISSUER_URL must not carry a user or password$/);
});

Deno.test("placeOf() tells of a bad address before it looks for a file", () => {
  const nowhere = () => undefined;
  assert.throws(
    () => placeOf({ env: nowhere, baseUrl: "x" }),
    (error) => isCodexError(error, "invalid_usage") && /baseUrl/.test(error.message),
  );
  assert.throws(
    () => placeOf({ env: nowhere }),
    (error) => isCodexError(error, "invalid_usage") && /HOME is not set/.test(error.message),
  );
});

Deno.test("placeOf() takes the profile from the options, then from CODEX_PROFILE", () => {
  assert.equal(place({}, { CODEX_PROFILE: "work" }).profile, "work");
  assert.equal(place({ profile: "home" }, { CODEX_PROFILE: "work" }).profile, "home");
  assert.match(refusal({ profile: "a/b" }), /"a\/b" cannot be the name of a profile/);
});

Deno.test("placeOf() with the caller's store ignores every sign-in of the environment", async () => {
  const store = memoryStore({ type: "api", key: "sk-own" });
  const chosen = place({ store }, {
    CODEX_ACCESS_TOKEN: "at-whatever",
    CODEX_AUTH_JSON: "no JSON",
    CODEX_AUTH_FILE: "/named.json",
    CODEX_API_KEY: "sk-1",
  });
  assert.equal(chosen.path, undefined);
  assert.deepEqual(await chosen.store.read(), { type: "api", key: "sk-own" });
});

Deno.test("placeOf() hands clock, environment and warnings on", () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const onWarning = (message: string) => void told.push(message);
  const env = (name: string) => (name === "HOME" ? "/home/ada" : undefined);
  const chosen = placeOf({ clock, onWarning, env });
  assert.deepEqual([chosen.clock, chosen.env], [clock, env]);
  chosen.onWarning?.("one");
  assert.deepEqual(told, ["one"]);
});

Deno.test("placeOf() has a listener for warnings that cannot fail", () => {
  const told: string[] = [];
  const { onWarning } = place({
    onWarning(message) {
      told.push(message);
      throw new Error("no terminal");
    },
  });
  assert.doesNotThrow(() => onWarning?.("one"));
  assert.deepEqual(told, ["one"]);
});
