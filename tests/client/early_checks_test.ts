import assert from "node:assert/strict";
import { isCodexError } from "../../src/base/errors.ts";
import { memoryStore } from "../../src/base/memory_store.ts";
import { checkFetch, originatorOf, profileOf, settled } from "../../src/client/early_checks.ts";
import { createClient } from "../../mod.ts";

const NOTHING = () => undefined;

Deno.test("settled() decides addresses, profile and originator, and keeps the rest", () => {
  const store = memoryStore();
  const options = settled({ store, baseUrl: "http://127.0.0.1:1/" });
  assert.equal(options.store, store);
  assert.equal(options.baseUrl, "http://127.0.0.1:1");
  assert.equal(options.issuer, "https://auth.openai.com");
  assert.deepEqual([options.profile, options.originator], ["default", "codex_deno"]);
});

Deno.test("createClient() throws at once for options that are no good", () => {
  const notAFunction: unknown = "fetch";
  for (
    const options of [
      { baseUrl: "ftp://host" },
      { issuer: "http://example.com" },
      { profile: "a b" },
      { originator: "two words" },
      { fetch: notAFunction as typeof fetch },
    ]
  ) {
    assert.throws(() => createClient(options), (error) => isCodexError(error, "invalid_usage"));
  }
});

Deno.test("profileOf() leaves the profile alone where the store is the caller's", () => {
  assert.equal(profileOf({ profile: "a b", store: memoryStore() }, NOTHING), "a b");
  assert.equal(profileOf({}, (name) => name === "CODEX_PROFILE" ? "work" : undefined), "work");
});

Deno.test("originatorOf() takes the option before the environment", () => {
  assert.equal(originatorOf({ originator: "mine" }, () => "theirs"), "mine");
  assert.equal(originatorOf({}, () => "theirs"), "theirs");
});

Deno.test("checkFetch() lets a function through, and nothing at all", () => {
  checkFetch({});
  checkFetch({ fetch });
});
