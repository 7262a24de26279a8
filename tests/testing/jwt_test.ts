import assert from "node:assert/strict";
import { base64Url, challengeOf, jwt } from "../../src/testing/jwt.ts";
import { claimsOf } from "./client.ts";

Deno.test("challengeOf() gives the challenge of RFC 7636, appendix B", async () => {
  assert.equal(
    await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

Deno.test("base64Url() has neither padding nor the characters that an address cannot hold", () => {
  assert.equal(base64Url(new Uint8Array([251, 255, 191, 0])), "-_-_AA");
});

Deno.test("jwt() has three parts, and its claims survive in any script", () => {
  const claims = { email: "zoë@例え.jp", exp: 1 };
  const token = jwt(claims);
  assert.match(token, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.deepEqual(claimsOf(token), claims);
});
