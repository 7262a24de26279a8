import assert from "node:assert/strict";
import {
  checkCredentials,
  checkUpdate,
  credentialsProblem,
} from "../../src/base/credential_check.ts";
import { CodexError } from "../../src/base/errors.ts";

const OAUTH = { type: "oauth", refresh: "r", access: "a", expires: 1 };
const KEY = { type: "api", key: "sk-0123456789" } as const;

Deno.test("credentialsProblem() finds none in a sign-in, with members of others or null ones", () => {
  for (const one of [OAUTH, KEY, { ...OAUTH, more: 1 }, { ...OAUTH, accountId: null }]) {
    assert.equal(credentialsProblem(one), undefined);
  }
});

Deno.test("credentialsProblem() says what is wrong, and never the value", () => {
  const told = [
    "sk-0123456789",
    null,
    [KEY],
    {},
    { openai: OAUTH },
    { type: "api" },
    { ...OAUTH, access: 6 },
    { ...OAUTH, expires: NaN },
    { ...OAUTH, expires: "2027" },
    { ...KEY, baseUrl: 5 },
  ].map(credentialsProblem);
  assert.deepEqual(told, [
    "it is no object",
    "it is no object",
    "it is no object",
    'its type is neither "oauth" nor "api"',
    'its type is neither "oauth" nor "api"',
    'its "key" is no text',
    'its "access" is no text',
    'its "expires" is no number',
    'its "expires" is no number',
    'its "baseUrl" is no text',
  ]);
});

Deno.test("checkCredentials() names what was given", () => {
  assert.throws(() => checkCredentials("x", "The thing"), (error) => {
    assert.ok(error instanceof CodexError);
    assert.deepEqual([error.code, error.message], [
      "invalid_usage",
      "The thing is no sign-in: it is no object",
    ]);
    return true;
  });
});

Deno.test("checkUpdate() refuses what nobody can keep, and lets no change be", () => {
  checkUpdate({ next: undefined, value: 1 }, KEY);
  checkUpdate({ next: KEY, value: 1 }, undefined);
  for (
    const decided of [undefined, null, 5, { value: 1 }, { next: 5, value: 1 }, {
      next: null,
      value: 1,
    }]
  ) {
    assert.throws(() => checkUpdate(decided, KEY), { code: "invalid_usage" });
  }
});
