import assert from "node:assert/strict";
import { inspect } from "node:util";
import { withMaskedInspect } from "../../src/base/masked.ts";
import type { Credentials } from "../../src/base/credentials.ts";

const OAUTH: Credentials = {
  type: "oauth",
  refresh: "rt_secret_refresh",
  access: "secret-access",
  expires: 1_800_000_000_000,
  accountId: "acct-1",
};
const KEY: Credentials = { type: "api", key: "sk-secret" };

Deno.test("withMaskedInspect() shows everything but the secrets, in Deno and in Node", () => {
  for (const credentials of [OAUTH, KEY]) {
    const masked = withMaskedInspect(credentials);
    for (const shown of [Deno.inspect(masked), inspect(masked), Deno.inspect({ deep: [masked] })]) {
      assert.ok(!shown.includes("secret"), shown);
      assert.ok(shown.includes("***") && shown.includes(credentials.type), shown);
    }
  }
  assert.match(Deno.inspect(withMaskedInspect(OAUTH)), /acct-1/);
});

Deno.test("withMaskedInspect() leaves JSON, cloning, spreading and comparing alone", () => {
  for (const credentials of [OAUTH, KEY]) {
    const masked = withMaskedInspect(credentials);
    assert.notEqual(masked, credentials);
    assert.deepEqual(masked, credentials);
    assert.deepEqual(Object.keys(masked), Object.keys(credentials));
    assert.equal(JSON.stringify(masked), JSON.stringify(credentials));
    assert.deepEqual(structuredClone(masked), credentials);
    assert.deepEqual({ ...masked }, credentials);
  }
});

Deno.test("withMaskedInspect() leaves the credentials that it is given as they are", () => {
  withMaskedInspect(OAUTH);
  assert.deepEqual(Object.getOwnPropertySymbols(OAUTH), []);
});
