import assert from "node:assert/strict";
import { changedMeanwhile, isOverruled } from "../../../src/auth/store/conflict.ts";
import type { FileState } from "../../../src/auth/store/state.ts";
import type { Credentials } from "../../../src/base/credentials.ts";
import { signIn } from "./support.ts";

function state(credentials: Credentials | undefined): FileState {
  const raw = credentials && JSON.stringify(credentials);
  return { text: raw ?? "", credentials, raw };
}

const { accountId: _, ...nameless } = signIn(1);
const other = { ...signIn(5), accountId: "acct-2" };
const key: Credentials = { type: "api", key: "sk-example" };

const CASES: readonly (readonly [
  what: string,
  before: Credentials | undefined,
  now: Credentials | undefined,
  next: Credentials | undefined,
  overruled: boolean,
])[] = [
  ["nobody has changed it", signIn(1), signIn(1), signIn(2), false],
  ["there was none and is none", undefined, undefined, signIn(2), false],
  ["the spent token was copied back", signIn(1), signIn(0), signIn(2), false],
  ["somebody renewed it too", signIn(1), signIn(3), signIn(2), false],
  [
    "somebody renewed it, and we only mark it",
    signIn(1),
    signIn(3),
    { ...signIn(1), expires: 9 },
    true,
  ],
  ["somebody renewed it, and we remove it", signIn(1), signIn(3), undefined, true],
  ["another account was signed in", signIn(1), other, signIn(2), true],
  ["it was signed out", signIn(1), undefined, signIn(2), true],
  ["somebody signed in where nobody was", undefined, other, signIn(2), true],
  ["an API key was stored", signIn(1), key, signIn(2), true],
  ["we sign in another account", signIn(1), signIn(3), other, true],
  [
    "no account is known",
    nameless,
    { ...nameless, refresh: "x" },
    { ...nameless, refresh: "y" },
    true,
  ],
];

for (const [what, before, now, next, overruled] of CASES) {
  Deno.test(`isOverruled() is ${overruled} when ${what}`, () => {
    assert.equal(isOverruled(state(before), state(now), next), overruled);
  });
}

Deno.test("changedMeanwhile() tells a removed entry from a changed one", () => {
  assert.match(changedMeanwhile("/a", state(undefined)).message, /has removed .* "\/a"/);
  assert.match(changedMeanwhile("/a", state(other)).message, /has changed .* "\/a"/);
});
